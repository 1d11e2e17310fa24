"""Signals: what asks a command to stop, and workers that leave Ctrl-C to their parent."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

HELD = hasattr(signal, "pthread_sigmask")
"""Whether a signal can be held back, to come a moment later; Windows cannot."""

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)
"""What asks to stop: Ctrl-C, the system, and on Windows Ctrl-Break."""


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Start processes inside; Ctrl-C waits, for them until they call ignore_interrupts.

    A process inherits which signals are held back, so that Ctrl-C while it imports what it needs
    does not end it with a traceback. The caller gets its own Ctrl-C a moment later.
    """
    if not HELD:
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # when it is started later, it lets the signal through
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_interrupts() -> None:
    """Let Ctrl-C pass from here on: it reaches the whole group, and the parent alone decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if HELD:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
