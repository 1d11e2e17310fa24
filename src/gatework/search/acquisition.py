"""Which of many points to try next, by what the trials so far lead to expect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatework.search.axes import AnyAxis
from gatework.search.grid import Point
from gatework.search.surrogate import Surrogate, coordinates
from gatework.search.trial import Trial

FEWEST = 4
"""With fewer trials the points are taken as they are offered."""


def most_promising(
    axes: Sequence[AnyAxis],
    offered: Sequence[Point],
    trials: Sequence[Trial],
    size: int,
    seed: int,
) -> list[Point]:
    """Return the points with the greatest expected improvement, one after the other.

    After each of them it is taken for tried, with the error that is expected there, so that the
    next one is not beside it. A trial that was stopped counts with the error it had come to, one
    that failed with the greatest of all.

    Source: D. Ginsbourger, R. Le Riche and L. Carraro, "Kriging is well-suited to parallelize
        optimization", 2010, doi:10.1007/978-3-642-10701-6_6 (the kriging believer).
    """
    judged = [(trial, _error(trial)) for trial in sorted(trials, key=lambda one: one.index)]
    known = [error for _, error in judged if error is not None]
    if len(known) < FEWEST or not offered:
        return list(offered[:size])
    worst = max(known)
    tried = [tuple(trial.parameters[axis.name] for axis in axes) for trial, _ in judged]
    errors = np.array([worst if error is None else error for _, error in judged])
    surrogate = Surrogate(coordinates(axes, tried), errors, abs(seed) + len(trials))
    places = coordinates(axes, offered)
    left = np.ones(len(offered), dtype=bool)
    chosen = []
    for _ in range(min(size, len(offered))):
        gain = np.where(left, surrogate.improvement(places), -1.0)
        best = int(gain.argmax())
        left[best] = False
        chosen.append(offered[best])
        surrogate.add(places[best])
    return chosen


def _error(trial: Trial) -> float | None:
    if trial.error is None and trial.rungs:
        return trial.rungs[-1].error
    return trial.error
