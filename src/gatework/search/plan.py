"""What a search tries next: a coarse grid, ever finer ones, repeats of the leading candidates."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gatework.search.acquisition import most_promising
from gatework.search.axes import AnyAxis
from gatework.search.grid import Point, coarse_points, every_point, nearby_points
from gatework.search.ranking import contenders, ranking
from gatework.search.schema import Layer, TrialTask
from gatework.search.trial import Trial

COARSE = 0.35
"""Share of the coarse grid in all that is for grids."""

LEAST_BATCH = 4
"""Points of a finer grid that are tried before the next one is laid, or more after many trials."""

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

DEEPEST = 5
"""How often the step is halved at most."""


@dataclass(frozen=True)
class SearchLimits:
    """How far a search goes.

    Attributes:
        trials: most evaluations. budget: most seconds. rounds: most repeats of the leaders.
        exhaustive: one grid of all points instead of ever finer ones.
    """

    trials: int | None
    budget: float | None
    rounds: int
    exhaustive: bool


class SearchPlan:
    """What was handed out and came back so far, and what follows from it."""

    def __init__(self, axes: Sequence[AnyAxis], limits: SearchLimits, seed: int) -> None:
        self.axes, self.limits, self.seed = axes, limits, seed
        self.results: dict[int, Trial] = {}
        self.seen: set[Point] = set()
        self.handed = self.tried = self.layers = self.grids = self.rounds = 0
        self.no_more_points = False
        self.began = time.perf_counter()

    def next_kind(self) -> str:
        """Return the kind of the next layer, or an empty string when the search has ended."""
        if self.used_up():
            return ""
        if not self.layers:
            return "exhaustive" if self.limits.exhaustive else "coarse"
        grids_left = not self.no_more_points and not self.limits.exhaustive
        if grids_left and not self._grids_used(1.0):
            return "finer"
        return "repeats" if self._repeating() else ""

    def used_up(self) -> str:
        """Return which limit is reached, or an empty string."""
        if self.limits.trials is not None and self.handed >= self.limits.trials:
            return "trials"
        return "budget" if self.results and self._late(self.limits.budget) else ""

    def may_go_on(self, layer: Layer) -> bool:
        """Tell whether one more trial of an open layer may be handed out."""
        if layer.kind == "exhaustive" or not self.handed:
            return True
        if self.limits.trials is not None and self.handed >= self.limits.trials:
            return False
        if layer.kind == "repeats":
            return not self._late(self.limits.budget)
        return not self._grids_used(COARSE if layer.kind == "coarse" else 1.0)

    def tasks(self, kind: str) -> list[TrialTask] | None:
        """Return what a new layer tries; None where that follows from the axes and the seed."""
        if kind == "repeats":
            chosen = contenders(ranking(self.results.values()), LEADERS)
            return [
                TrialTask(self._point(o.trial), self.seed + STRIDE * len(o.errors)) for o in chosen
            ]
        if kind == "finer":
            size = max(LEAST_BATCH, self.tried // 8)
            return [TrialTask(point, self.seed) for point in self._finer(size)]
        return None

    def unplanned(self, kind: str) -> Iterator[TrialTask]:
        """Return what a layer without a list of tasks tries, in its order."""
        every = kind == "exhaustive"
        points = every_point(self.axes) if every else coarse_points(self.axes, self.seed)
        return (TrialTask(point, self.seed) for point in points)

    def hand_out(self, task: TrialTask) -> int:
        """Note that a task is handed out, and return its number."""
        self.handed += 1
        if task.seed == self.seed:
            self.seen.add(task.point)
            self.tried += 1
        return self.handed - 1

    def end(self, layer: Layer) -> None:
        """Note that all trials of a layer have ended."""
        self.layers += 1
        if layer.kind == "repeats":
            self.rounds += 1
        elif self.handed > layer.first:
            self.grids += 1
        elif layer.kind == "finer" and not layer.tasks:
            self.no_more_points = True

    def named(self, point: Point) -> dict[str, Any]:
        """Return the values of a point by the names of their axes."""
        return {axis.name: value for axis, value in zip(self.axes, point, strict=True)}

    def fault(self, layer: Layer) -> str | None:
        """Return what of a layer no search over these axes tries; None where it is sound."""
        planned = layer.kind in ("finer", "repeats")
        if planned != (layer.tasks is not None):
            return (
                f"a layer of kind {layer.kind!r} {'has no' if planned else 'has a'} list of tasks"
            )
        if (layer.kind == "exhaustive") > self.limits.exhaustive:
            return "one of its layers tries all points, which was not asked for"
        for point, seed in layer.tasks or ():
            if len(point) != len(self.axes) or (seed - self.seed) % STRIDE:
                return f"one of its tasks, {(point, seed)}, is none of this search"
            for axis, value in zip(self.axes, point, strict=True):
                if not axis.holds(value):
                    return f"one of its tasks has {axis.name} = {value!r}, beyond its axis"
        return None

    def _finer(self, size: int) -> list[Point]:
        """Return the most promising points, at most ``size``, around the best and on the grid."""
        centres = [self._point(one.trial) for one in ranking(self.results.values())[:CENTRES]]
        for depth in range(min(DEEPEST, (self.grids + 1) // 2), DEEPEST + 1):
            offered = nearby_points(self.axes, centres, depth, f"{self.seed} {self.layers}")
            offered = [point for point in offered if point not in self.seen]
            if offered:  # else all of this grid has been tried: look closer
                trials = list(self.results.values())
                return most_promising(self.axes, offered, trials, size, self.seed)
        return []

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

    def _grids_used(self, share: float) -> bool:
        """Tell whether the grids have had a share of what is for them."""
        kept = REPEATS if self._repeating() else 0.0
        if self.limits.trials is not None:
            most = self.limits.trials - round(kept * self.limits.trials)
            if self.tried >= max(1, round(share * most)):
                return True
        if self.limits.budget is None or not self.handed:
            return False
        return self._late(share * (1 - kept) * self.limits.budget)

    def _late(self, seconds: float | None) -> bool:
        """Tell whether one more trial would rather end after so many seconds than before."""
        if seconds is None:
            return False
        taken = [trial.seconds for trial in self.results.values()]
        half_a_trial = sum(taken) / len(taken) / 2 if taken else 0.0
        return time.perf_counter() - self.began + half_a_trial >= seconds
