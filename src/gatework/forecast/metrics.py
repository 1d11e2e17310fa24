"""Measures of forecasts, over whatever outcomes are known.

In all of them nan stands for an outcome or a forecast that is not there, and is left out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


def rmse(actual: np.ndarray | float, forecast: np.ndarray) -> float:
    """Return the root mean squared error, in the series' units.

    Example:
        >>> rmse(np.array([1.0, np.nan]), np.array([4.0, 0.0]))
        3.0
    """
    return float(np.sqrt(_mean(np.square(forecast - actual))))


def mae(actual: np.ndarray | float, forecast: np.ndarray) -> float:
    """Return the mean absolute error, in the series' units."""
    return _mean(np.abs(forecast - actual))


def smape(actual: np.ndarray, forecast: np.ndarray) -> float:
    """Return the symmetric mean absolute percentage error, from 0 to 200; 0 where both are 0.

    Source: S. Makridakis and M. Hibon 2000, doi 10.1016/S0169-2070(00)00057-1.
    """
    size = np.abs(actual) + np.abs(forecast)
    share = np.abs(forecast - actual) / np.where(size == 0, 1.0, size)
    return 200 * _mean(share)


def mase(actual: np.ndarray, forecast: np.ndarray, scale: np.ndarray | float) -> float:
    """Return the mean absolute scaled error; ``scale`` is what ``naive_error`` gives.

    Source: R. J. Hyndman and A. B. Koehler 2006, doi 10.1016/j.ijforecast.2006.03.001.
    """
    return _mean(np.abs(forecast - actual) / scale)


def naive_error(training: np.ndarray, season: int = 1) -> float:
    """Return the mean absolute error of the seasonal naive forecast in training.

    It is nan where the training part is no longer than a season, or stands still.
    """
    if len(training) <= season:
        return float("nan")
    error = _mean(np.abs(training[season:] - training[:-season]))
    return error if error > 0 else float("nan")


def pinball(actual: np.ndarray, quantile: np.ndarray, level: float) -> float:
    """Return the mean pinball loss of a quantile of a level between 0 and 1.

    Source: R. Koenker and G. Bassett 1978, doi 10.2307/1913643.
    """
    error = actual - quantile
    return _mean(np.maximum(level * error, (level - 1) * error))


def coverage(actual: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> float:
    """Return the share of outcomes that lie in their interval, its ends included."""
    inside = ((lower <= actual) & (actual <= upper)).astype(np.float64)
    return _mean(np.where(np.isnan(actual) | np.isnan(lower), np.nan, inside))


@dataclass(frozen=True)
class Held:
    """What intervals held at so many steps ahead.

    Attributes:
        within: the outcomes in their interval. outcomes: all of them. pinball: the mean loss of
            both ends.
    """

    within: int
    outcomes: int
    pinball: float = math.nan

    @property
    def share(self) -> float:
        """The share of outcomes that were held; nan without any."""
        return self.within / self.outcomes if self.outcomes else math.nan


def held_by(actual: np.ndarray, lower: np.ndarray, upper: np.ndarray, level: float) -> Held:
    """Return what intervals of a level held; outcomes and ends are nan where there is none.

    Example:
        >>> held_by(np.array([1.0, 4.0, np.nan]), np.zeros(3), np.full(3, 2.0), 0.5)
        Held(within=1, outcomes=2, pinball=0.75)
    """
    tail = (1 - level) / 2
    ends = pinball(actual, lower, tail), pinball(actual, upper, 1 - tail)
    known = ~(np.isnan(actual) | np.isnan(lower))
    within = known & (lower <= actual) & (actual <= upper)
    return Held(int(within.sum()), int(known.sum()), sum(ends) / 2)


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")
