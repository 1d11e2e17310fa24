"""Progress of a training run: loss, speed and time left, on the standard error."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from gatework.system import terminal

if TYPE_CHECKING:
    from rich.console import Console

SECONDS_BETWEEN = 0.1
"""Time between two looks at the numbers; a step of a small network takes far less."""


class Progress(Protocol):
    """What a training loop tells while it runs."""

    def start(self, epochs: int, batches: int, done: int) -> None:
        """Begin ``epochs`` passes over ``batches`` batches; ``done`` steps are done already."""
        ...

    def step(self, loss: float, items: int) -> None:
        """Tell that a step has ended, with its loss and the number of targets it saw."""
        ...

    def epoch(self, number: int, loss: float, validation: float | None) -> None:
        """Tell that an epoch has ended, with its mean losses; a checkpoint holds it by now."""
        ...

    def stop(self) -> None:
        """End the run, however it ended."""
        ...


class RichProgress:
    """A bar with epoch, loss, validation loss, targets a second and the time left.

    It goes to the standard error, and is silent where that is no terminal.

    Args:
        console: where to draw instead.
        words: says a loss in words; None for the number alone.
    """

    def __init__(
        self, console: Console | None = None, words: Callable[[float], str] | None = None
    ) -> None:
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        console = console or terminal.console(stderr=True)
        self._bar = Bar(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None, epoch="")
        self._words = words or "{:.4g}".format
        self._epochs = self._batches = self._done = 0
        self._mean = ""
        self._shown = self._since = 0.0
        self._items = 0

    def start(self, epochs: int, batches: int, done: int) -> None:
        """Show the bar."""
        self._epochs, self._batches, self._done = epochs, batches, done
        self._bar.update(self._task, total=epochs * batches, completed=done)
        self._bar.start()
        self._since = self._shown = time.perf_counter()
        self._show("")

    def step(self, loss: float, items: int) -> None:
        """Count a step, and show it if the last look is long enough ago."""
        self._done += 1
        self._items += items
        now = time.perf_counter()
        if now - self._shown >= SECONDS_BETWEEN:
            self._shown = now
            self._show(self._mean or f"loss {self._words(loss)}")

    def epoch(self, number: int, loss: float, validation: float | None) -> None:
        """Show the losses of an epoch."""
        self._mean = f"loss {self._words(loss)}"
        if validation is not None:
            self._mean += f", validation {self._words(validation)}"
        self._show(self._mean)
        self._since, self._items = time.perf_counter(), 0

    def stop(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()

    def _show(self, losses: str) -> None:
        speed = self._items / max(time.perf_counter() - self._since, 1e-9)
        current = min(self._done // max(self._batches, 1) + 1, self._epochs)
        self._bar.update(
            self._task,
            completed=self._done,
            epoch=f"{current}/{self._epochs}",
            description=f"{losses}, {speed:,.0f} targets/s" if losses else "",
        )
