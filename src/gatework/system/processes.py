"""Processes: whether one lives, how many may work side by side, and leaving with the parent."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gatework.system import windows

CGROUPS = Path("/sys/fs/cgroup")
"""Where Linux tells the limits of a container."""


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
    """Return how many processors this process may use, by its affinity and its quota."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return min(count, quota() or count)


def quota() -> int | None:
    """Return how many processors the control group of this container may take, None for all.

    A part of one counts as one.
    """
    first = ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")
    for names in (("cpu.max",), first):
        with contextlib.suppress(OSError, ValueError):
            told = " ".join((CGROUPS / name).read_text("utf-8") for name in names)
            most, period = told.replace("max", "-1").split()
            bound = int(most) > 0 and int(period) > 0
            return math.ceil(int(most) / int(period)) if bound else None
    return None
