"""A quick correction for covariates, on top of a network that knows nothing of them.

The values less the effect of the covariates go through the network, and the effect of the periods
to come is put upon its forecasts. So the network smooths what remains, and its intervals are as
wide as the errors that remain.

Equations, for values y, covariates x, coefficients b and forecasts F of the network:
    forecast(t) = F(y - x b)(t) + x(t) b            where effects add
    forecast(t) = F(y exp(-x b))(t) exp(x(t) b)     where effects multiply

Source: R. J. Hyndman et al. 2008, "Forecasting with Exponential Smoothing", chapter 9 (regression
    on what smoothing cannot explain).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatework.forecast.pretrained.distribution import Distributions

MOST_TIMES = 2.5
"""The logarithm of the most that an effect multiplies with."""


@dataclass(frozen=True, eq=False)
class Correction:
    """The effect of covariates on some series: of each of them, for a deviation of each covariate.

    Shapes:
        coefficients: (B, K).
    """

    multiplies: bool
    coefficients: np.ndarray

    def effect(self, covariates: np.ndarray) -> np.ndarray:
        """Return the effect of covariates (B, ..., K) on each series, (B, ...)."""
        found = np.einsum("b...k,bk->b...", covariates, self.coefficients)
        return np.clip(found, -MOST_TIMES, MOST_TIMES) if self.multiplies else found

    def less(self, values: np.ndarray, effect: np.ndarray) -> np.ndarray:
        """Return values without an effect."""
        return values * np.exp(-effect) if self.multiplies else values - effect

    def upon(self, values: np.ndarray, effect: np.ndarray) -> np.ndarray:
        """Return values with an effect."""
        return values * np.exp(effect) if self.multiplies else values + effect

    def rows(self, rows: np.ndarray) -> Correction:
        """Return that of some of the series."""
        return Correction(self.multiplies, self.coefficients[rows])


@dataclass(frozen=True, eq=False)
class CorrectedDistributions:
    """What a network says of values without an effect, with the effect put upon it.

    Attributes:
        found: of the values without it. effect: (B, H). floor: (B,), least outcome.
        counts: (B,), which series count things.
    """

    found: Distributions
    correction: Correction
    effect: np.ndarray
    floor: np.ndarray
    counts: np.ndarray

    @property
    def location(self) -> np.ndarray:
        """Return the forecasts, (B, H)."""
        return self._upon(self.found.location)

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Return the quantiles of the levels, (L, B, H)."""
        return self._upon(self.found.quantiles(levels))

    def paths(self, count: int, seed: int) -> np.ndarray:
        """Return so many sample paths of each series, (count, B, H)."""
        drawn = self._upon(self.found.paths(count, seed))
        return np.where(self.counts[:, None], np.round(drawn), drawn)

    def rows(self, rows: np.ndarray) -> CorrectedDistributions:
        """Return those of some of the series."""
        parts = self.effect[rows], self.floor[rows], self.counts[rows]
        return CorrectedDistributions(self.found.rows(rows), self.correction.rows(rows), *parts)

    def _upon(self, values: np.ndarray) -> np.ndarray:
        return np.maximum(self.correction.upon(values, self.effect), self.floor[:, None])
