"""Margins that make intervals hold as often as they say, from errors on held-out values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatework.forecast.smoothing.rolling import Forecasts

FEWEST = 10
"""Steps ahead with fewer known outcomes take the margin of the step before."""


@dataclass(frozen=True, eq=False)
class Margins:
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

        An interval always holds the forecast itself.
        """
        low, high = ends(forecasts, level, distribution)
        margin = self.values[self.levels.index(level)] * forecasts.scale
        low = np.minimum(low - margin, forecasts.location)
        high = np.maximum(high + margin, forecasts.location)
        return forecasts.own(low), forecasts.own(high)


def conformal_margins(
    forecasts: Forecasts,
    actual: np.ndarray,
    levels: Sequence[float],
    distribution: str | None,
) -> Margins:
    """Return the margins with which intervals would have held as often as they say.

    For each level and step ahead: the score of an outcome is how far it lies outside its interval
    (negative inside), over the expected error; the margin is the score's quantile of that level,
    taken as far out as makes it hold for the next outcome, too.

    Shapes:
        forecasts: of held-out values, location (B, O, H).
        actual: (B, O, H), in units, nan where there is none.

    Source: Y. Romano, E. Patterson and E. Candes, "Conformalized quantile regression", NeurIPS
        2019, arXiv:1905.03222; without a distribution it is split conformal prediction.
    """
    values = np.zeros((len(levels), actual.shape[-1]))
    for row, level in enumerate(levels):
        low, high = ends(forecasts, level, distribution)
        scores = np.maximum(low - actual, actual - high) / forecasts.scale
        scores = np.where(np.isnan(forecasts.location), np.nan, scores)
        for step in range(actual.shape[-1]):
            known = np.sort(scores[..., step][~np.isnan(scores[..., step])])
            if len(known) >= FEWEST or (step == 0 and len(known)):
                rank = min(math.ceil(level * (len(known) + 1)), len(known))
                values[row, step] = known[rank - 1]
            elif step:
                values[row, step] = values[row, step - 1]
    return Margins(tuple(levels), values)


def ends(
    forecasts: Forecasts, level: float, distribution: str | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of an interval as the distribution has them, in units."""
    if distribution is None or forecasts.raw is None:
        return forecasts.location, forecasts.location
    tail = (1 - level) / 2
    low, high = forecasts.quantiles((tail, 1 - tail), distribution, own=False)
    return low, high
