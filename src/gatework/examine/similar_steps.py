"""Other steps over which a unit behaves as it does over these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.errors import OptionError


@dataclass(frozen=True)
class SimilarSteps:
    """A stretch of steps, from ``start`` to ``stop`` - 1, and how alike it is, at most 1."""

    start: int
    stop: int
    alike: float


def find_similar_steps(
    values: np.ndarray, start: int, stop: int, *, count: int = 5
) -> list[SimilarSteps]:
    """Return the stretches over which a unit does most as from ``start`` to ``stop`` - 1.

    Stretches are compared by their distance relative to the unit's spread, so level and shape
    both count; those that overlap the given one or a better one are left out, and so are those no
    more alike than any two stretches are by chance, 0.

    Equations:
        alike = 1 - |a - b|^2 / (2 n var)      n steps, var the unit's variance

    Shapes:
        values: (T,), a unit's signal.

    Raises:
        OptionError: the stretch is not within the run.

    Example:
        >>> find_similar_steps(np.array([0.0, 1, 0, 0, 0, 1, 0, 0]), 0, 3, count=1)
        [SimilarSteps(start=4, stop=7, alike=1.0)]
    """
    T = len(values)
    if not 0 <= start < stop <= T:
        raise OptionError(
            f"steps {start} to {stop} are no stretch of a run of {T} steps", hint=f"0 to {T}"
        )
    n = stop - start
    spread = float(values.var())
    if spread < 1e-18:
        return []
    windows = np.lib.stride_tricks.sliding_window_view(values, n)
    distance = ((windows - values[start:stop]) ** 2).mean(axis=1)
    alike = 1.0 - distance / (2 * spread)
    free = np.ones(len(alike), bool)
    free[max(0, start - n + 1) : stop] = False
    found: list[SimilarSteps] = []
    while free.any() and len(found) < count:
        best = int(np.where(free, alike, -np.inf).argmax())
        if alike[best] <= 0:
            break
        found.append(SimilarSteps(best, best + n, float(alike[best])))
        free[max(0, best - n + 1) : best + n] = False
    return found
