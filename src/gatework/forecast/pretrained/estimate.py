"""How the effect of covariates is estimated: from a network's errors one step ahead.

How forecasts move with a coefficient is found by trying: series with a little of each covariate
taken away, or added, go through the network beside the series themselves. Then the errors' least
squares with a ridge penalty say the coefficients; from there it is done once more (two steps of
Gauss and Newton). In a panel the series share the coefficients, in units of each one's errors or,
where effects multiply, of its values; each departs from them as far as its own errors say.

Source: N. M. Laird and J. H. Ware 1982, doi 10.2307/2529876 (common and own coefficients).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatework.forecast.pretrained.correction import Correction
from gatework.forecast.pretrained.effects import Errors, Gained, gain
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.one_ahead import one_ahead

MOST_SERIES = 200
"""Series that covariates are chosen by."""

MOST_PERIODS, MOST_SEASONS = 200, 4
"""Periods at the end of each series that effects are estimated from, or so many seasons."""

LEAST_VALUES = 12
"""SeenSeries values that the longest series must have."""

YOUNG = 2
"""Values at the beginning whose forecasts are not judged."""

TRIED = 0.25
"""How far coefficients are moved to see how forecasts move."""

DOUBT = 3.0
"""Changes' worth of what is usual in other series, for how large those of a series are."""

MOST_OPTIMISM = 2.0
"""Times that errors are thought greater than those that were fitted, at most."""

MOST_SHARE = 0.5
"""Of the usual value, that a deviation of a covariate is thought to multiply with at first."""

LEAST = 1e-8
"""Of the size of values, that is no change: what is left of rounding."""


