"""What is asked of Windows itself, where Python has no word for it."""

from __future__ import annotations

import ctypes
import os
from ctypes import c_int, c_uint32, c_void_p, c_wchar_p
from pathlib import Path
from typing import Any

# From winbase.h, winnt.h and winerror.h.
GENERIC_READ, SHARE_READ_WRITE_DELETE, OPEN_EXISTING, NORMAL = 0x80000000, 0x7, 3, 0x80
SYNCHRONIZE, NO_SUCH_PROCESS, STILL_RUNNING = 0x100000, 87, 0x102

_NUMBER, _HANDLE = c_uint32, c_void_p
_TYPES = {
    "CreateFileW": (_HANDLE, c_wchar_p, _NUMBER, _NUMBER, c_void_p, _NUMBER, _NUMBER, _HANDLE),
    "OpenProcess": (_HANDLE, _NUMBER, c_int, _NUMBER),
    "WaitForSingleObject": (_NUMBER, _HANDLE, _NUMBER),
    "CloseHandle": (c_int, _HANDLE),
}
"""What each call returns, and takes."""

_c: Any = ctypes


def is_alive(pid: int) -> bool:
    """Return whether a process lives; one of another user, which may not be asked, does."""
    if not 0 < pid < 2**32:
        return True
    kernel = _kernel()
    handle = kernel.OpenProcess(SYNCHRONIZE, False, pid)
    if not handle:
        return _c.get_last_error() != NO_SUCH_PROCESS
    try:
        return kernel.WaitForSingleObject(handle, 0) == STILL_RUNNING
    finally:
        kernel.CloseHandle(handle)


def open_shared(path: Path) -> int:
    """Open a file to read that others may rename and remove, which os.open keeps them from."""
    import msvcrt

    handle = _kernel().CreateFileW(
        str(path), GENERIC_READ, SHARE_READ_WRITE_DELETE, None, OPEN_EXISTING, NORMAL, None
    )
    if handle in (None, c_void_p(-1).value):
        raise _c.WinError(_c.get_last_error())
    system: Any = msvcrt
    return system.open_osfhandle(handle, os.O_RDONLY | getattr(os, "O_BINARY", 0))


def _kernel() -> Any:
    kernel = _c.WinDLL("kernel32", use_last_error=True)
    for name, (returned, *taken) in _TYPES.items():
        call = getattr(kernel, name)
        call.restype, call.argtypes = returned, taken
    return kernel
