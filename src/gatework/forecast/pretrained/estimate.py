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
from gatework.forecast.pretrained.model import AT_ONCE, PretrainedNetwork

MOST_SERIES = 200
"""Series that covariates are chosen by."""

MOST_PERIODS = 400
"""Periods at the end of each series that effects are estimated from."""

LEAST_VALUES = 12
"""SeenSeries values that the longest series must have."""

YOUNG = 2
"""Values at the beginning whose forecasts are not judged."""

TRIED = 0.25
"""How far coefficients are moved to see how forecasts move."""

DOUBT = 3.0
"""Changes' worth of what is usual in other series, for how large those of a series are."""

MOST_SHARE = 0.5
"""Of the usual value, that a deviation of a covariate is thought to multiply with at first."""

TINY = 1e-9


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
        kept = min(int(lengths.max()), MOST_PERIODS)
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
        usual = best.sum() / max(size[count > 0].sum(), TINY) if best.any() else 0.1
        shrunk = (count * best + DOUBT * usual * size) / (count + DOUBT)
        return shrunk + 1e-3 * size + TINY


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
        cls,
        network: PretrainedNetwork,
        known: SeenSeries,
        correction: Correction,
        sizes: np.ndarray,
    ) -> Sensitivity:
        """Try each covariate, with coefficients of ``sizes`` (B,), about a correction."""
        steps, columns = known.covariates.shape[1:]
        at = correction.effect(known.covariates)[:, None]  # (B, 1, T)
        moved = TRIED * sizes[:, None, None] * known.covariates.swapaxes(1, 2)
        effects = np.concatenate([at, at + moved, at - moved], axis=1)  # (B, 1 + 2 C, T)
        bare = correction.less(known.values[:, None], effects).reshape(-1, steps)
        lengths = np.repeat(known.lengths, effects.shape[1])
        made = _one_ahead(network, bare, lengths, known.season).reshape(effects.shape)
        made = correction.upon(made, effects)
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
    forms = (False, True) if np.nanmin(known.values) >= 0 else (False,)
    tried = [_Form.of(network, known.some(MOST_SERIES), multiplies) for multiplies in forms]
    chosen = [form.chosen(candidates) for form in tried]
    best = max(range(len(tried)), key=lambda number: _likelihood(chosen[number]))
    gained = chosen[best]
    if not gained:
        return None
    columns = tuple(one for number in gained for one in candidates[number])
    correction = _refined(network, known.columns(columns), tried[best], columns)
    return None if correction is None else Estimate(correction, columns, gained)


def _likelihood(gained: dict[int, Gained]) -> float:
    return sum(one.likelihood for one in gained.values())


@dataclass(frozen=True, eq=False)
class _Form:
    """Errors without a correction, as effects would add or multiply.

    ``usual`` are the errors in units of the changes of values; ``pooled`` are those of all series
    as of one group, ``alone`` those of each by itself.
    """

    multiplies: bool
    usual: float
    pooled: Errors
    alone: Errors

    @classmethod
    def of(cls, network: PretrainedNetwork, known: SeenSeries, multiplies: bool) -> _Form:
        changes = known.changes()
        nothing = Correction(multiplies, np.zeros((len(changes), known.covariates.shape[2])))
        sizes = _sizes(known, changes, multiplies)
        seen = Sensitivity.of(network, known, nothing, sizes).in_units(changes)
        judged = seen.errors != 0
        usual = float(np.abs(seen.errors[judged]).mean()) if judged.any() else 1.0
        seen = seen.in_units(np.full(len(changes), usual))
        return cls(multiplies, usual, *known.errors(seen))

    def chosen(self, candidates: Sequence[Sequence[int]]) -> dict[int, Gained]:
        """Return which candidates all series share, or else each has in its own way."""
        found = self.pooled.chosen(candidates)
        left = [number for number in range(len(candidates)) if number not in found]
        if len(self.alone.target) > 1 and left:
            columns = [one for number in found for one in candidates[number]]
            common = self.pooled.fitted(columns)[0][0]
            own = self.alone.less(columns, common).chosen([candidates[number] for number in left])
            found |= {left[number]: one for number, one in own.items()}
        return found


def _sizes(known: SeenSeries, changes: np.ndarray, multiplies: bool) -> np.ndarray:
    """Return what a coefficient of 1 is in each series, (B,)."""
    if not multiplies:
        return changes
    share = changes / np.maximum(np.nanmean(np.abs(known.values), axis=1), TINY)
    return np.full(len(changes), min(float(np.median(share)), MOST_SHARE))


def _refined(
    network: PretrainedNetwork, known: SeenSeries, form: _Form, columns: Sequence[int]
) -> Correction | None:
    """Return the correction by a second step, with what each series has of its own.

    None where the errors are no smaller for it.
    """
    every = list(range(len(columns)))
    common = form.pooled.fitted(columns)[0][0]
    changes = known.changes()
    sizes = _sizes(known, changes, form.multiplies)
    begun = Correction(form.multiplies, sizes[:, None] * common)
    seen = Sensitivity.of(network, known, begun, sizes).in_units(changes * form.usual)
    pooled, alone = known.errors(seen)
    moved, errors = pooled.less(every, -common).fitted(every)
    found = np.tile(moved, (len(changes), 1))
    rest = alone.less(every, moved[0] - common)
    own = list(rest.chosen([[one] for one in every])) if len(changes) > 1 else []
    if own:
        departed, left = rest.fitted(own)
        found[:, own] += departed
        errors = left.swapaxes(0, 2)
    if len(changes) <= MOST_SERIES and gain(form.pooled.target, errors) <= 0:
        return None
    return replace(begun, coefficients=sizes[:, None] * found)


def _one_ahead(
    network: PretrainedNetwork, values: np.ndarray, lengths: np.ndarray, season: int
) -> np.ndarray:
    """Return what is forecast of each value from those before it, (B, T), nan of the first."""
    made = np.full(values.shape, np.nan)
    for first in range(0, len(values), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        for known, found in network.rolling(values[some], lengths[some], season, 1, 1):
            if known < values.shape[1]:
                made[some, known] = found.location[:, 0]
    return made
