"""A quick correction for covariates, on top of a network that knows nothing of them.

The values less the effect of the covariates go through the network, and the effect of the periods
to come is put upon its forecasts. So the network smooths what remains, and its intervals are as
wide as the errors that remain; wider as far as coefficients are uncertain, and as errors that they
were fitted to are smaller than those to come.

Equations, for values y, covariates x, coefficients b and forecasts F of the network:
    forecast(t) = F(y - x b)(t) + x(t) b            where effects add
    forecast(t) = F(y exp(-x b))(t) exp(x(t) b)     where effects multiply
    deviation(t)^2 = (widening s(t))^2 + x(t) C x(t)    for deviations s of F, covariance C of b

Source: R. J. Hyndman et al. 2008, "Forecasting with Exponential Smoothing", chapter 9 (regression
    on what smoothing cannot explain).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gatework.forecast.pretrained.distribution import NORMAL_HALF, Distributions

MOST_TIMES = 2.5
"""The logarithm of the most that an effect multiplies with."""

DRAWN = 1
"""Beside the seed of paths, for the coefficients along them."""


@dataclass(frozen=True, eq=False)
class Correction:
    """The effect of covariates on some series: of each of them, for a deviation of each covariate.

    Shapes:
        coefficients: (B, K). covariance: (B, K, K), of their errors. widening: (B,), of errors to
        come beside those that were fitted.
    """

    multiplies: bool
    coefficients: np.ndarray
    covariance: np.ndarray
    widening: np.ndarray

    @classmethod
    def of(cls, multiplies: bool, coefficients: np.ndarray) -> Correction:
        """Return one whose coefficients (B, K) are known."""
        count, columns = coefficients.shape
        return cls(multiplies, coefficients, np.zeros((count, columns, columns)), np.ones(count))

    @classmethod
    def joined(cls, parts: Sequence[Correction]) -> Correction:
        """Put together that of some series and of others."""
        names = ("coefficients", "covariance", "widening")
        arrays = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
        return cls(parts[0].multiplies, *arrays)

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
        parts = self.coefficients[rows], self.covariance[rows], self.widening[rows]
        return Correction(self.multiplies, *parts)

    def variance(self, covariates: np.ndarray) -> np.ndarray:
        """Return the variance of the effect of covariates (B, H, K), (B, H)."""
        return np.einsum("bhk,bkl,bhl->bh", covariates, self.covariance, covariates)

    def drawn(self, covariates: np.ndarray, count: int, seed: int) -> np.ndarray:
        """Return effects of covariates (B, H, K) by coefficients that are drawn, (count, B, H)."""
        sizes, axes = np.linalg.eigh(self.covariance)
        root = axes * np.sqrt(np.maximum(sizes, 0.0))[:, None]
        draws = np.random.default_rng((seed, DRAWN)).normal(size=(count, *sizes.shape))
        apart = np.einsum("bhk,bkl,nbl->nbh", covariates, root, draws, optimize=True)
        found = np.einsum("bhk,bk->bh", covariates, self.coefficients) + apart
        return np.clip(found, -MOST_TIMES, MOST_TIMES) if self.multiplies else found


@dataclass(frozen=True, eq=False)
class CorrectedDistributions:
    """What a network says of values without an effect, with the effect put upon it.

    Attributes:
        found: of the values without it. covariates: (B, H, K). floor: (B,), least outcome.
        counts: (B,), which series count things.
    """

    found: Distributions
    correction: Correction
    covariates: np.ndarray
    floor: np.ndarray
    counts: np.ndarray

    @cached_property
    def effect(self) -> np.ndarray:
        """Return the effect in each period, (B, H)."""
        return self.correction.effect(self.covariates)

    @property
    def location(self) -> np.ndarray:
        """Return the forecasts, (B, H)."""
        return self._upon(self.found.location, self.effect)

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Return the quantiles of the levels, (L, B, H)."""
        centre = self.found.location
        apart = self.found.quantiles(levels) - centre
        return self._upon(centre + self._wider() * apart, self.effect)

    def paths(self, count: int, seed: int) -> np.ndarray:
        """Return so many sample paths of each series, (count, B, H); each has coefficients."""
        centre = self.found.location
        apart = self.found.paths(count, seed) - centre
        effect = self.correction.drawn(self.covariates, count, seed)
        drawn = self._upon(centre + self.correction.widening[:, None] * apart, effect)
        return np.where(self.counts[:, None], np.round(drawn), drawn)

    def rows(self, rows: np.ndarray) -> CorrectedDistributions:
        """Return those of some of the series."""
        parts = self.covariates[rows], self.floor[rows], self.counts[rows]
        return CorrectedDistributions(self.found.rows(rows), self.correction.rows(rows), *parts)

    def _wider(self) -> np.ndarray:
        """Return by how much deviations are greater than the network says, (B, H)."""
        deviation = self.found.halves().mean(axis=-1) / NORMAL_HALF
        unit = np.abs(self.found.location) if self.correction.multiplies else 1.0
        apart = unit * np.sqrt(np.maximum(self.correction.variance(self.covariates), 0.0))
        share = np.where(deviation > 0, apart, 0.0) / np.where(deviation > 0, deviation, 1.0)
        return np.hypot(self.correction.widening[:, None], share)

    def _upon(self, values: np.ndarray, effect: np.ndarray) -> np.ndarray:
        return np.maximum(self.correction.upon(values, effect), self.floor[:, None])
