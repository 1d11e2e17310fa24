"""The Theta method: simple exponential smoothing with half the slope of the series as a drift.

Source:
    V. Assimakopoulos and K. Nikolopoulos, "The theta model: a decomposition approach to
    forecasting", International Journal of Forecasting 16(4), 2000,
    doi 10.1016/S0169-2070(00)00066-2; in the form of R. J. Hyndman and B. Billah, "Unmasking the
    Theta method", International Journal of Forecasting 19(2), 2003,
    doi 10.1016/S0169-2070(01)00143-1.
"""

from __future__ import annotations

import math

import numpy as np

from gatework.forecast.baselines.baseline import check_prepared, check_usable

RATES = np.linspace(0.01, 0.99, 99)
"""The smoothing rates to choose from."""


class Theta:
    """The Theta method with theta = 2, on a deseasonalised series where it has a season.

    The seasonal indices and the smoothing rate come from the training part. The level and the slope
    are those of the history.

    Attributes:
        rate: the smoothing rate. indices: the seasonal ones, () without season, subtracted, or
            divided by where ``multiplicative``.
    """

    name = "Theta"

    def __init__(self, season: int) -> None:
        self.season = season
        self.rate = math.nan
        self.indices = np.empty(0)
        self.multiplicative = False

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Take the seasonal indices and choose the rate of the least one-step squared error."""
        check_usable(training)
        self.multiplicative = bool(training.min() > 0)
        self.indices = np.empty(0)
        if self.season > 1 and _seasonal(training, self.season):
            self.indices = _indices(training, self.season, self.multiplicative)
        values = self._without_season(training)
        level = np.full(len(RATES), values[0])
        squares = np.zeros(len(RATES))
        for value in values[1:]:
            error = value - level
            squares += error**2
            level += RATES * error
        self.rate = float(RATES[np.argmin(squares)])

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the smoothed level with half the slope, and the season again."""
        check_prepared(self.name, not math.isnan(self.rate))
        values = self._without_season(history)
        n = len(values)
        weights = self.rate * (1 - self.rate) ** np.arange(n)  # the latest value's first
        weights[-1] = (1 - self.rate) ** (n - 1)  # the first value begins the level
        level = weights @ values[::-1]
        slope = np.polyfit(np.arange(n), values, 1)[0] if n > 1 else 0.0
        lag = (1 - (1 - self.rate) ** n) / self.rate  # periods that the level is behind the line
        ahead = level + slope / 2 * (np.arange(horizon) + lag)
        return self._with_season(ahead, n)

    def _without_season(self, values: np.ndarray) -> np.ndarray:
        if not self.indices.size:
            return values
        indices = np.resize(self.indices, len(values))
        return values / indices if self.multiplicative else values - indices

    def _with_season(self, ahead: np.ndarray, begin: int) -> np.ndarray:
        if not self.indices.size:
            return ahead
        indices = self.indices[np.arange(begin, begin + len(ahead)) % len(self.indices)]
        return ahead * indices if self.multiplicative else ahead + indices


def _seasonal(values: np.ndarray, season: int) -> bool:
    """Return whether the autocorrelation at the season differs from 0 at 10 %, as in M4's Theta."""
    if len(values) < 3 * season:
        return False
    centred = values - values.mean()
    size = float(centred @ centred)
    r = np.array([centred[lag:] @ centred[:-lag] / size for lag in range(1, season + 1)])
    return bool(abs(r[-1]) > 1.645 * math.sqrt((1 + 2 * np.sum(r[:-1] ** 2)) / len(values)))


def _indices(values: np.ndarray, season: int, multiplicative: bool) -> np.ndarray:
    """Return the indices of the classical decomposition by moving averages; shape (season,)."""
    window = np.full(season, 1 / season)
    if season % 2 == 0:
        window = np.convolve(window, [0.5, 0.5])
    half = len(window) // 2
    trend = np.convolve(values, window, mode="valid")
    inner = values[half : half + len(trend)]
    ratio = inner / trend if multiplicative else inner - trend
    place = (np.arange(len(ratio)) + half) % season
    indices = np.array([ratio[place == k].mean() for k in range(season)])
    return indices / indices.mean() if multiplicative else indices - indices.mean()
