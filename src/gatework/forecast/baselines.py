"""The forecasts that an LSTM has to beat, made on the same split.

A baseline is prepared once, on the values before the part under test, and then forecasts from any
history. What it chooses or fits, it chooses or fits on those values alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gatework.errors import DataError, TrainingError
from gatework.forecast.backtest import rolling_origin

LONGEST_MEAN = 100
"""The most values that the trailing mean considers."""


class CannotForecastError(DataError):
    """A baseline does not work on these values; the message is the reason."""


class Baseline(Protocol):
    """A way to forecast that is prepared once and then used from every origin."""

    name: str

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose and fit what has to be chosen and fitted, on ``training`` (n,) alone.

        Raises:
            CannotForecastError: it does not work on these values.
        """
        ...

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the ``horizon`` values that follow ``history`` (m,); shape (horizon,)."""
        ...


class LastValue:
    """Every value to come equals the last one."""

    name = "last value"

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Do nothing: there is nothing to choose."""

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the last value, ``horizon`` times."""
        return np.repeat(history[-1], horizon)


class TrailingMean:
    """Every value to come equals the mean of the last ``length``.

    The length is the one whose forecasts, made in turn from each period of the last fifth of the
    training part, have the least squared error over all steps ahead.
    """

    name = "trailing mean"
    length: int = 1

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose the length, from 2 to ``LONGEST_MEAN``, on the end of the training part."""
        n = len(training)
        start = n - max(1, n // 5)
        self.length = max(1, min(2, start))
        centred = training - training.mean()
        sums = np.concatenate([[0.0], np.cumsum(centred)])  # (n + 1,)
        origins = np.arange(start, n)
        target = origins[:, None] + np.arange(horizon)  # (origins, horizon)
        known = target < n
        actual = centred[np.minimum(target, n - 1)]
        least = np.inf
        for length in range(2, min(start, LONGEST_MEAN) + 1):
            means = (sums[origins] - sums[origins - length]) / length  # (origins,)
            error = np.mean((means[:, None] - actual)[known] ** 2)
            if error < least:
                least, self.length = error, length

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the mean of the last ``length`` values, ``horizon`` times."""
        return np.repeat(history[-self.length :].mean(), horizon)


class SeasonalNaive:
    """Every value to come equals the one a season before it."""

    name = "seasonal naive"

    def __init__(self, season: int) -> None:
        self.season = season

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Check that the training part holds two seasons."""
        if self.season < 2:
            raise CannotForecastError("the series has no season")
        if len(training) < 2 * self.season:
            raise CannotForecastError(
                f"it needs two seasons of {self.season} values before the test part, "
                f"there are {len(training)} values"
            )

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the last season, repeated."""
        return np.resize(history[-self.season :], horizon)


def baselines(season: int) -> list[Baseline]:
    """Return every baseline, unprepared: the naive ones, Holt-Winters and ARIMA.

    Example:
        >>> [baseline.name for baseline in baselines(52)]
        ['last value', 'trailing mean', 'seasonal naive', 'Holt-Winters', 'ARIMA']
    """
    from gatework.forecast.classical import Arima, HoltWinters

    return [LastValue(), TrailingMean(), SeasonalNaive(season), HoltWinters(season), Arima()]


@dataclass(frozen=True)
class BaselineErrors:
    """Rolling-origin errors by baseline, and why others are missing.

    Shapes:
        errors: each (n - start, horizon), nan where the target lies beyond the end
    """

    errors: dict[str, np.ndarray] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def backtest_baselines(values: np.ndarray, start: int, horizon: int, season: int) -> BaselineErrors:
    """Prepare each baseline on ``values[:start]`` and forecast from every period after it.

    A baseline that does not work on these values, or forecasts what is not finite, is left out
    with the reason.

    Example:
        >>> result = backtest_baselines(np.arange(8.0), start=6, horizon=1, season=1)
        >>> result.errors["last value"]
        array([[-1.],
               [-1.]])
        >>> result.left_out["seasonal naive"]
        'the series has no season'
    """
    result = BaselineErrors()
    for baseline in baselines(season):
        try:
            baseline.prepare(np.asarray(values[:start], dtype=np.float64), horizon)
            errors = rolling_origin(baseline.forecast, values, start, horizon)
        except (CannotForecastError, TrainingError) as error:
            result.left_out[baseline.name] = error.message
        else:
            result.errors[baseline.name] = errors
    return result