@dataclass(frozen=True, eq=False)
class SeenSeries:
    """The ends of series and their covariates.

    Shapes:
        values: (B, T), nan where missing and after the end. covariates: (B, T, C). lengths: (B,).
    """

    values: np.ndarray
    covariates: np.ndarray
    lengths: np.ndarray
    season: int

    @classmethod
    def of(
        cls, values: np.ndarray, covariates: np.ndarray, lengths: np.ndarray, season: int
    ) -> SeenSeries:
        """Return the last periods of series, of ``lengths`` (B,); covariates may go on after."""
        kept = min(int(lengths.max()), max(MOST_PERIODS, MOST_SEASONS * season))
        place = np.maximum(lengths - kept, 0)[:, None] + np.arange(kept)
        inside, rows = place < lengths[:, None], np.arange(len(values))[:, None]
        place = np.where(inside, place, 0)
        return cls(
            np.where(inside, values[rows, place], np.nan),
            np.where(inside[..., None], covariates[rows, place], 0.0),
            np.minimum(lengths, kept),
            season,
        )

    def some(self, most: int) -> SeenSeries:
        """Return at most so many of the series, from among all."""
        if len(self.values) <= most:
            return self
        rows = np.linspace(0, len(self.values) - 1, most).round().astype(int)
        parts = self.values[rows], self.covariates[rows], self.lengths[rows]
        return SeenSeries(*parts, self.season)

    def columns(self, columns: Sequence[int]) -> SeenSeries:
        """Return the series with some of the covariates."""
        return replace(self, covariates=self.covariates[..., list(columns)])

    def ends_aligned(self, found: np.ndarray) -> np.ndarray:
        """Return what is known of each period (B, T, ...) with the ends side by side, else 0."""
        steps = found.shape[1]
        place = np.arange(steps) - (steps - self.lengths[:, None])
        taken = found[np.arange(len(found))[:, None], np.maximum(place, 0)]
        return np.where((place >= 0).reshape(*place.shape, *[1] * (found.ndim - 2)), taken, 0.0)

    def errors(self, seen: Sensitivity) -> tuple[Errors, Errors]:
        """Return the errors of all series as those of one group, and as a group each."""
        errors, moves = self.ends_aligned(seen.errors), self.ends_aligned(seen.moves)
        pooled = Errors(errors.T[None], moves.swapaxes(0, 1)[None])
        return pooled, Errors(errors[..., None], moves[:, :, None])

    def changes(self) -> np.ndarray:
        """Return how far the values of each series usually are from the last, (B,).

        The last of the season before, where that is nearer. Of short series, as in the others.
        """
        size = np.nanmean(np.abs(self.values), axis=1)
        best, count = np.full(len(size), np.inf), np.zeros(len(size))
        for lag in {1, self.season}:
            apart = np.abs(self.values[:, lag:] - self.values[:, :-lag])
            known = (~np.isnan(apart)).sum(axis=1)
            mean = np.nansum(apart, axis=1) / np.maximum(known, 1)
            nearer = (known > 0) & (mean < best)
            best, count = np.where(nearer, mean, best), np.where(nearer, known, count)
        best = np.where(count > 0, best, 0.0)
        usual = best.sum() / size[count > 0].sum() if best.any() else 0.1
        shrunk = (count * best + DOUBT * usual * size) / (count + DOUBT)
        return np.where(size > 0, shrunk + LEAST * size, 1.0)

    def units(self, multiplies: bool) -> np.ndarray:
        """Return what coefficients are in that series share, (B,): changes, or shares of values."""
        return np.ones(len(self.values)) if multiplies else self.changes()

    def sizes(self, multiplies: bool) -> np.ndarray:
        """Return what a coefficient of 1 is in each series, (B,)."""
        changes = self.changes()
        if not multiplies:
            return changes
        size = np.nanmean(np.abs(self.values), axis=1)
        share = changes / np.where(size > 0, size, 1.0)
        return np.full(len(changes), min(float(np.median(share)), MOST_SHARE))


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Errors one step ahead under a correction, and how the forecasts move with coefficients.

    Shapes:
        errors: (B, T), actual less forecast, 0 where there is none. moves: (B, T, C).
    """

    errors: np.ndarray
    moves: np.ndarray

    @classmethod
    def of(
        cls, network: PretrainedNetwork, known: SeenSeries, corrections: Sequence[Correction]
    ) -> list[Sensitivity]:
        """Try each covariate about each of some corrections, all in one run of the network."""
        count, steps, columns = known.covariates.shape
        effects, bare = [], []
        for correction in corrections:
            at = correction.effect(known.covariates)[:, None]  # (B, 1, T)
            sizes = known.sizes(correction.multiplies)
            moved = TRIED * sizes[:, None, None] * known.covariates.swapaxes(1, 2)
            effects.append(np.concatenate([at, at + moved, at - moved], axis=1))
            bare.append(correction.less(known.values[:, None], effects[-1]))
        rows = np.concatenate(bare, axis=1).reshape(-1, steps)
        made = one_ahead(network, rows, known.season).reshape(count, -1, steps)
        parts = np.split(made, len(corrections), axis=1)  # (B, 1 + 2 C, T) of each
        found = zip(corrections, parts, effects, strict=True)
        return [cls._of(known, one.upon(own, there), columns) for one, own, there in found]

    @classmethod
    def _of(cls, known: SeenSeries, made: np.ndarray, columns: int) -> Sensitivity:
        errors = known.values - made[:, 0]
        judged = ~np.isnan(errors) & ((~np.isnan(known.values)).cumsum(axis=1) > YOUNG)
        slopes = (made[:, 1 : columns + 1] - made[:, columns + 1 :]) / (2 * TRIED)
        return cls(
            np.where(judged, errors, 0.0),
            np.where(judged[..., None], slopes.swapaxes(1, 2), 0.0),
        )

    def in_units(self, units: np.ndarray) -> Sensitivity:
        """Return it in units (B,) of each series."""
        return Sensitivity(self.errors / units[:, None], self.moves / units[:, None, None])


@dataclass(frozen=True, eq=False)
class Estimate:
    """A correction by some of the covariates, and what each candidate that it holds gained."""

    correction: Correction
    columns: tuple[int, ...]
    gained: dict[int, Gained]


def estimate(
    network: PretrainedNetwork, known: SeenSeries, candidates: Sequence[Sequence[int]]
) -> Estimate | None:
    """Return the correction by those of the candidates that explain more than chance.

    Each candidate is some columns of the covariates. None where no candidate does, or where the
    forecasts one step ahead are no better for it.
    """
    if not candidates or (~np.isnan(known.values)).sum(axis=1).max() < LEAST_VALUES:
        return None
    few = known.some(MOST_SERIES)
    nothing = Correction.of(False, np.zeros((len(few.values), few.covariates.shape[2])))
    seen = Sensitivity.of(network, few, [nothing])[0].in_units(few.changes())
    judged = seen.errors != 0
    usual = float(np.abs(seen.errors[judged]).mean()) if judged.any() else 1.0
    pooled, alone = few.errors(seen.in_units(np.full(len(few.values), usual)))
    gained = _chosen(pooled, alone, candidates)
    if not gained:
        return None
    columns = tuple(one for number in gained for one in candidates[number])
    common = pooled.fitted(columns).coefficients[0]
    correction, errors = _refined(network, known.columns(columns), common, usual)
    if len(known.values) <= MOST_SERIES and gain(pooled.target, errors) <= 0:
        return None
    return Estimate(correction, columns, gained)


def _chosen(
    pooled: Errors, alone: Errors, candidates: Sequence[Sequence[int]]
) -> dict[int, Gained]:
    """Return which candidates all series share, or else each has in its own way."""
    found = pooled.chosen(candidates)
    left = [number for number in range(len(candidates)) if number not in found]
    if len(alone.target) > 1 and left:
        columns = [one for number in found for one in candidates[number]]
        rest = alone.less(columns, pooled.fitted(columns).coefficients[0])
        own = rest.chosen([candidates[number] for number in left])
        found |= {left[number]: one for number, one in own.items()}
    return found


def _refined(
    network: PretrainedNetwork, known: SeenSeries, common: np.ndarray, usual: float
) -> tuple[Correction, np.ndarray]:
    """Return the correction by a second step, as effects add or multiply, and what errors are left.

    ``common`` are the first coefficients (K,), ``usual`` the errors in units of changes.
    """
    forms = (False, True) if np.nanmin(known.values) >= 0 else (False,)
    begun = [Correction.of(form, known.sizes(form)[:, None] * common) for form in forms]
    found: list[tuple[Correction, np.ndarray]] = []
    for correction, seen in zip(begun, Sensitivity.of(network, known, begun), strict=True):
        errors = known.errors(seen.in_units(known.changes() * usual))
        multiplies = correction.multiplies
        found.append(_own(multiplies, known.sizes(multiplies), *errors, common))
    return found[-1] if gain(found[0][1], found[-1][1]) > 0 else found[0]


def _own(
    multiplies: bool, sizes: np.ndarray, pooled: Errors, alone: Errors, common: np.ndarray
) -> tuple[Correction, np.ndarray]:
    """Return the correction of each series, and the residuals of periods left out, (1, T, B).

    The errors are those under the coefficients that all of them begin with, (K,), in ``sizes``.
    """
    every, count = list(range(len(common))), len(sizes)
    fit = pooled.less(every, -common).fitted(every)
    found = np.tile(fit.coefficients, (count, 1))
    doubt = np.tile(fit.covariance, (count, 1, 1))
    rest = alone.less(every, fit.coefficients[0] - common)
    left, inside = fit.left_out, rest.target
    own = list(rest.chosen([[one] for one in every])) if count > 1 else []
    if own:
        apart = rest.fitted(own)
        found[:, own] += apart.coefficients
        doubt[np.ix_(range(count), own, own)] += apart.covariance
        taken = rest.design[..., own] @ apart.coefficients[:, None, :, None]
        left, inside = apart.left_out.swapaxes(0, 2), rest.target - taken[..., 0]
    widening = _optimism((left[0] ** 2).sum(axis=0), (inside**2).sum(axis=(1, 2)))
    units = sizes[:, None]
    made = Correction(multiplies, units * found, units[..., None] ** 2 * doubt, widening)
    return made, left


def _optimism(left: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return by how much errors to come are greater than those that were fitted, (B,).

    Of K coefficients from n errors the squares are (1 - K/n) of what they should be where fitted,
    1 / (1 - K/n) where left out: so the mean of the two is right.
    """
    known = inside > 0
    ratio = np.where(known, left, 1.0) / np.where(known, inside, 1.0)
    return np.clip(ratio, 1.0, MOST_OPTIMISM**4) ** 0.25
