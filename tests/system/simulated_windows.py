"""What stands in for Windows: calls of its kernel and a module of Python's, as documented."""

import ctypes
import errno
import os
import sys
from types import SimpleNamespace

INVALID = ctypes.c_void_p(-1).value
ANSWERS = {
    "CreateFileW": "_create",
    "OpenProcess": "_open_process",
    "WaitForSingleObject": "_wait",
    "CloseHandle": "_close",
}


class Kernel:
    """Processes and files as the kernel of Windows tells of them.

    Args:
        processes: by number, whether each runs. forbidden: those that may not be asked.
    """

    python = SimpleNamespace(platform="win32")
    """What takes the place of the module sys."""

    def __init__(self, monkeypatch, processes=None, forbidden=()) -> None:
        self.processes, self.forbidden = processes or {}, forbidden
        self.calls, self.open, self.error = [], set(), 0
        monkeypatch.setattr(ctypes, "WinDLL", lambda name, use_last_error: self, raising=False)
        monkeypatch.setattr(ctypes, "get_last_error", lambda: self.error, raising=False)
        monkeypatch.setattr(ctypes, "WinError", self.raised, raising=False)
        module = SimpleNamespace(open_osfhandle=lambda handle, flags: handle)
        monkeypatch.setitem(sys.modules, "msvcrt", module)

    def __getattr__(self, name):
        def call(*arguments):
            self.calls.append((name, arguments))
            return getattr(self, ANSWERS[name])(*arguments)

        call.__name__ = name
        self.__dict__[name] = call  # so that types stay with it
        return call

    def called(self, name):
        """Return the arguments of each call of a function."""
        return [arguments for one, arguments in self.calls if one == name]

    def raised(self, number):
        """Return the error of a number as Python makes it."""
        return OSError({2: errno.ENOENT, 5: errno.EACCES}[number], os.strerror(errno.ENOENT))

    def _create(self, path, *how):
        try:
            return os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            self.error = 2
            return INVALID

    def _open_process(self, access, inherited, pid):
        self.error = 5 if pid in self.forbidden else 87
        if pid in self.forbidden or pid not in self.processes:
            return None
        self.open.add(pid)
        return pid

    def _wait(self, handle, milliseconds):
        assert milliseconds == 0
        return 0x102 if self.processes[handle] else 0

    def _close(self, handle):
        self.open.remove(handle)
        return 1
