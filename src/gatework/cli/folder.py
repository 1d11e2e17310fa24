"""The folder that a command writes its results into, without losing anything of the user's."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gatework.errors import OutputError


@dataclass(frozen=True)
class OutputFolder:
    """A folder for results, and whether it was made for this run."""

    path: Path
    made: bool

    def file(self, name: str) -> Path:
        """Return the path of a result."""
        return self.path / name

    def withdraw(self) -> None:
        """Remove the folder again if it was made for this run and is still empty."""
        if self.made:
            with contextlib.suppress(OSError):
                self.path.rmdir()


def choose_folder(
    out: str | None, series_name: str, *, overwrite: bool, resume: bool
) -> OutputFolder:
    """Return the folder to write into, made and known to be writable.

    Without ``out`` a free name ``gatework-SERIES`` is taken in the current folder, with ``-2``,
    ``-3`` and so on where it is taken.

    Raises:
        OutputError: when ``out`` holds something and neither ``overwrite`` nor ``resume`` is
            given, is a file, or cannot be written.
    """
    if out is None:
        path = _free(re.sub(r"[^\w.-]+", "-", f"gatework-{series_name}").strip("-.")[:80])
    else:
        path = Path(out)
        if path.exists() and not path.is_dir():
            raise OutputError(f"{out} is a file, expected a folder", hint="--out OTHER_FOLDER")
        if path.is_dir() and any(path.iterdir()) and not (overwrite or resume):
            raise OutputError(
                f"{out} holds files already and was kept",
                hint="--overwrite, --resume, or --out OTHER_FOLDER",
            )
    made = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(b"x")
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}", hint="--out OTHER_FOLDER"
        ) from error
    return OutputFolder(path, made)


def check_new_file(out: str, option: str = "--out", *, replaceable: bool = True) -> None:
    """Check, before long work, that a file of results can be written and nothing is lost.

    Args:
        out: the file.
        option: that named it, for the hint.
        replaceable: whether the command has --overwrite.

    Raises:
        OutputError: when something is there already, or its folder cannot be written.
    """
    path = Path(out)
    if not out.strip() or os.path.lexists(path):
        what = "exists already and was kept" if out.strip() else "is no name of a file"
        replace = "; --overwrite to replace it" if replaceable and path.is_file() else ""
        raise OutputError(f"{out!r} {what}", hint=f"{option} OTHER_FILE{replace}")
    try:
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            probe.write(b"x")
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}", hint=f"{option} OTHER_FILE"
        ) from error


def check_apart(written: Mapping[str, str | None], taken: Mapping[str, str | None]) -> None:
    """Check that no file that is written is another one, or one that is read.

    Args:
        written: paths by the option that names them; None where it was not given.
        taken: paths that are read, likewise.

    Raises:
        OutputError: when two are the same file.

    Example:
        >>> check_apart({"--out": "a.safetensors", "--report": "a.html"}, {"DATA": "a.csv"})
    """
    known = {Path(path).resolve(): name for name, path in taken.items() if path}
    for name, path in written.items():
        if not path:
            continue
        other = known.setdefault(Path(path).resolve(), name)
        if other != name:
            cure = name if name.startswith("-") else other
            raise OutputError(
                f"{name} and {other} are the same file, {path!r}", hint=f"{cure} OTHER_FILE"
            )


def _free(name: str) -> Path:
    if not os.path.lexists(name):
        return Path(name)
    number = 2
    while os.path.lexists(f"{name}-{number}"):
        number += 1
    return Path(f"{name}-{number}")
