"""Ctrl-C while training: it waits for the end of the step, so that a checkpoint is whole."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self

from gatework.errors import Interrupted


class TrainingInterrupted(Interrupted):
    """Training was stopped with Ctrl-C; the checkpoint holds what was done."""


class Interrupts:
    """Inside the block, the first Ctrl-C is noted in ``pressed``; the second one interrupts.

    Where Ctrl-C is handled by someone else already, or outside the main thread, nothing changes.

    Args:
        noted: False leaves Ctrl-C as it is.
    """

    def __init__(self, *, noted: bool) -> None:
        self.pressed = False
        self._noted = noted
        self._installed = False

    def __enter__(self) -> Self:
        ours = threading.current_thread() is threading.main_thread()
        if self._noted and ours and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._press)
            self._installed = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._installed = False

    def _press(self, number: int, frame: FrameType | None) -> None:
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
