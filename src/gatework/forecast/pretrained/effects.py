"""What covariates explain of errors, by ridge regression: chosen and shrunk by leaving out periods.

Source: A. E. Hoerl and R. W. Kennard 1970, doi 10.1080/00401706.1970.10488634 (ridge regression);
    D. M. Allen 1974, doi 10.1080/00401706.1974.10489157 (residuals of what is left out, in closed
    form); B. Efron and C. Stein 1981, doi 10.1214/aos/1176345462 (what coefficients move when a
    period is left out says how uncertain they are); D. P. Foster and E. I. George 1994, doi
    10.1214/aos/1176325766 (what must be gained grows with the logarithm of what there is to choose
    from).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

import numpy as np

PENALTIES = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Of coefficients that say how many usual errors a deviation of the covariate adds."""

LEAST_GAIN = 2.0
"""Of the logarithm of the likelihood, by one candidate alone: chance gains so much in one of 40."""

AT_ONCE = 64
"""Groups that are worked on at a time."""

TINY = 1e-12


class Gained(NamedTuple):
    """What a candidate explains beside those before it: of the likelihood's logarithm, of errors.

    ``share`` is that of the mean size of errors, of periods that the coefficients did not know.
    """

    likelihood: float
    share: float


class Fit(NamedTuple):
    """Coefficients of a ridge regression, and what is known by leaving each period out.

    Shapes:
        coefficients: (G, K). left_out: (G, T, R), residuals of each period by the others'
        coefficients, which differ by moved (G, T, K).
    """

    coefficients: np.ndarray
    left_out: np.ndarray
    moved: np.ndarray

    @property
    def covariance(self) -> np.ndarray:
        """Return the covariance of the coefficients' errors, (G, K, K), by the jackknife."""
        apart = self.moved - self.moved.mean(axis=1, keepdims=True)
        return apart.swapaxes(1, 2) @ apart


@dataclass(frozen=True, eq=False)
class Errors:
    """Errors of forecasts one step ahead, and how far each coefficient takes them back.

    Groups have coefficients of their own; the rows of a period are left out together.

    Shapes:
        target: (G, T, R). design: (G, T, R, C). Both 0 where a value is missing.
    """

    target: np.ndarray
    design: np.ndarray

    def fitted(self, columns: Sequence[int]) -> Fit:
        """Return the fit of some columns by the penalty that leaves the least squares left out."""
        tried = [self._fitted(list(columns), penalty) for penalty in PENALTIES]
        return min(tried, key=lambda one: float((one.left_out**2).sum()))

    def _fitted(self, columns: list[int], penalty: float) -> Fit:
        groups = [slice(at, at + AT_ONCE) for at in range(0, len(self.target), AT_ONCE)]
        parts = [
            _fitted(self.target[some], self.design[some][..., columns], penalty) for some in groups
        ]
        return Fit(*map(np.concatenate, zip(*parts, strict=True)))

    def less(self, columns: Sequence[int], coefficients: np.ndarray) -> Errors:
        """Return the errors that are left by coefficients (K,) of some columns."""
        taken = self.design[..., list(columns)] @ coefficients
        return Errors(self.target - taken, self.design)

    def chosen(self, candidates: Sequence[Sequence[int]]) -> dict[int, Gained]:
        """Return which candidates explain more than chance, with what each gained when it came.

        Each is some columns. The best is taken first, then the best beside it, and so on.
        """
        found: dict[int, Gained] = {}
        before, least = self.target, LEAST_GAIN + log(max(len(candidates), 1))
        while len(found) < len(candidates):
            tried = {}
            for number in set(range(len(candidates))) - set(found):
                columns = [one for taken in (*found, number) for one in candidates[taken]]
                after = self.fitted(columns).left_out
                tried[number] = gain(before, after), after
            best = max(tried, key=lambda number: tried[number][0])
            likelihood, after = tried[best]
            if likelihood < least:
                break
            share = 1 - np.abs(after).sum() / np.abs(before).sum()
            found[best], before = Gained(float(likelihood), float(share)), after
        return found


def gain(before: np.ndarray, after: np.ndarray) -> float:
    """Return by how much residuals (G, T, R) raise the logarithm of the likelihood.

    It is the lesser of two, of Laplace's errors and of normal ones. Rows of a period that gain
    together count as fewer observations.
    """
    return min(_gain(np.abs(before), np.abs(after)), 0.5 * _gain(before**2, after**2))


def _gain(before: np.ndarray, after: np.ndarray) -> float:
    if before.sum() <= TINY:
        return 0.0
    rows = int((before > 0).sum())
    apart = before - after
    apart = np.where(before > 0, apart - apart.sum() / rows, 0.0)
    alone = (apart**2).sum()
    together = (apart.sum(axis=(0, 2)) ** 2).sum()
    crowded = max(together / alone, 1.0) if alone > 0 else 1.0
    return rows / crowded * log(before.sum() / max(after.sum(), TINY * before.sum()))


def _fitted(target: np.ndarray, design: np.ndarray, penalty: float) -> Fit:
    across = design.swapaxes(-1, -2)  # (G, T, K, R)
    squares, products = across @ design, across @ target[..., None]
    ridge = squares.sum(axis=1) + penalty * np.eye(design.shape[-1])
    whole = products.sum(axis=1)
    found = np.linalg.solve(ridge, whole)
    if design.shape[2] == 1:
        moved = np.linalg.solve(ridge, across[..., 0].swapaxes(-1, -2))  # (G, K, T)
        own = np.einsum("gtk,gkt->gt", design[:, :, 0], moved)
        residual = (target - (design @ found[:, None])[..., 0]) / (1 - own)[..., None]
        return Fit(found[..., 0], residual, moved.swapaxes(-1, -2) * residual)
    others = np.linalg.solve(ridge[:, None] - squares, whole[:, None] - products)
    apart = (found[:, None] - others)[..., 0]
    return Fit(found[..., 0], target - (design @ others)[..., 0], apart)
