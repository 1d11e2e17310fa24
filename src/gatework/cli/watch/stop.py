"""How a watch is asked to stop."""

from __future__ import annotations

import signal

from gatework.system.signals import STOPPING


class Stop:
    """Ctrl-C or SIGTERM: at once while waiting, else as soon as the row is finished."""

    def __init__(self) -> None:
        self.asked = False
        self.waiting = False

    def __enter__(self) -> Stop:
        self._before = {number: signal.signal(number, self._handle) for number in STOPPING}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, *_: object) -> None:
        self.asked = True
        if self.waiting:
            raise KeyboardInterrupt
