"""Intervals from errors on values that were not learned from, and how those of counts are told."""

from __future__ import annotations

import math

import numpy as np

FEWEST = 5


def error_quantiles(errors: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return what to add to a forecast for the lower and the upper end of its interval.

    The ends are order statistics of actual minus forecast at each number of steps ahead, taken
    so far out that an error like the past ones falls inside with at least the given probability
    (split conformal intervals); with too few errors they are the extremes. Steps with fewer than
    FEWEST known errors take the ends of the step before.

    Shapes:
        errors: (origins, horizon), forecast minus actual, nan where there is no target.
        Returns two arrays (horizon,).

    Source: Vovk, Gammerman, Shafer 2005, doi 10.1007/b106715 (conformal prediction).

    Example:
        >>> lower, upper = error_quantiles(np.linspace(-10, 10, 99)[:, None], 0.9)
        >>> bool(lower[0] < -8.9), bool(upper[0] > 8.9)
        (True, True)
    """
    horizon = errors.shape[1]
    lower, upper = np.zeros(horizon), np.zeros(horizon)
    for step in range(horizon):
        known = np.sort(-errors[~np.isnan(errors[:, step]), step])
        if step and len(known) < FEWEST:
            lower[step], upper[step] = lower[step - 1], upper[step - 1]
        elif len(known):
            rank = math.ceil((1 + level) / 2 * (len(known) + 1))
            rank = min(rank, len(known))
            lower[step], upper[step] = known[-rank], known[rank - 1]
    return np.minimum(lower, 0.0), np.maximum(upper, 0.0)


def held_counts(lower: np.ndarray, upper: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest count that intervals hold, which is how they are told.

    The ends of one that holds none stay as they are.

    Example:
        >>> held_counts(np.array([0.0, 11.66, 0.2]), np.array([2.6, 33.65, 0.8]))
        (array([ 0. , 12. ,  0.2]), array([ 2. , 33. ,  0.8]))
    """
    low, high = np.ceil(lower - 1e-9) + 0.0, np.floor(upper + 1e-9)
    none = low > high
    return np.where(none, lower, low), np.where(none, upper, high)
