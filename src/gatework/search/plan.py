"""What a search tries next: grids, ever finer, and repeats of the leading candidates."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from gatework.search.axes import AnyAxis
from gatework.search.grid import Point, coarse_points, every_point, finer_points
from gatework.search.ranking import contenders, ranking
from gatework.search.schema import Layer
from gatework.search.trial import Trial

SHARES = (0.5, 0.3, 0.2)
"""What the first grids get of all that is for grids; further ones get what is left."""

REPEATS = 0.2
"""Share of trials or time for repeats."""

FEWEST = 12
"""A search of fewer trials repeats nothing."""

CENTRES = 3
"""How many of the best points a finer grid is laid around."""

LEADERS = 3
"""How many of the leading candidates are repeated in a round."""

STRIDE = 1000
"""Between the seed of an evaluation and that of its repeat."""

DEEPEST = 8
EVERY = "exhaustive"


@dataclass(frozen=True)
class Limits:
    """How far a search goes.

    Attributes:
        trials: most evaluations. budget: most seconds. rounds: most repeats of the leaders.
        exhaustive: one grid of all points instead of ever finer ones.
    """

    trials: int | None
    budget: float | None
    rounds: int
    exhaustive: bool


@dataclass(frozen=True)
class Task:
    """What a trial evaluates: the values of all axes, and a seed."""

    point: Point
    seed: int


class Plan:
    """What was handed out and came back so far, and what follows from it."""

    def __init__(self, axes: Sequence[AnyAxis], limits: Limits, seed: int) -> None:
        self.axes, self.limits, self.seed = axes, limits, seed
        self.results: dict[int, Trial] = {}
        self.seen: set[Point] = set()
        self.handed = self.tried = self.grids = self.rounds = 0
        self.no_more_points = False
        self.began = time.perf_counter()

    def next_kind(self) -> str:
        """Return the kind of the next layer, or an empty string when the search has ended."""
        if self.used_up():
            return ""
        if self.limits.exhaustive:
            return "repeats" if self.grids and self._repeating() else "" if self.grids else EVERY
        grids_left = self.grids <= DEEPEST and not self.no_more_points
        if grids_left and not self._grid_share_used(DEEPEST):
            return "grid"
        return "repeats" if self._repeating() else ""

    def used_up(self) -> str:
        """Return which limit is reached, or an empty string."""
        if self.limits.trials is not None and self.handed >= self.limits.trials:
            return "trials"
        return "budget" if self.results and self._late(self.limits.budget) else ""

    def may_go_on(self, layer: Layer) -> bool:
        """Tell whether one more trial of an open layer may be handed out."""
        if layer.kind == EVERY or not self.handed:
            return True
        if self.limits.trials is not None and self.handed >= self.limits.trials:
            return False
        if layer.kind == "grid":
            return not self._grid_share_used(self.grids)
        return not self._late(self.limits.budget)

    def tasks(self, layer: Layer) -> Generator[Task]:
        """Yield what a layer tries, in its order; it must not have begun yet."""
        if layer.kind != "repeats":
            for point in self._points(layer):
                if point not in self.seen:
                    yield Task(point, self.seed)
            return
        for one in contenders(ranking(self.results.values()), LEADERS):
            yield Task(self._point(one.trial), self.seed + STRIDE * len(one.errors))

    def hand_out(self, task: Task) -> int:
        """Note that a task is handed out, and return its number."""
        self.handed += 1
        if task.seed == self.seed:
            self.seen.add(task.point)
            self.tried += 1
        return self.handed - 1

    def end(self, layer: Layer) -> None:
        """Note that all trials of a layer have ended."""
        if layer.kind == "repeats":
            self.rounds += 1
        else:
            self.grids += 1

    def named(self, point: Point) -> dict[str, Any]:
        """Return the values of a point by the names of their axes."""
        return {axis.name: value for axis, value in zip(self.axes, point, strict=True)}

    def _points(self, layer: Layer) -> Generator[Point]:
        centres = [self._point(one.trial) for one in ranking(self.results.values())[:CENTRES]]
        if layer.kind == EVERY:
            yield from every_point(self.axes)
        elif self.grids == 0 or not centres:
            yield from coarse_points(self.axes, self.seed)
        else:
            yield from finer_points(self.axes, centres, self.grids, self.seed)

    def _point(self, trial: Trial) -> Point:
        return tuple(trial.parameters[axis.name] for axis in self.axes)

    def _repeating(self) -> bool:
        """Tell whether the leading candidates will be repeated, now or later."""
        if self.rounds >= self.limits.rounds or self._seed_is_idle():
            return False
        if self.limits.exhaustive:
            return True
        size = len(self.results) if self.limits.trials is None else self.limits.trials
        return size >= FEWEST

    def _seed_is_idle(self) -> bool:
        """Tell whether a repeat gave the very same error: then more of them tell nothing."""
        groups: dict[str, set[float | None]] = {}
        repeats = [t for t in self.results.values() if t.seed != self.seed and t.error is not None]
        for trial in self.results.values() if repeats else ():
            if trial.seed == self.seed:
                groups[repr(trial.parameters)] = {trial.error}
        return any(trial.error in groups.get(repr(trial.parameters), ()) for trial in repeats)

    def _grid_share_used(self, grid: int) -> bool:
        """Tell whether the grids up to number ``grid`` have had their share."""
        kept = REPEATS if self._repeating() else 0.0
        used = sum(SHARES[: grid + 1]) if grid < len(SHARES) else 1.0
        if self.limits.trials is not None:
            most = self.limits.trials - round(kept * self.limits.trials)
            if self.tried >= max(1, round(used * most)):
                return True
        if self.limits.budget is None or not self.handed:
            return False
        return self._late(used * (1 - kept) * self.limits.budget)

    def _late(self, seconds: float | None) -> bool:
        """Tell whether one more trial would rather end after so many seconds than before."""
        if seconds is None:
            return False
        taken = [trial.seconds for trial in self.results.values()]
        half_a_trial = sum(taken) / len(taken) / 2 if taken else 0.0
        return time.perf_counter() - self.began + half_a_trial >= seconds
