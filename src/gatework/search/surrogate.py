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

    def add(self, place: np.ndarray) -> None:
        """Go on as if the error at a place (d,) were known to be the one expected there."""
        mean, _ = self.expect(place[None])
        self._x = np.vstack([self._x, place])
        self._y = np.append(self._y, (mean[0] - self._centre) / self._unit)
        self._solve(self._scales, self._noise)

    def expect(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the mean and the standard deviation of the error, without noise, at (m, d)."""
        cross = _kernel(places, self._x, self._scales)
        mean = self._mean + cross @ self._weights
        half = np.linalg.solve(self._factor, cross.T)
        variance = self._variance * np.maximum(1.0 - np.square(half).sum(axis=0), 1e-12)
        return self._centre + self._unit * mean, self._unit * np.sqrt(variance)

    def improvement(self, places: np.ndarray) -> np.ndarray:
        """Return the expected improvement (m,) on the least error expected at a tried place.

        Source: D. R. Jones, M. Schonlau and W. J. Welch, "Efficient global optimization of
            expensive black-box functions", J. of Global Optimization 13, 1998, equation 15.
        """
        least = self.expect(self._x)[0].min()
        mean, deviation = self.expect(places)
        score = (least - mean) / deviation
        density = np.exp(-0.5 * score**2) / math.sqrt(2 * math.pi)
        below = 0.5 * (1 + np.array([math.erf(one / math.sqrt(2)) for one in score]))
        return (least - mean) * below + deviation * density

    def _fit(self, rng: np.random.Generator) -> None:
        size = self._x.shape[1]
        best, width = -math.inf, 1.0
        kept = found = np.zeros(size + 1)
        low, high = np.append(np.full(size, -1.6), -7.0), np.append(np.full(size, 2.3), 0.0)
        for number in range(ROUNDS):
            for _ in range(DRAWS):
                if number == 0:
                    drawn = rng.uniform(low, high)
                else:
                    drawn = np.clip(kept + width * rng.standard_normal(size + 1), low, high)
                likelihood = self._solve(np.exp(drawn[:-1]), float(np.exp(drawn[-1])))
                if likelihood > best:
                    best, found = likelihood, drawn
            kept, width = found, width / 2
        self._solve(np.exp(kept[:-1]), float(np.exp(kept[-1])))

    def _solve(self, scales: np.ndarray, noise: float) -> float:
        """Prepare expectations for length scales and noise; return the log likelihood."""
        count = len(self._y)
        self._scales, self._noise = scales, noise
        kernel = _kernel(self._x, self._x, scales) + (noise + 1e-8) * np.eye(count)
        self._factor = np.linalg.cholesky(kernel)
        ones, values = np.linalg.solve(self._factor, np.stack([np.ones(count), self._y], axis=1)).T
        self._mean = float(ones @ values / (ones @ ones))
        rest = values - self._mean * ones
        self._variance = max(float(rest @ rest) / count, 1e-12)
        self._weights = np.linalg.solve(self._factor.T, rest)
        return -0.5 * count * math.log(self._variance) - float(np.log(np.diag(self._factor)).sum())


def _kernel(a: np.ndarray, b: np.ndarray, scales: np.ndarray) -> np.ndarray:
    apart = (a[:, None] - b[None]) / scales
    distance = np.sqrt(5 * np.square(apart).sum(axis=-1))
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
