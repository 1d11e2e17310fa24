"""What errors to expect at points that were not tried: a Gaussian process over those that were."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gatework.search.axes import AnyAxis

MOST = 250
"""Trials that the process is fitted to; of more, the best and the latest."""

DRAWS = 60
"""Length scales that are tried, and again around the best of them."""

ROUNDS = 3

JITTER = 1e-8
"""Added to the noise, so that the same place twice is no obstacle."""


def coordinates(axes: Sequence[AnyAxis], points: Sequence[tuple]) -> np.ndarray:
    """Return where points lie, (n, d): each axis from 0 to 1 over its coarse grid."""
    rows = [
        [
            number
            for axis, value in zip(axes, point, strict=True)
            for number in axis.coordinates(value)
        ]
        for point in points
    ]
    return np.array(rows, dtype=np.float64).reshape(len(points), -1)


class Surrogate:
    """A Gaussian process with a Matern 5/2 kernel and a length scale for each coordinate.

    Equations:
        k(a, b) = (1 + s + s^2 / 3) exp(-s), s^2 = 5 sum_i (a_i - b_i)^2 / l_i^2
        mean(x) = m + k(x)' (K + r I)^-1 (y - m)
        var(x) = v (1 + r - k(x)' (K + r I)^-1 k(x)) - v r

    The length scales l and the share of noise r have the greatest marginal likelihood of some
    random draws; mean m and variance v follow from them.

    Source: C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine Learning, 2006,
        equations 2.25, 2.26, 4.17 and 5.8.
    """

    def __init__(self, places: np.ndarray, errors: np.ndarray, seed: int) -> None:
        """Fit to errors (n,) at places (n, d)."""
        kept = _kept(errors)
        self._x, y = places[kept], _bounded(errors[kept])
        self._centre, self._unit = float(y.mean()), float(y.std()) or 1.0
        self._y = (y - self._centre) / self._unit
        self._fit(np.random.default_rng(seed))

    def expect(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean and the standard deviation of the error, without noise, at (m, d)."""
        doubt = 1.0 - np.square(self._half(places)).sum(axis=0)
        deviation = np.sqrt(self._variance * np.maximum(doubt, 1e-12))
        return self._centre + self._unit * self._means(places), self._unit * deviation

    def choose(self, places: np.ndarray, size: int) -> list[int]:
        """Return the numbers of the places (m, d) with the greatest expected improvement in turn.

        The improvement is on the least error expected at a tried place. After each of them it is
        taken for tried, with the error that is expected there, so that the next one is not beside
        it. That error changes no other that is expected; the doubt follows from one more row of
        the factor, so that a choice costs n m.

        Source: D. R. Jones, M. Schonlau and W. J. Welch, "Efficient global optimization of
            expensive black-box functions", J. of Global Optimization 13, 1998, equation 15.
        Source: D. Ginsbourger, R. Le Riche and L. Carraro, "Kriging is well-suited to parallelize
            optimization", 2010, doi:10.1007/978-3-642-10701-6_6 (the kriging believer).
        """
        tried, size = len(self._y), min(size, len(places))
        least = self._means(self._x).min()
        mean = self._means(places)
        half = np.empty((tried + size, len(places)))
        half[:tried] = self._half(places)
        doubt = 1.0 - np.square(half[:tried]).sum(axis=0)
        left = np.ones(len(places), dtype=bool)
        chosen: list[int] = []
        for count in range(tried, tried + size):
            variance = self._variance * tried / count * np.maximum(doubt, 1e-12)
            gain = np.where(left, _improvement(least - mean, np.sqrt(variance)), -1.0)
            best = int(gain.argmax())
            chosen.append(best)
            left[best] = False
            least = min(least, mean[best])
            cross = _kernel(places[best : best + 1], places, self._scales)[0]
            apart = max(doubt[best], 0.0) + self._noise + JITTER
            half[count] = (cross - half[:count, best] @ half[:count]) / math.sqrt(apart)
            doubt -= np.square(half[count])
        return chosen

    def _means(self, places: np.ndarray) -> np.ndarray:
        return self._mean + _kernel(places, self._x, self._scales) @ self._weights

    def _half(self, places: np.ndarray) -> np.ndarray:
        """Return L^-1 k(places), (n, m)."""
        return np.linalg.solve(self._factor, _kernel(self._x, places, self._scales))

    def _fit(self, rng: np.random.Generator) -> None:
        size = self._x.shape[1]
        best, width = -math.inf, 1.0
        kept = found = np.zeros(size + 1)
        low, high = np.append(np.full(size, -1.6), -7.0), np.append(np.full(size, 2.3), 0.0)
        pairs = _Pairs(self._x, self._y)
        for number in range(ROUNDS):
            for _ in range(DRAWS):
                if number == 0:
                    drawn = rng.uniform(low, high)
                else:
                    drawn = np.clip(kept + width * rng.standard_normal(size + 1), low, high)
                likelihood = self._solve(pairs, np.exp(drawn[:-1]), float(np.exp(drawn[-1])))
                if likelihood > best:
                    best, found = likelihood, drawn
            kept, width = found, width / 2
        self._solve(pairs, np.exp(kept[:-1]), float(np.exp(kept[-1])))
        self._weights = np.linalg.solve(self._factor.T, self._rest)

    def _solve(self, pairs: _Pairs, scales: np.ndarray, noise: float) -> float:
        """Take over length scales and noise; return the log likelihood."""
        count = len(self._y)
        self._scales, self._noise = scales, noise
        self._factor, ones, values = pairs.factor(scales, noise)
        self._mean = float(ones @ values / (ones @ ones))
        self._rest = values - self._mean * ones
        self._variance = max(float(self._rest @ self._rest) / count, 1e-12)
        return -0.5 * count * math.log(self._variance) - float(np.log(np.diag(self._factor)).sum())


class _Pairs:
    """What the tried places (n, d) have to do with each other, for many length scales."""

    def __init__(self, places: np.ndarray, errors: np.ndarray) -> None:
        self._count = len(errors)
        self._rows, self._columns = np.tril_indices(self._count, -1)
        self._apart = np.square(places[self._rows] - places[self._columns])
        # Two rows more: what a factorization leaves in them is L^-1 1 and L^-1 y.
        self._whole = np.diag(np.full(self._count + 2, 1e200))
        self._whole[self._count, : self._count] = 1.0
        self._whole[self._count + 1, : self._count] = errors

    def factor(self, scales: np.ndarray, noise: float) -> tuple[np.ndarray, ...]:
        """Return the factor L of K + r I = L L', L^-1 1 and L^-1 y."""
        n = self._count
        self._whole[self._rows, self._columns] = _matern(self._apart @ scales**-2.0)
        self._whole[np.arange(n), np.arange(n)] = 1.0 + noise + JITTER
        factor = np.linalg.cholesky(self._whole)
        return factor[:n, :n], factor[n, :n], factor[n + 1, :n]


def _improvement(above: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Return the expected improvement by what the least error is above the expected one."""
    score = above / deviation
    density = np.exp(-0.5 * score**2) / math.sqrt(2 * math.pi)
    below = 0.5 * (1 + np.array([math.erf(one / math.sqrt(2)) for one in score]))
    return above * below + deviation * density


def _kernel(a: np.ndarray, b: np.ndarray, scales: np.ndarray) -> np.ndarray:
    return _matern(np.square((a[:, None] - b[None]) / scales).sum(axis=-1))


def _matern(squared: np.ndarray) -> np.ndarray:
    """Return the kernel of squared distances in length scales."""
    distance = np.sqrt(5 * squared)
    return (1 + distance + np.square(distance) / 3) * np.exp(-distance)


def _kept(errors: np.ndarray) -> np.ndarray:
    """Return the numbers of the trials to fit to, at most MOST."""
    if len(errors) <= MOST:
        return np.arange(len(errors))
    latest = np.arange(len(errors) - MOST // 2, len(errors))
    best = np.argsort(errors[: latest[0]], kind="stable")[: MOST - len(latest)]
    return np.sort(np.append(best, latest))


def _bounded(errors: np.ndarray) -> np.ndarray:
    """Return errors of which those far above the others are nearer: how bad they are is no help."""
    low, middle, high = np.quantile(errors, (0.25, 0.5, 0.75))
    return np.minimum(errors, max(high + 1.5 * (high - low), middle))
