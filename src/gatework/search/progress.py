"""Progress of a search, on the standard error."""

from __future__ import annotations

from typing import Protocol

from gatework.search.trial import Trial
from gatework.system.terminal import console


class SearchProgress(Protocol):
    """What a search tells while it runs."""

    def start(self, trials: int | None, seconds: float | None) -> None:
        """Begin, with the most trials or seconds that the search may use."""
        ...

    def layer(self, number: int) -> None:
        """Begin a layer, 0 for the coarse grid."""
        ...

    def trial(self, trial: Trial, done: int, best: Trial | None) -> None:
        """Tell that a trial has ended."""
        ...

    def stop(self) -> None:
        """End, however it ended."""
        ...


class SearchBar:
    """A bar with the layer, the trials, the best error and the time left."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("search"),
            BarColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console(stderr=True),
        )
        self._task = self._bar.add_task("", total=None)
        self._layer = 0
        self._by_trials = True

    def start(self, trials: int | None, seconds: float | None) -> None:
        """Show the bar."""
        self._by_trials = trials is not None
        self._bar.update(self._task, total=trials if trials is not None else seconds)
        self._bar.start()

    def layer(self, number: int) -> None:
        """Show the number of the layer."""
        self._layer = number

    def trial(self, trial: Trial, done: int, best: Trial | None) -> None:
        """Move the bar."""
        words = f"layer {self._layer + 1}, {done} trials"
        if best is not None:
            words += f", best error {best.error:.4g}"
        elapsed = self._bar.tasks[0].elapsed or 0.0
        completed = done if self._by_trials else elapsed
        self._bar.update(self._task, description=words, completed=completed)

    def stop(self) -> None:
        """Leave the bar as it is."""
        self._bar.stop()
