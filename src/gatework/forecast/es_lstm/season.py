"""Seasonal indices from the first years of a series, to begin the smoothing with."""

from __future__ import annotations

import numpy as np

YEARS = 3
"""Seasons at the beginning that the first indices come from, where there are as many."""

TRUST = 0.7
"""How far the first indices may leave 1 (or 0): three years say little, so they are shrunk."""

SMALLEST_INDEX = 0.1


def warm_up(length: int, season: int) -> int:
    """Return how many values at the beginning of a series begin its smoothing.

    They are three seasons, or two where that leaves too little to learn from, and none of the
    forecasts made within them may be judged. Without two seasons a series counts as without.

    Example:
        >>> warm_up(100, 12), warm_up(30, 12), warm_up(20, 12), warm_up(100, 1)
        (36, 24, 4, 4)
    """
    if season > 1:
        for years in (YEARS, 2):
            if length >= years * season + season // 2:
                return years * season
    return min(4, length)


def first_indices(values: np.ndarray, season: int, *, multiplicative: bool) -> np.ndarray:
    """Return the seasonal indices of the classical decomposition, shrunk.

    The ratio (or difference) of each value to the centred moving average over a season, averaged
    over the seasons, with mean 1 (or 0).

    Shapes:
        values: (n,), at least two seasons; nan where missing. Returns (season,).

    Example:
        >>> first_indices(np.tile([1.0, 3.0], 4), 2, multiplicative=True).round(2).tolist()
        [0.65, 1.35]
    """
    neutral = 1.0 if multiplicative else 0.0
    n = len(values)
    filled = _filled(values)
    window = np.ones(season + 1 - season % 2)
    if season % 2 == 0:
        window[[0, -1]] = 0.5
    trend = np.convolve(filled, window / window.sum(), "valid")
    half = len(window) // 2
    middle = values[half : n - half]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = middle / trend if multiplicative else middle - trend
    ratio[~np.isfinite(ratio)] = np.nan
    place = (np.arange(len(ratio)) + half) % season
    indices = np.full(season, neutral)
    for position in range(season):
        here = ratio[place == position]
        here = here[~np.isnan(here)]
        if len(here):
            indices[position] = here.mean()
    if multiplicative:
        indices = np.maximum(indices / max(indices.mean(), SMALLEST_INDEX), SMALLEST_INDEX)
    else:
        indices -= indices.mean()
    return neutral + TRUST * (indices - neutral)


def _filled(values: np.ndarray) -> np.ndarray:
    """Return the values with straight lines through what is missing."""
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return np.zeros(len(values))
    return np.interp(np.arange(len(values)), known, values[known])
