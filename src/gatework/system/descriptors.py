"""Files by their descriptors: what is written is what is there, byte by byte, on every system."""

from __future__ import annotations

import os
import select
import sys
import time
from io import BufferedReader, FileIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

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


def open_pipe(path: Path, seconds: float) -> BinaryIO | None:
    """Open a pipe by its name to read; None where nobody has begun to write into it by then."""
    descriptor = _open(path, os.O_RDONLY | os.O_NONBLOCK)
    until = time.monotonic() + seconds
    while True:
        try:
            begin = os.read(descriptor, 1)
        except BlockingIOError:  # somebody writes, who has nothing to say yet
            begin = None
        if begin == b"" and time.monotonic() < until:
            time.sleep(0.01)
            continue
        if begin == b"":
            os.close(descriptor)
            return None
        os.set_blocking(descriptor, True)
        return BufferedReader(_After(begin or b"", descriptor))


class _After(RawIOBase):
    """What comes out of a pipe, behind what was read of it already."""

    def __init__(self, begin: bytes, descriptor: int) -> None:
        self._begin, self._pipe = begin, FileIO(descriptor)

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._pipe.fileno()

    def readinto(self, buffer: Any) -> int | None:
        if not self._begin:
            return self._pipe.readinto(buffer)
        buffer[:1], self._begin = self._begin, b""
        return 1

    def close(self) -> None:
        self._pipe.close()
        super().close()


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
