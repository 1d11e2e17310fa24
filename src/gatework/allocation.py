"""Memory that one step frees is kept for the next one, instead of going back to the system."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# From malloc.h of the GNU C library.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
KEPT = {M_MMAP_THRESHOLD: 2**28, M_TRIM_THRESHOLD: 2**31 - 1}
"""Larger blocks still go back at once: they might lie about unused where others are needed."""
USUAL = {M_MMAP_THRESHOLD: 2**25, M_TRIM_THRESHOLD: 2**26}
"""What the library itself arrives at once it has freed a block of 32 MiB."""
OWN = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES")
"""Variables with which a user has chosen already."""

_lock = threading.Lock()
_inside = 0


@contextmanager
def kept_memory() -> Iterator[None]:
    """Keep the memory that is freed inside, so that blocks of the same size are there at once.

    The outputs and saved gates of a long sequence are blocks of tens of megabytes. The GNU C
    library gives such blocks back to the system as soon as they are freed, and the system clears
    every page of the next one: up to a third of the time of a training step. Inside, they are kept;
    at the end all that is free goes back. Elsewhere, and where the environment has settings of its
    own, nothing is changed.
    """
    library = _gnu()
    if library is None:
        yield
        return
    _count(library, +1)
    try:
        yield
    finally:
        _count(library, -1)


def _count(library: ctypes.CDLL, change: int) -> None:
    """Note who is inside; the first one sets the limits, the last one sets them back."""
    global _inside
    with _lock:
        before, _inside = _inside, _inside + change
        if not before:
            for name, value in KEPT.items():
                library.mallopt(name, value)
        elif not _inside:
            for name, value in USUAL.items():
                library.mallopt(name, value)
            library.malloc_trim(0)


def _gnu() -> ctypes.CDLL | None:
    """Return the GNU C library, where it is what allocates and nobody has tuned it."""
    if sys.platform != "linux" or any(name in os.environ for name in OWN):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") else None
