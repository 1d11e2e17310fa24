"""Forecasts that need next to no model: the last value, the mean of late, the last season."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from gatework.errors import counted
from gatework.forecast.baselines.baseline import CannotForecastError
from gatework.forecast.baselines.lags import validation_start

LONGEST_MEAN = 100
"""The most values that the trailing mean considers."""


class LastValue:
    """Every value to come equals the last one."""

    name = "last value"

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Do nothing: there is nothing to choose."""

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the last value, ``horizon`` times."""
        return np.repeat(history[-1], horizon)

    def from_origins(self, values: np.ndarray, start: int, horizon: int) -> np.ndarray:
        """Return the forecasts from every period after ``values[:start]``, (n - start, horizon)."""
        return np.repeat(values[start - 1 : -1, None], horizon, axis=1)


class TrailingMean:
    """Every value to come equals the mean of the last ``length``.

    The length is the one whose forecasts, made in turn from each period of the last fifth of the
    training part, have the least squared error over all steps ahead.
    """

    name = "trailing mean"
    length = 1

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose the length, from 2 to ``LONGEST_MEAN``, on the end of the training part."""
        n = len(training)
        start = validation_start(n)
        lengths = np.arange(2, min(start, LONGEST_MEAN) + 1)[:, None]
        if not lengths.size:
            self.length = 1
            return
        sums = np.concatenate([[0.0], np.cumsum(training - training.mean())])  # (n + 1,)
        origins = np.arange(start, n)
        means = (sums[origins] - sums[origins - lengths]) / lengths  # (lengths, origins)
        ends = np.minimum(origins + horizon, n)
        # Squared errors but for the squares of the outcomes, which are the same for all.
        errors = means * ((ends - origins) * means - 2 * (sums[ends] - sums[origins]))
        self.length = int(lengths[errors.sum(axis=1).argmin(), 0])

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the mean of the last ``length`` values, ``horizon`` times."""
        return np.repeat(history[-self.length :].mean(), horizon)

    def from_origins(self, values: np.ndarray, start: int, horizon: int) -> np.ndarray:
        """Return the forecasts from every period after ``values[:start]``, (n - start, horizon)."""
        windows = sliding_window_view(values[start - self.length : -1], self.length)
        return np.repeat(windows.mean(axis=1)[:, None], horizon, axis=1)


class SeasonalNaive:
    """Every value to come equals the one a season before it.

    Args:
        season: values of a season. seasons: that the training part must hold, one or two.
    """

    name = "seasonal naive"

    def __init__(self, season: int, seasons: int = 2) -> None:
        self.season, self.seasons = season, seasons

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Check that the training part is long enough."""
        if self.season < 2:
            raise CannotForecastError("the series has no season")
        if len(training) < self.seasons * self.season:
            needed = "a season" if self.seasons == 1 else "two seasons"
            raise CannotForecastError(
                f"it needs {needed} of {self.season} values before the test part, "
                f"there are {counted(len(training), 'value')}"
            )

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the last season, repeated."""
        return np.resize(history[-self.season :], horizon)

    def from_origins(self, values: np.ndarray, start: int, horizon: int) -> np.ndarray:
        """Return the forecasts from every period after ``values[:start]``, (n - start, horizon)."""
        origins = np.arange(start, len(values))
        return values[origins[:, None] - self.season + np.arange(horizon) % self.season]
