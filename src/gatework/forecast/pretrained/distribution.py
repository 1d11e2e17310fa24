"""What a network says of the outcomes around its forecasts: quantiles, chances, sample paths.

Measured values have quantiles of their own; counts a negative binomial with more or fewer zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatework.forecast.pretrained.knots import KNOTS

LEVELS = np.array(
    (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
)
"""Levels of the quantiles that are learned; others lie between them on lines over the logit."""

PARAMETERS = len(LEVELS) + 2
"""Numbers at each step ahead: the quantiles', then size and zeros of the negative binomial."""

MIDDLE = len(LEVELS) // 2

ENDS_OF_90 = np.flatnonzero(np.isin(LEVELS, (0.05, 0.95)))

NORMAL_HALF = 1.645
"""Deviations of a normal distribution from its mean to the end of its 90 % interval."""

LEAST_MEAN = 1e-3
"""Of counts, so that something may always happen."""

USUAL = 0.9
"""What makes a deviation of 1.24 times the mean size of errors, as in the normal, of 0."""

LEAST_MORE = 0.02
"""Variance of counts beyond that of Poisson's, in units of the mean, at least."""

MOST_TRIED = 20_000
"""Counts up to which chances are added up."""

FEW = 8
"""Values of which fewer make intervals that never narrow with the steps ahead.

Networks saw few series so young: what they say of later values narrows.
"""

LEAST_STEP = 1e-3
"""Between two quantiles, in units of the scale."""


def softplus(raw: np.ndarray) -> np.ndarray:
    """Return log(1 + exp(raw)), faster than numpy's logaddexp."""
    return np.maximum(raw, 0.0) + np.log1p(np.exp(-np.abs(raw)))


