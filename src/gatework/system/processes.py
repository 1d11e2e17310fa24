"""Processes: whether one lives, how many may work side by side, and leaving with the parent."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable

from gatework.system import windows


def is_alive(pid: int) -> bool:
    """Return whether a process of this machine lives; True where that cannot be known."""
    if sys.platform == "win32":
        return windows.is_alive(pid)  # where the call below would end it, or press its Ctrl-C
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def after_fork(action: Callable[[], object]) -> None:
    """Do something in every process that this one forks, at once; where nothing forks, never."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=action)


def limit_memory(most: int) -> None:
    """Let this process take so many bytes of memory at most, where the system can hold it to it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def wait_for_end_of_parent(parent: int) -> None:
    """Return once the process that started this one, as a worker, is no more."""
    if sys.platform == "win32":  # the number of a parent stays there when it has gone
        from multiprocessing import parent_process

        if (process := parent_process()) is not None:
            process.join()
        return
    while os.getppid() == parent:
        time.sleep(0.5)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
