"""Files by their descriptors: what is written is what is there, byte by byte, on every system."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

from gatework.system import windows


def create(path: Path) -> int:
    """Open a file to write to that may not be there yet."""
    return _open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)


def create_or_open(path: Path) -> int:
    """Open a file to read and to write, made where there is none."""
    return _open(path, os.O_RDWR | os.O_CREAT)


def append(path: Path, *, new: bool) -> int:
    """Open a file to add to its end: one that may not be there yet, or one that is there."""
    return _open(path, os.O_WRONLY | os.O_APPEND | (os.O_CREAT | os.O_EXCL if new else 0))


def follow(path: Path) -> int:
    """Open a file to read that others may rename and remove meanwhile."""
    return windows.open_shared(path) if sys.platform == "win32" else _open(path, os.O_RDONLY)


def permit(descriptor: int, path: Path, permissions: int) -> None:
    """Set who may do what with an open file."""
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, permissions)
    else:  # Windows before Python 3.13
        path.chmod(permissions)


def is_ready(descriptor: int, seconds: float) -> bool:
    """Wait so long for more to read, or the end; tell whether it came, as far as is known."""
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    except (OSError, ValueError):  # Windows asks no pipes
        return False


def _open(path: Path, flags: int) -> int:
    # Windows writes two bytes for each that ends a line, unless told otherwise.
    return os.open(path, flags | getattr(os, "O_BINARY", 0), 0o666)
