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

    A trial that was stopped counts with the error it had come to, one that failed with the greatest
    of all. See ``Surrogate.choose``.
    """
    judged = [(trial, _error(trial)) for trial in sorted(trials, key=lambda one: one.index)]
    known = [error for _, error in judged if error is not None]
    if len(known) < FEWEST or not offered:
        return list(offered[:size])
    worst = max(known)
    tried = [tuple(trial.parameters[axis.name] for axis in axes) for trial, _ in judged]
    errors = np.array([worst if error is None else error for _, error in judged])
    surrogate = Surrogate(coordinates(axes, tried), errors, abs(seed) + len(trials))
    return [offered[best] for best in surrogate.choose(coordinates(axes, offered), size)]


def _error(trial: Trial) -> float | None:
    if trial.error is None and trial.rungs:
        return trial.rungs[-1].error
    return trial.error
