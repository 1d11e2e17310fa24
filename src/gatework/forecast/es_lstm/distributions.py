"""Heads that turn a forecast into a distribution, and their losses and quantiles.

A head is fitted after the network, whose forecasts it leaves as they are: it says how far the
outcomes spread around them. All is in the unit of each series; only counts need to know it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""Levels of the quantiles that the quantile head learns; others lie on lines between them."""

LEAST_SPREAD = 1e-4

_AT_ONE = math.log(math.e - 1)  # softplus of it is 1


class Around(NamedTuple):
    """Where distributions lie, and how large they are; of tensors or of arrays.

    Shapes:
        location, scale, unit: (...); scale is the size of errors to expect, unit that of the
            series. raw: (..., parameters), what the head says; 0 is a sound beginning.
    """

    location: Any
    scale: Any
    unit: Any
    raw: Any


class Distribution(Protocol):
    """A family of distributions around a forecast."""

    name: ClassVar[str]
    parameters: ClassVar[int]

    def loss(self, target: Tensor, at: Around) -> Tensor:
        """Return the loss of each target, (...)."""
        ...

    def quantiles(self, levels: Sequence[float], at: Around) -> np.ndarray:
        """Return the quantiles of the given levels in the unit of the series, (L, ...)."""
        ...


class Normal:
    """Normal around the forecast, with a learned deviation."""

    name: ClassVar[str] = "normal"
    parameters: ClassVar[int] = 1

    def loss(self, target: Tensor, at: Around) -> Tensor:
        """Return minus the logarithm of the density, less a constant."""
        deviation = at.scale * _positive(at.raw[..., 0])
        return deviation.log() + 0.5 * ((target - at.location) / deviation).square()

    def quantiles(self, levels: Sequence[float], at: Around) -> np.ndarray:
        """Return location + deviation z."""
        from scipy.stats import norm

        deviation = at.scale * _positive_array(at.raw[..., 0])
        return np.stack([at.location + norm.ppf(level) * deviation for level in levels])


class StudentT:
    """Student's t around the forecast: heavier tails, learned degrees of freedom above 2."""

    name: ClassVar[str] = "student_t"
    parameters: ClassVar[int] = 2

    def loss(self, target: Tensor, at: Around) -> Tensor:
        """Return minus the logarithm of the density."""
        freedom = 2 + 4 * _positive(at.raw[..., 1])
        width = at.scale * _positive(at.raw[..., 0])
        return -torch.distributions.StudentT(freedom, at.location, width).log_prob(target)

    def quantiles(self, levels: Sequence[float], at: Around) -> np.ndarray:
        """Return location + width t."""
        from scipy.stats import t

        freedom = 2 + 4 * _positive_array(at.raw[..., 1])
        width = at.scale * _positive_array(at.raw[..., 0])
        return np.stack([at.location + t.ppf(level, freedom) * width for level in levels])


class NegativeBinomial:
    """Counts with the forecast as their mean, and a variance that is at least as large.

    Equations: variance = m + m^2 / r, for the mean m and the learned size r.

    Source: J. M. Hilbe, Negative Binomial Regression, 2011, doi 10.1017/CBO9780511973420 (NB2).
    """

    name: ClassVar[str] = "negative_binomial"
    parameters: ClassVar[int] = 1

    def loss(self, target: Tensor, at: Around) -> Tensor:
        """Return minus the logarithm of the probability, less what depends on the count alone."""
        mean = (at.location * at.unit).clamp(min=1e-3)
        count = target * at.unit
        size = 4 * _positive(at.raw[..., 0])
        both = size + mean
        choose = torch.lgamma(count + size) - torch.lgamma(size)
        return -(choose + size * (size / both).log() + count * (mean / both).log())

    def quantiles(self, levels: Sequence[float], at: Around) -> np.ndarray:
        """Return the quantiles with each count k spread over k - 1/2 to k + 1/2.

        Whole quantiles would hold far more outcomes than they say: of a series that is 0 half of
        the time, every level from 0 to 0.5 has the quantile 0.
        """
        from scipy.stats import nbinom

        mean = np.maximum(at.location * at.unit, 1e-3)
        size = 4 * _positive_array(at.raw[..., 0])
        share = size / (size + mean)
        found = []
        for level in levels:
            count = nbinom.ppf(level, size, share)
            below = nbinom.cdf(count - 1, size, share)
            part = (level - below) / np.maximum(nbinom.pmf(count, size, share), 1e-12)
            found.append((count - 0.5 + np.clip(part, 0, 1)) / at.unit)
        return np.stack(found)


class Quantiles:
    """Quantiles themselves, learned with the pinball loss; they never cross.

    Source: R. Koenker and G. Bassett, "Regression quantiles", Econometrica 46(1), 1978,
        doi 10.2307/1913643.
    """

    name: ClassVar[str] = "quantiles"
    parameters: ClassVar[int] = len(LEVELS)

    def loss(self, target: Tensor, at: Around) -> Tensor:
        """Return the mean pinball loss over the levels, in units of the scale."""
        values = at.location.unsqueeze(-1) + at.scale.unsqueeze(-1) * self._offsets(at.raw)
        error = (target.unsqueeze(-1) - values) / at.scale.unsqueeze(-1)
        levels = torch.tensor(LEVELS, dtype=error.dtype, device=error.device)
        return torch.maximum(levels * error, (levels - 1) * error).mean(dim=-1)

    def quantiles(self, levels: Sequence[float], at: Around) -> np.ndarray:
        """Return the learned quantiles; between two levels a straight line, beyond them flat."""
        learned = self._offsets(torch.from_numpy(np.asarray(at.raw, dtype=np.float64))).numpy()
        result = []
        for level in levels:
            right = int(np.clip(np.searchsorted(LEVELS, level), 1, len(LEVELS) - 1))
            low, high = LEVELS[right - 1], LEVELS[right]
            share = float(np.clip((level - low) / (high - low), 0, 1))
            offset = (1 - share) * learned[..., right - 1] + share * learned[..., right]
            result.append(at.location + at.scale * offset)
        return np.stack(result)

    def _offsets(self, raw: Tensor) -> Tensor:
        """Return the distances of the quantiles from the location, in scales, rising."""
        middle = len(LEVELS) // 2
        centre = raw[..., middle : middle + 1]
        below = -_positive(raw[..., :middle].flip(-1)).cumsum(-1).flip(-1) / 2
        above = _positive(raw[..., middle + 1 :]).cumsum(-1) / 2
        return torch.cat([centre + below, centre, centre + above], dim=-1)


DISTRIBUTIONS: dict[str, Distribution] = {
    one.name: one for one in (Normal(), StudentT(), NegativeBinomial(), Quantiles())
}


def _positive(raw: Tensor) -> Tensor:
    """Return a positive number, 1 for 0."""
    return softplus(raw + _AT_ONE) + LEAST_SPREAD


def _positive_array(raw: np.ndarray) -> np.ndarray:
    return np.logaddexp(0.0, np.asarray(raw, dtype=np.float64) + _AT_ONE) + LEAST_SPREAD
