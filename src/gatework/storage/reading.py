"""The one way to open what a user names, with errors that say why it cannot be read.

A file is opened at once or refused as what it is: a device may never end, and a pipe into which
nobody writes never begins.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from gatework.errors import InputFileError, nearest
from gatework.storage.limits import check_memory, read_whole
from gatework.system import descriptors
from gatework.system.names import AnyPath, beyond_home

PATIENCE = 1.0
"""Seconds to wait for a writer of a pipe."""
_KINDS = (
    (stat.S_ISCHR, "a device, which is not an ordinary file"),
    (stat.S_ISBLK, "a device, which is not an ordinary file"),
    (stat.S_ISSOCK, "a socket, which is not an ordinary file"),
    (stat.S_ISFIFO, "a pipe, which is not an ordinary file"),
)


@contextlib.contextmanager
def open_to_read(path: AnyPath, *, pipes: bool = False) -> Iterator[tuple[BinaryIO, int]]:
    """Open an ordinary file and tell its size in bytes, 0 of a pipe.

    Args:
        path: of the file.
        pipes: whether it may be a pipe, which is read once from its beginning to its end.

    Raises:
        InputFileError: when there is none, it is a folder, a device or a pipe into which nobody
            writes, may not be read, or does not fit into memory.

    Example:
        >>> with open_to_read(__file__) as (file, size):
        ...     len(file.read()) == size
        True
    """
    name = os.fsdecode(path)
    if "\0" in name:
        raise InputFileError(f"{name!r} is not the name of a file")
    try:
        with _opened(Path(name), name, pipes) as file:
            yield file, os.fstat(file.fileno()).st_size
    except InputFileError:
        raise
    except FileNotFoundError as error:
        raise InputFileError(f"there is no file {name}", hint=_where(Path(name))) from error
    except OSError as error:
        raise InputFileError(f"{name} cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise InputFileError(f"{name} cannot be read: it does not fit into memory") from error


def read_bytes(path: AnyPath, *, pipes: bool = False) -> bytes:
    """Return what a file holds, as far as memory that is allowed takes it; see open_to_read.

    Raises:
        InputFileError: as open_to_read, or when it is larger.
    """
    name = os.fsdecode(path)
    with open_to_read(name, pipes=pipes) as (file, size):
        check_memory(name, size)
        return read_whole(file, name)


def refuse_special(path: AnyPath) -> None:
    """Refuse a device, a socket or a pipe as what it is, before anything else is said of it.

    Raises:
        InputFileError: it is one.
    """
    name = os.fsdecode(path)
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError, ValueError):
        _refuse_special(Path(name).stat().st_mode, name)


def passed_over(paths: Iterable[Path]) -> str:
    """Return what of some paths is neither a file nor a folder, in words; nothing where all are."""
    found = [(path.name, what) for path in paths if (what := _special(path))]
    said = [f"'{name}' ({what})" for name, what in sorted(found)]
    return ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")


def _special(path: Path) -> str:
    try:
        mode = path.stat().st_mode
    except OSError:
        return "a link to what is not there" if path.is_symlink() else ""
    return next((told.partition(",")[0] for is_kind, told in _KINDS if is_kind(mode)), "")


def _refuse_special(mode: int, name: str) -> None:
    for is_kind, told in _KINDS:
        if is_kind(mode):
            raise InputFileError(f"{name} is {told}")


def _opened(path: Path, name: str, pipes: bool) -> BinaryIO:
    """Open a file by what it is, which is looked at before it is opened."""
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InputFileError(f"{name} is a folder, expected a file")
    if not (pipes and stat.S_ISFIFO(mode)):
        _refuse_special(mode, name)
        return path.open("rb")
    file = descriptors.open_pipe(path, PATIENCE)
    if file is None:
        raise InputFileError(
            f"{name} is a pipe into which nobody writes", hint="begin what writes into it before"
        )
    return file


def beside(path: Path) -> Path | None:
    """Return the path in the same folder whose name is most like the one of this path."""
    with contextlib.suppress(OSError):
        others = (one for one in path.parent.iterdir() if one != path)
        alike = (one.name for one in others if not path.suffix or one.is_file())
        found = nearest(path.name, alike)
        return None if found is None else path.with_name(found)
    return None


def _where(path: Path) -> str:
    found = beyond_home(path) or beside(path)
    return "check the name and the folder" if found is None else f"did you mean {found}?"