def widening_beyond(rate: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return by how much errors grow beyond the last knot, (B, h), as in ETS(A,N,N)."""
    grown = 1 + (np.maximum(steps, KNOTS[-1]) - 1) * rate[:, None] ** 2
    return np.sqrt(grown / (1 + (KNOTS[-1] - 1) * rate[:, None] ** 2))


@dataclass(frozen=True, eq=False)
class Distributions:
    """Forecasts and the distributions around them, in the numbers of each series.

    Attributes:
        location: (B, H), the forecasts. scale: (B,), the size of errors to expect one step ahead.
        raw: (B, H, PARAMETERS). counts: (B,), which series count things.
        floor: (B,), least outcome. rate: (B,), how far a level follows a new value.
        widening: (B, H), of what is beyond the last knot; 1 before.
        steady: (B,), whose spread is no less at any step further ahead; None for none.
    """

    location: np.ndarray
    scale: np.ndarray
    raw: np.ndarray
    counts: np.ndarray
    floor: np.ndarray
    rate: np.ndarray
    widening: np.ndarray
    steady: np.ndarray | None = None

    def rows(self, rows: np.ndarray) -> Distributions:
        """Return those of some of the series."""
        return Distributions(*(part[rows] for part in vars(self).values() if part is not None))

    def steadied(self, age: np.ndarray) -> Distributions:
        """Return them with a spread that never narrows where ``age``, (B,), is below FEW values."""
        return replace(self, steady=age < FEW) if (age < FEW).any() else self

    def quantiles(self, levels: Sequence[float]) -> np.ndarray:
        """Return the quantiles of the levels, (L, B, H); those of counts lie within a unit.

        Whole quantiles of counts would hold far more outcomes than they say, so a count k is
        spread over k - 1/2 to k + 1/2, but never below 0.
        """
        found = self._measured(np.asarray(levels, float))
        rows = np.flatnonzero(self.counts)
        if rows.size:
            some = self.rows(rows)
            share = some._by_chance()
            counted = some._counted(np.asarray(levels, float))
            found[:, rows] = share * counted + (1 - share) * found[:, rows]
            found = self.location + self._kept(found - self.location, np.asarray(levels))
        return np.maximum(found, self.floor[:, None])

    def halves(self) -> np.ndarray:
        """Return about half of the 90 % interval below and above each forecast, (B, H, 2)."""
        measured = np.abs(self._learned()[..., ENDS_OF_90] - self.location[..., None])
        mean, size, zeros = self._negative_binomial()
        spread = (1 - zeros) * (mean + mean**2 / size + zeros * mean**2)
        counted = NORMAL_HALF * np.sqrt(spread)[..., None]
        return np.where(self.counts[:, None, None], counted, measured)

    def _by_chance(self) -> np.ndarray:
        """Return how far counts spread as chance alone would have them, (B, H), from 0 to 1.

        A negative binomial never spreads less than Poisson's; what does is taken as measured.
        """
        spread = self._deviation() ** 2 / np.maximum(self.location, LEAST_MEAN)
        return np.clip((spread - 0.25) / 0.25, 0.0, 1.0)

    def _deviation(self) -> np.ndarray:
        """Return the deviation of counts that was learned, (B, H)."""
        found = self.scale[:, None] * self.widening * softplus(self.raw[..., -2] + USUAL)
        return self._kept(found[None], np.ones(1))[0]

    def _measured(self, levels: np.ndarray) -> np.ndarray:
        learned = self._learned()  # (B, H, Q)
        place, last = _logit(levels), len(LEVELS) - 1
        known = _logit(LEVELS)
        right = np.clip(np.searchsorted(known, place), 1, last)
        share = (place - known[right - 1]) / (known[right] - known[right - 1])
        low, high = learned[..., right - 1], learned[..., right]
        return np.moveaxis(low + share * (high - low), -1, 0)

    def _learned(self) -> np.ndarray:
        """Return the quantiles of LEVELS, rising, (B, H, Q)."""
        raw = self.raw[..., : len(LEVELS)]
        rises = softplus(raw) + LEAST_STEP
        below = -np.cumsum(rises[..., :MIDDLE][..., ::-1], axis=-1)[..., ::-1]
        above = np.cumsum(rises[..., MIDDLE + 1 :], axis=-1)
        centre = raw[..., MIDDLE : MIDDLE + 1]
        apart = np.concatenate([below + centre, centre, above + centre], axis=-1)
        size = (self.scale[:, None] * self.widening)[..., None]
        apart = self._kept(np.moveaxis(size * apart, -1, 0))
        return self.location[..., None] + np.moveaxis(apart, 0, -1)

    def _kept(self, apart: np.ndarray, levels: np.ndarray = LEVELS) -> np.ndarray:
        """Return distances of quantiles, (L, B, H), away from the middle with H where steady."""
        if self.steady is None:
            return apart
        side = np.sign(levels - 0.5)[:, None, None]
        grown = np.where(side, side * np.maximum.accumulate(side * apart, axis=-1), apart)
        return np.where(self.steady[:, None], grown, apart)

    def _negative_binomial(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean and size of the negative binomial, and the share of zeros beside it.

        Equations, for the mean m and the learned a:
            deviation = scale softplus(a + USUAL)
            variance / m - 1 = softplus(4 (deviation^2 / m - 1)) / 4 + LEAST_MORE = m / size
        """
        zeros = 0.95 / (1 + np.exp(-(self.raw[..., -1] - 4.0)))
        mean = np.maximum(self.location, LEAST_MEAN) / (1 - zeros)
        more = softplus(4 * (self._deviation() ** 2 / mean - 1)) / 4 + LEAST_MORE
        return mean, mean / more, zeros

    def _chances(self) -> np.ndarray:
        """Return the chance of each count from 0 on, (k, B, H), up to all but 1e-6."""
        mean, size, zeros = self._negative_binomial()
        chance = np.exp(-size * np.log1p(mean / size))
        share = mean / (mean + size)
        found, left = [zeros + (1 - zeros) * chance], (1 - zeros) * (1 - chance)
        for count in range(1, MOST_TRIED):
            if left.max() < 1e-6:
                break
            chance = chance * share * (count - 1 + size) / count
            found.append((1 - zeros) * chance)
            left = left - found[-1]
        return np.stack(found)

    def _counted(self, levels: np.ndarray) -> np.ndarray:
        chances = self._chances()
        reached = np.cumsum(chances, axis=0)
        found = np.empty((len(levels), *self.location.shape))
        for number, level in enumerate(levels):
            count = np.minimum((reached < level).sum(axis=0), len(chances) - 1)
            own = np.take_along_axis(chances, count[None], axis=0)[0]
            before = np.take_along_axis(reached, count[None], axis=0)[0] - own
            part = np.clip((level - before) / np.maximum(own, 1e-12), 0, 1)
            found[number] = count - 0.5 + part
        return np.maximum(found, 0.0)

    def paths(self, count: int, seed: int) -> np.ndarray:
        """Return so many sample paths of each series, (count, B, H).

        At each step ahead they have the distribution there. What goes together is what does in
        simple exponential smoothing: an error that moves the level stays in all later ones.

        Source: R. J. Hyndman et al. 2008, "Forecasting with Exponential Smoothing", section 6.3
            (covariances of ETS(A,N,N)); M. Clark et al. 2004, "The Schaake shuffle", Journal of
            Hydrometeorology 5, pages 243-262 (ranks from one place, values from another).
        """
        draw = np.random.default_rng(seed)
        series, horizon = self.location.shape
        noise = draw.normal(size=(count, series, horizon))
        moved = np.cumsum(noise, axis=-1) - noise
        ranks = (noise + self.rate[:, None] * moved).argsort(axis=0).argsort(axis=0)
        places = (ranks + draw.random(ranks.shape)) / count
        found = np.empty_like(places)
        learned, known = self._learned(), _logit(LEVELS)
        for row in range(series):
            for step in range(horizon):
                at = _logit(np.clip(places[:, row, step], 1e-6, 1 - 1e-6))
                found[:, row, step] = _line(at, known, learned[row, step])
        for row in np.flatnonzero(self.counts):
            one = self.rows(np.array([row]))
            reached, share = np.cumsum(one._chances()[:, 0], axis=0), one._by_chance()[0]
            for step in range(horizon):
                counted = np.searchsorted(reached[:, step], places[:, row, step])
                mixed = share[step] * counted + (1 - share[step]) * found[:, row, step]
                found[:, row, step] = np.round(mixed)
        return np.maximum(found, self.floor[:, None])


def _line(at: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return values at places, on lines between the known ones and beyond the ends."""
    right = np.clip(np.searchsorted(known, at), 1, len(known) - 1)
    share = (at - known[right - 1]) / (known[right] - known[right - 1])
    return values[right - 1] + share * (values[right] - values[right - 1])


def _logit(share: np.ndarray) -> np.ndarray:
    return np.log(share / (1 - share))
