"""Progress of a training run: loss, speed and time left, on the standard error."""

from __future__ import annotations

import time
from typing import Protocol


class Progress(Protocol):
    """What a training loop tells while it runs."""

    def start(self, epochs: int, done: int) -> None:
        """Begin a run of so many epochs, some of which may be done already."""
        ...

    def epoch(self, number: int, loss: float, validation: float | None, samples: int) -> None:
        """Tell that an epoch has ended, with its losses and the number of samples it saw."""
        ...

    def stop(self) -> None:
        """End the run, however it ended."""
        ...


class RichProgress:
    """A bar with epoch, loss, validation loss, samples a second and the time left.

    It goes to the standard error, and is plain where that is no terminal or NO_COLOR is set.
    """

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("epoch"),
            MofNCompleteColumn(),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._task = self._bar.add_task("", total=None)
        self._since = 0.0

    def start(self, epochs: int, done: int) -> None:
        """Show the bar."""
        self._bar.update(self._task, total=epochs, completed=done)
        self._bar.start()
        self._since = time.perf_counter()

    def epoch(self, number: int, loss: float, validation: float | None, samples: int) -> None:
        """Move the bar by an epoch."""
        now = time.perf_counter()
        speed = samples / max(now - self._since, 1e-9)
        self._since = now
        words = f"loss {loss:.4g}"
        if validation is not None:
            words += f", validation {validation:.4g}"
        self._bar.update(
            self._task, completed=number, description=f"{words}, {speed:,.0f} samples/s"
        )

    def stop(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()
