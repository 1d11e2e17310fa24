"""Margins that make intervals hold as often as they say, from errors on held-out values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatework.forecast.es_lstm.bank import TINY
from gatework.forecast.es_lstm.rolling import Forecasts

STILL = 1000.0
"""Expected errors beyond which a margin was measured where a series stood still."""
USUAL = 3.0
FEWEST = 10
"""Steps ahead with fewer known outcomes take the margin of the step before."""

SPREAD = (np.arange(10) + 0.5) / 10 - 0.5
"""Where a count is taken to lie around itself: as whole numbers many scores would be the same, and
a quantile that falls on such a tie holds more outcomes than it says."""


@dataclass(frozen=True, eq=False)
class ConformalMargins:
    """How far each end of an interval is moved out, in units of the expected error.

    Shapes:
        values: (levels, H); negative ones move the ends in.
    """

    levels: tuple[float, ...]
    values: np.ndarray

    def interval(
        self, forecasts: Forecasts, level: float, distribution: str | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the interval of a level, in the series' own numbers, (B, ..., H).

        An interval always holds the forecast itself. One of counts begins at 0 where its lower end
        is nearer to 0 than to 1.
        """
        low, high = ends(forecasts, level, distribution)
        margin = self._margin(level, forecasts.scale)
        low = np.minimum(low - margin, forecasts.location)
        high = np.maximum(high + margin, forecasts.location)
        lower = forecasts.own(low)
        counts = (forecasts.floor == 0).reshape(-1, *[1] * (lower.ndim - 1))
        return np.where(counts & (lower < 0.5), 0.0, lower), forecasts.own(high)

    def _margin(self, level: float, scale: np.ndarray) -> np.ndarray:
        """Return how far ends are moved.

        Where zeros stood still, the expected error was next to nothing and says nothing of later
        ones: the margin of then stays as it was, and grows by a usual one.
        """
        values = self.values[self.levels.index(level)]
        still = np.minimum(scale, TINY)
        return np.where(values > STILL, values * still + USUAL * (scale - still), values * scale)


def conformal_margins(
    forecasts: Forecasts,
    actual: np.ndarray,
    levels: Sequence[float],
    distribution: str | None,
) -> ConformalMargins:
    """Return the margins with which intervals would have held as often as they say.

    For each level and step ahead: the score of an outcome is how far it lies outside its interval
    (negative inside), over the expected error; the margin is the score's quantile of that level,
    taken as far out as makes it hold for the next outcome, too. Counts are spread over the unit
    around them first.

    Shapes:
        forecasts: of held-out values, location (B, O, H).
        actual: (B, O, H), in units, nan where there is none.

    Source: Y. Romano, E. Patterson and E. Candes, "Conformalized quantile regression", NeurIPS
        2019, arXiv:1905.03222; without a distribution it is split conformal prediction.
    """
    values = np.zeros((len(levels), actual.shape[-1]))
    for row, level in enumerate(levels):
        scores = _scores(forecasts, actual, level, distribution)
        for step in range(actual.shape[-1]):
            known = np.sort(scores[:, ..., step][~np.isnan(scores[:, ..., step])])
            count = len(known) // len(SPREAD)
            if count >= FEWEST or (step == 0 and count):
                rank = min(math.ceil(level * (count + 1) * len(SPREAD)), len(known))
                values[row, step] = known[rank - 1]
            elif step:
                values[row, step] = values[row, step - 1]
    return ConformalMargins(tuple(levels), values)


def _scores(
    forecasts: Forecasts, actual: np.ndarray, level: float, distribution: str | None
) -> np.ndarray:
    """Return how far outcomes lie outside their intervals, (len(SPREAD), B, O, H)."""
    low, high = ends(forecasts, level, distribution)
    width = np.where(forecasts.floor == 0, 1 / forecasts.units, 0.0)[:, None, None]
    scores = [
        np.maximum(low - one, one - high) / forecasts.scale
        for one in (actual + place * width for place in SPREAD)
    ]
    return np.where(np.isnan(forecasts.location), np.nan, np.stack(scores))


def ends(
    forecasts: Forecasts, level: float, distribution: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of an interval as the distribution has them, in units."""
    if distribution is None or forecasts.raw is None:
        return forecasts.location, forecasts.location
    tail = (1 - level) / 2
    low, high = forecasts.quantiles((tail, 1 - tail), distribution, own=False)
    return low, high
