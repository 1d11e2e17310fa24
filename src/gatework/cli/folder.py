"""The folder that a command writes its results into, without losing anything of the user's."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from gatework.errors import GateworkError, OutputError
from gatework.storage import atomic_write


@dataclass(frozen=True)
class OutputFolder:
    """A folder for results, and whether it was made for this run."""

    path: Path
    made: bool

    def file(self, name: str) -> Path:
        """Return the path of a result."""
        return self.path / name

    def write(self, name: str, content: str | bytes) -> str:
        """Write a result, and return its path."""
        path = self.file(name)
        atomic_write(path, content.encode() if isinstance(content, str) else content)
        return str(path)

    @contextlib.contextmanager
    def withdrawn(self) -> Iterator[None]:
        """Remove the folder if what is done inside fails; it was made for this run and is empty."""
        try:
            yield
        except (GateworkError, KeyboardInterrupt):
            if self.made:
                with contextlib.suppress(OSError):
                    self.path.rmdir()
            raise


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
    with _told(path, "--out OTHER_FOLDER"):
        path.mkdir(parents=True, exist_ok=True)
        _probe(path)
    return OutputFolder(path, made)


def check_files(
    written: Mapping[str, str | None],
    taken: Mapping[str, str | None],
    *,
    overwrite: bool,
    replaceable: bool = True,
) -> None:
    """Check, before long work, that files of results can be written and nothing is lost.

    Args:
        written: paths by the option that names them, or by what they are; None where none is given.
        taken: paths that are read, likewise.
        overwrite: whether files that are named by options may be there already.
        replaceable: whether the command has --overwrite.

    Raises:
        OutputError: when one of them is another one or one that is read, when something is there
            already, or when a folder cannot be written.
    """
    for name, path in written.items():
        if path is not None and name.startswith("-"):
            _check_file(path, name, overwrite=overwrite, replaceable=replaceable)
    known = {Path(path).resolve(): name for name, path in taken.items() if path}
    for name, path in written.items():
        other = name if path is None else known.setdefault(Path(path).resolve(), name)
        if other != name:
            cure = name if name.startswith("-") else other
            raise OutputError(
                f"{name} and {other} are the same file, {path!r}", hint=f"{cure} OTHER_FILE"
            )


def _check_file(out: str, option: str, *, overwrite: bool, replaceable: bool) -> None:
    path = Path(out)
    if overwrite and path.is_dir():
        raise OutputError(f"{out} is a folder, expected the name of a file", hint=f"{option} FILE")
    if not out.strip() or (os.path.lexists(path) and not overwrite):
        what = "exists already and was kept" if out.strip() else "is no name of a file"
        replace = "; --overwrite to replace it" if replaceable and path.is_file() else ""
        raise OutputError(f"{out!r} {what}", hint=f"{option} OTHER_FILE{replace}")
    with _told(path, f"{option} OTHER_FILE"):
        _probe(path.parent)


def _probe(folder: Path) -> None:
    """Write into a folder and leave nothing there."""
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"x")


@contextlib.contextmanager
def _told(path: Path, hint: str) -> Iterator[None]:
    """Tell of what goes wrong inside as of a path that cannot be written."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}", hint=hint
        ) from error


def _free(name: str) -> Path:
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return Path(next(one for one in names if not os.path.lexists(one)))
