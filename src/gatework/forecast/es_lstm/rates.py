"""The smoothers of the bank: how fast each one learns its level, its trend and its season.

All of them are one recursion, damped-trend exponential smoothing, with different constants. Simple
exponential smoothing is the one without a trend. The rates are spread so that the best constant
for most series lies between two of them; weights between the smoothers make up what lies between.

Source:
    E. S. Gardner and E. McKenzie, "Forecasting trends in time series", Management Science 31(10),
    1985, doi 10.1287/mnsc.31.10.1237 (damped trend). P. R. Winters, "Forecasting sales by
    exponentially weighted moving averages", Management Science 6(3), 1960,
    doi 10.1287/mnsc.6.3.324 (season).
"""

from __future__ import annotations

import numpy as np

LEVEL_RATES = (0.03, 0.1, 0.2, 0.4, 0.7, 1.0)
"""Of the smoothers without a trend; 1 repeats the last value."""

TREND_RATES = ((0.2, 0.05, 0.97), (0.5, 0.1, 0.95), (0.4, 0.02, 1.0), (0.3, 0.3, 0.9))
"""Level rate, trend rate and damping a period of the smoothers with a trend."""

DRIFT_RATES = (0.1, 0.2, 0.4, 0.7)
"""Of LEVEL_RATES, those that also forecast with half the slope of the whole series as a drift."""

SEASON_RATES = (0.1, 0.3)
"""How fast a seasonal index follows; each rate gives a set of all smoothers of its own."""

REFERENCE_RATE = 0.2
"""Level rate of the smoother that a value is compared with to learn its seasonal index."""

ALPHA = np.array(LEVEL_RATES + tuple(level for level, _, _ in TREND_RATES))  # (K)
BETA = np.array((0.0,) * len(LEVEL_RATES) + tuple(trend for _, trend, _ in TREND_RATES))  # (K)
PHI = np.array((0.0,) * len(LEVEL_RATES) + tuple(damping for _, _, damping in TREND_RATES))  # (K)
RECURSIONS = len(ALPHA)
DRIFTS = np.array([LEVEL_RATES.index(rate) for rate in DRIFT_RATES])
SMOOTHERS = RECURSIONS + len(DRIFTS)


def smoothers(season: int) -> int:
    """Return how many forecasts the bank makes for a season of so many periods."""
    return SMOOTHERS * (1 + len(SEASON_RATES) if season > 1 else 1)


def damping(horizon: int, phi: np.ndarray = PHI) -> np.ndarray:
    """Return what the trend of each recursion is multiplied with, (K, horizon).

    The sum of PHI^i for i from 1 to the number of steps ahead.
    """
    return np.cumsum(phi[:, None] ** np.arange(1, horizon + 1), axis=1)


def drifting(horizon: int) -> np.ndarray:
    """Return what half of the slope is multiplied with, (drifts, horizon).

    The steps ahead, and the periods by which a smoothed level lags behind a line.
    """
    lag = 1 / np.array(DRIFT_RATES) - 1
    return lag[:, None] + np.arange(1, horizon + 1)
