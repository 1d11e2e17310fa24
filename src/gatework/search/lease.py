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
