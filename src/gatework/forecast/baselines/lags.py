"""Lag windows: the last values of a history, from which a machine says what follows.

The forecasts of several steps are recursive: each is appended to the window for the next.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

SHORTEST, LONGEST = 2, 60
"""The windows that are considered at all."""

LEAST_WINDOWS = 8
"""The fewest windows that something is fitted to."""


def window_lengths(season: int, count: int) -> list[int]:
    """Return the window lengths to choose from, for ``count`` values to learn from.

    Example:
        >>> window_lengths(52, 200), window_lengths(1, 25)
        ([6, 12, 24, 52], [6, 12])
    """
    wanted = {6, 12, 24} | ({season} if SHORTEST <= season <= LONGEST else set())
    fitting = sorted(length for length in wanted if count - length >= LEAST_WINDOWS)
    return fitting or [SHORTEST]


def taught(values: np.ndarray, lags: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each window and the value that follows it.

    Shapes:
        values: (n,). Returns (n - lags, lags) and (n - lags,).
    """
    return sliding_window_view(values, lags)[:-1], values[lags:]


def recursively(
    predict: Callable[[np.ndarray], np.ndarray], windows: np.ndarray, horizon: int
) -> np.ndarray:
    """Forecast from many windows at once with a machine that says the next value.

    Shapes:
        predict: (B, lags) to (B,). windows: (B, lags). Returns (B, horizon).
    """
    extended = np.concatenate([windows, np.empty((len(windows), horizon))], axis=1)
    lags = windows.shape[1]
    for step in range(horizon):
        extended[:, lags + step] = predict(extended[:, step : step + lags])
    return extended[:, lags:]


def validation_start(count: int) -> int:
    """Return where the part to choose on begins: the last fifth of the training part."""
    return count - max(1, count // 5)


def validation_error(forecasts: np.ndarray, values: np.ndarray, origins: np.ndarray) -> float:
    """Return the mean squared error of forecasts from the origins, over all steps ahead.

    It is infinite where a forecast is not finite.

    Shapes:
        forecasts: (origins, horizon). values: (n,). origins: (origins,), below n.
    """
    if not np.isfinite(forecasts).all():
        return np.inf
    target = origins[:, None] + np.arange(forecasts.shape[1])  # (origins, horizon)
    known = target < len(values)
    with np.errstate(over="ignore"):
        return float(np.mean((forecasts[known] - values[target[known]]) ** 2))
