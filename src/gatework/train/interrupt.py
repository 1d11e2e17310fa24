"""Ctrl-C while training: it waits for the end of the step, so that a checkpoint is whole."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

from gatework.errors import Interrupted


class TrainingInterrupted(Interrupted):
    """Training was stopped with Ctrl-C; the checkpoint holds what was done."""


class Interrupts:
    """Whether Ctrl-C was pressed."""

    pressed = False

    def press(self, *told: object) -> None:
        """Note the first Ctrl-C; interrupt at the second one."""
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True


@contextlib.contextmanager
def interrupts(*, noted: bool) -> Iterator[Interrupts]:
    """Inside the block, the first Ctrl-C is noted in ``pressed``; the second one interrupts.

    Where Ctrl-C is handled by someone else already, or outside the main thread, nothing changes.

    Args:
        noted: False leaves Ctrl-C as it is.
    """
    found = Interrupts()
    ours = noted and threading.current_thread() is threading.main_thread()
    ours = ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if ours:
        signal.signal(signal.SIGINT, found.press)
    try:
        yield found
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
