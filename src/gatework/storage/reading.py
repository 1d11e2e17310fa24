"""Opening a file to read it, with errors that say why it cannot be read."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gatework.errors import InputFileError, nearest


@contextlib.contextmanager
def open_to_read(path: str | os.PathLike[str]) -> Iterator[tuple[BinaryIO, int]]:
    """Open an ordinary file and tell its size in bytes.

    Raises:
        InputFileError: when there is none, it is a folder or a device, may not be read, or does
            not fit into memory.

    Example:
        >>> with open_to_read(__file__) as (file, size):
        ...     len(file.read()) == size
        True
    """
    name = os.fspath(path)
    if "\0" in name:
        raise InputFileError(f"{name!r} is not the name of a file")
    try:
        mode = Path(path).stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputFileError(f"{name} is a folder, expected a file")
        if not stat.S_ISREG(mode):  # a pipe or a device may never end
            raise InputFileError(f"{name} is not an ordinary file")
        with Path(path).open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except InputFileError:
        raise
    except FileNotFoundError as error:
        raise InputFileError(f"there is no file {name}", hint=_where(Path(path))) from error
    except OSError as error:
        raise InputFileError(f"{name} cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise InputFileError(f"{name} cannot be read: it does not fit into memory") from error


def beside(path: Path) -> Path | None:
    """Return the path in the same folder whose name is most like the one of this path."""
    with contextlib.suppress(OSError):
        others = (one for one in path.parent.iterdir() if one != path)
        alike = (one.name for one in others if not path.suffix or one.is_file())
        found = nearest(path.name, alike)
        return None if found is None else path.with_name(found)
    return None


def _where(path: Path) -> str:
    found = beside(path)
    return "check the name and the folder" if found is None else f"did you mean {found}?"
