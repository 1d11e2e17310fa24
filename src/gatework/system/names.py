"""The names of files: taking them, changing them, and having them on the disk."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]
"""What Python's own functions take for the name of a file."""
PATIENCE = 2.0
"""Seconds that Windows gets to let go of a file that a reader or a scanner has open."""


def replace(source: Path, target: Path) -> None:
    """Give a file the name of another one, which is gone then; a reader sees the one or the other.

    Windows refuses while somebody has the other one open, so there it is tried for a while.
    """
    if sys.platform != "win32":
        source.replace(target)
        return
    until = time.monotonic() + PATIENCE
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if time.monotonic() > until:
                raise
        time.sleep(0.02)


def name_new(source: Path, target: Path) -> None:
    """Give a file a name that nobody has; it may keep the one that it had.

    Raises:
        FileExistsError: another file has it.
        OSError: also where the file system knows one name a file only.
    """
    if sys.platform == "win32":
        source.rename(target)  # which never replaces there
    else:
        os.link(source, target)


def beyond_home(path: Path) -> Path | None:
    """Return what a shell makes of a name that begins with a tilde, if its folder is there."""
    with contextlib.suppress(RuntimeError, OSError):
        if path.parts[:1] and path.parts[0].startswith("~") and not path.parent.exists():
            found = path.expanduser()
            return found if found.parent.is_dir() else None
    return None


def flush_folder(folder: Path) -> None:
    """Make the names of a folder durable, where the file system can; Windows does by itself."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
