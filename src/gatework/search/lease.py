"""Who works on a trial, and whether they still live."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable

from gatework.system.processes import is_alive

LEASE = 20.0
"""Seconds after which a claim that nobody renews is void."""


def new_owner() -> str:
    """Return a name for this search in this process, that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"


def gone(owner: str, until: float) -> bool:
    """Tell whether a claim is void: not renewed in time, or of a process that is no more."""
    if time.time() > until:
        return True
    host, pid, _ = owner.rsplit(":", 2)
    if host != socket.gethostname() or not pid.isdigit():
        return False
    return not is_alive(int(pid))


class WatchedLeases:
    """The claims of others, as long as this process has looked at them.

    A claim that nobody renews is void after a while by a clock that nobody sets, too: the hour that
    it names may lie far ahead, after the system's clock was set back.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[str, float, float]] = {}

    def gone(self, number: int, owner: str, until: float) -> bool:
        """Tell whether the claim of a trial is void."""
        seen = self._seen.get(number)
        if seen is None or seen[:2] != (owner, until):
            seen = self._seen[number] = (owner, until, time.monotonic())
        return gone(owner, until) or time.monotonic() - seen[2] > LEASE


class Heartbeat:
    """A thread that renews the claims of this search until it is stopped."""

    def __init__(self, renew: Callable[[], None]) -> None:
        self._renew = renew
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop renewing."""
        self._stopped.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stopped.wait(LEASE / 4):
            # A busy or full disk does not end the search: the next beat may succeed.
            with contextlib.suppress(sqlite3.Error):
                self._renew()
