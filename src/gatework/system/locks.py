"""A lock on a file that ends with the process, however it ends."""

from __future__ import annotations

import contextlib
import errno
from typing import Any

fcntl: Any = None
msvcrt: Any = None
with contextlib.suppress(ImportError):
    import fcntl
with contextlib.suppress(ImportError):  # that of Windows; WebAssembly, of one process, has neither
    import msvcrt

OUTLAST_RENAMES = fcntl is not None
"""Whether a file that is locked can be renamed and removed; Windows does so to closed ones."""
_HELD = (errno.EACCES, errno.EDEADLK)


def lock(descriptor: int) -> bool:
    """Take the lock of an open, empty file until it is closed; tell whether nobody else has it.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        elif msvcrt is not None:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except BlockingIOError:
        return False
    except OSError as error:
        if fcntl is not None or error.errno not in _HELD:
            raise
        return False
    return True
