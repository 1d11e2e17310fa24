"""The pretrained network over a panel with covariates, with a quick correction on top."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from gatework.forecast.across.covariates import CovariateScaling
from gatework.forecast.across.terms import (
    MOST_LAG,
    ScaledCovariates,
    Term,
    TermGroup,
    candidates_of,
)
from gatework.forecast.across.untrained import (
    PretrainedModel,
    RollingForecasts,
    rolling,
    untrained_backtest,
)
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel
from gatework.forecast.pretrained.correction import CorrectedDistributions, Correction
from gatework.forecast.pretrained.effects import Gained
from gatework.forecast.pretrained.estimate import SeenSeries, estimate
from gatework.forecast.pretrained.model import PretrainedNetwork, Standing
from gatework.forecast.pretrained.plain import serving

FARTHEST = 12
"""Steps ahead up to which it is judged whether past covariates serve."""

MOST_LEFT = 0.98
"""Of the errors up to there, for past covariates to be taken into account."""


@dataclass(frozen=True, eq=False)
class Learned:
    """The effect of covariates on the series of a panel.

    Shapes:
        centre: (K,), of each term, where its effect is none. units: (B,), what coefficients of
        each series are in that series may share.
    """

    correction: Correction
    terms: tuple[Term, ...]
    centre: np.ndarray
    units: np.ndarray

    @property
    def late(self) -> bool:
        """Return whether past covariates are among the terms."""
        return any(lag for _, lag in self.terms)

    def rows(self, rows: np.ndarray) -> Learned:
        """Return that of some of the series."""
        return replace(self, correction=self.correction.rows(rows), units=self.units[rows])

    def on(self, units: np.ndarray, places: Sequence[int | None]) -> Learned:
        """Return the effect on other series: what is usual in their units, (B,).

        Those that are among the series that it was learned from, at ``places``, keep their own.
        """
        parts = [
            self.rows(np.array([place])).correction if place is not None else self._usual(unit)
            for place, unit in zip(places, units, strict=True)
        ]
        return replace(self, correction=Correction.joined(parts), units=units)

    def _usual(self, unit: float) -> Correction:
        """Return the effect that is usual in the series, of one of this unit."""
        own, units = self.correction, self.units[:, None]
        each = own.coefficients / units
        usual = np.median(each, axis=0)
        apart = each - usual
        doubt = (own.covariance / units[..., None] ** 2).mean(axis=0) + apart.T @ apart / len(each)
        widening = np.median(own.widening, keepdims=True)
        return Correction(own.multiplies, unit * usual[None], unit**2 * doubt[None], widening)

    def effect(self, regressors: np.ndarray) -> np.ndarray:
        """Return the effect of the terms (B, ..., K) in each period, (B, ...)."""
        return self.correction.effect(regressors - self.centre)

    def ahead(self, coming: np.ndarray, before: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        """Return what the terms are in periods to come less their centre, (B, H, K).

        Shapes:
            coming: (B, H, Q). before: (B, MOST_LAG, P), the last past ones. ahead: (B, H - 1, P),
            what is forecast of them.
        """
        running, horizon = np.concatenate([before, ahead], axis=1), coming.shape[1]
        parts = [
            running[:, MOST_LAG - lag : MOST_LAG - lag + horizon, column]
            if lag
            else coming[..., column]
            for column, lag in self.terms
        ]
        return np.stack(parts, axis=-1) - self.centre


@dataclass(frozen=True)
class CovariateEffect:
    """What became of a covariate.

    Attributes:
        name: of the covariate. kept: whether the forecast takes it into account.
        share: of the error one step ahead that it explains, of periods left out of the estimate.
        lags: periods after which a past covariate has its effect.
    """

    name: str
    kept: bool
    share: float = 0.0
    lags: tuple[int, ...] = ()

    def __str__(self) -> str:
        if not self.kept:
            return f"{self.name!r} explains no more than chance would, and is left out"
        after = f" with a lag of {' and '.join(map(str, self.lags))}" if self.lags else ""
        return (
            f"{self.name!r}{after} is taken into account: it lowers the error one step ahead by "
            f"{self.share:.0%}"
        )


def learn(
    network: PretrainedNetwork,
    panel: Panel,
    scaling: CovariateScaling,
    lengths: np.ndarray,
    horizon: int,
) -> tuple[Learned | None, tuple[CovariateEffect, ...]]:
    """Return the effect of the covariates, from the first ``lengths`` (B,) periods of each series.

    None where they have none; and what became of each of them. Past ones are judged up to
    ``horizon`` steps ahead, since they have to be forecast, too.
    """
    every = candidates_of(panel.covariates)
    learned, gained = _learned(network, panel, scaling, lengths, every)
    if learned is not None and learned.late:
        seen = _seen(panel, lengths)
        roll = rolled(seen, scaling, network, learned)
        if not _carries(seen, roll, rolling(seen, network), min(horizon, FARTHEST)):
            ahead = [one for one in every if not one.terms[0].lag]
            learned, gained = _learned(network, panel, scaling, lengths, ahead)
    return learned, _said(every, gained)


def _learned(
    network: PretrainedNetwork,
    panel: Panel,
    scaling: CovariateScaling,
    lengths: np.ndarray,
    every: list[TermGroup],
) -> tuple[Learned | None, dict[int, Gained]]:
    """Return the effect of some candidates, and what each that has one gained."""
    terms = tuple(term for one in every for term in one.terms)
    if not terms:
        return None, {}
    regressors = ScaledCovariates.of(panel, scaling).regressors(terms)
    inside = np.arange(panel.values.shape[1]) < lengths[:, None]
    centre = np.median(regressors[inside], axis=0)
    known = SeenSeries.of(panel.values, regressors - centre, lengths, panel.season)
    ends = np.cumsum([len(one.terms) for one in every]).tolist()
    candidates = [range(end - len(one.terms), end) for end, one in zip(ends, every, strict=True)]
    found = estimate(network, known, candidates)
    if found is None:
        return None, {}
    kept = list(found.columns)
    taken = tuple(terms[one] for one in kept)
    units = known.units(found.correction.multiplies)
    return Learned(found.correction, taken, centre[kept], units), found.gained


def units_of(panel: Panel, multiplies: bool) -> np.ndarray:
    """Return what the coefficients of each series of a panel are in, (B,)."""
    nothing, lengths = np.zeros((*panel.values.shape, 0)), np.asarray(panel.lengths, np.int64)
    return SeenSeries.of(panel.values, nothing, lengths, panel.season).units(multiplies)


def _seen(panel: Panel, lengths: np.ndarray) -> Panel:
    """Return the first periods of each series."""
    inside = np.arange(panel.values.shape[1]) < lengths[:, None]
    return replace(panel, values=np.where(inside, panel.values, np.nan), lengths=lengths)


def _carries(panel: Panel, ours: RollingForecasts, alone: RollingForecasts, horizon: int) -> bool:
    """Return whether errors up to some steps ahead are clearly smaller than the network's alone.

    They are those of the later half of each series.
    """
    starts = np.maximum(panel.lengths // 2, 1)
    sizes = [
        np.nanmean(np.abs(untrained_backtest(panel, starts, horizon, (0.5,), roll).errors), (1, 2))
        for roll in (ours, alone)
    ]
    known = sizes[1] > 0
    return bool((sizes[0][known] / sizes[1][known]).mean() < MOST_LEFT)


def _said(every: list[TermGroup], gained: dict[int, Gained]) -> tuple[CovariateEffect, ...]:
    found = {one.name: CovariateEffect(one.name, kept=False) for one in every}
    for number, own in gained.items():
        name, terms = every[number]
        lags = tuple(sorted({*found[name].lags, *(lag for _, lag in terms if lag)}))
        share = 1 - (1 - found[name].share) * (1 - own.share)
        found[name] = CovariateEffect(name, True, share, lags)
    return tuple(found.values())


def pretrained_model(
    panel: Panel,
    scaling: CovariateScaling,
    horizon: int,
    network: PretrainedNetwork | None = None,
    starts: np.ndarray | None = None,
) -> tuple[PretrainedModel, tuple[CovariateEffect, ...]]:
    """Return what forecasts a panel without training, and what became of its covariates.

    Without an effect of covariates it is kept how the series stood before ``starts`` (B,).
    """
    taken, lengths = network or serving(), np.asarray(panel.lengths, np.int64)
    learned, said = learn(taken, panel, scaling, lengths, horizon)
    if learned is None:
        return PretrainedModel.of(panel, network, starts), said
    return CorrectedModel.corrected(panel, scaling, taken, learned), said


def pretrained_backtest(
    panel: Panel,
    starts: np.ndarray,
    horizon: int,
    levels: Sequence[float],
    network: PretrainedNetwork | None = None,
    before: Standing | None = None,
) -> Backtest:
    """Return what would have been forecast from the periods from ``starts`` (B,) on.

    The effect of covariates is estimated from what comes before; where there is none, ``before``
    is how the series stood there, if that is known.
    """
    scaling, network = CovariateScaling.of(panel), network or serving()
    learned, _ = learn(network, panel, scaling, starts, horizon)
    alone = learned is None
    roll = rolling(panel, network) if alone else rolled(panel, scaling, network, learned)
    before = before if alone else None
    return untrained_backtest(panel, starts, horizon, levels, roll, before)


@dataclass(eq=False)
class CorrectedModel(PretrainedModel):
    """Series without the effect of covariates as they stand with the pretrained network.

    Shapes:
        before: (B, MOST_LAG, P), the last past covariates. floor: (B,), the least outcome.
        counts: (B,), which series count things. past: past covariates as series of their own,
        (B P); None where no effect is of them. ahead: covariates known in advance.
    """

    learned: Learned
    before: np.ndarray
    floor: np.ndarray
    counts: np.ndarray
    past: Standing | None
    ahead: int

    @classmethod
    def corrected(
        cls, panel: Panel, scaling: CovariateScaling, network: PretrainedNetwork, learned: Learned
    ) -> Self:
        """Return where the series of a panel stand after their last values."""
        numbers, lengths = ScaledCovariates.of(panel, scaling), np.asarray(panel.lengths, np.int64)
        effect = learned.effect(numbers.regressors(learned.terms))
        bare = learned.correction.less(panel.values, effect)
        place = lengths[:, None] - MOST_LAG + np.arange(MOST_LAG)
        before = numbers.past[np.arange(len(panel))[:, None], np.maximum(place, 0)]
        before = np.where(place[..., None] >= 0, np.nan_to_num(before), 0.0)
        past = None
        if learned.late:
            past = network.begin(*_as_series(numbers.past, lengths), panel.season)
        standing = network.begin(bare, lengths, panel.season)
        floor = np.where(np.nanmin(panel.values, axis=1) >= 0, 0.0, -np.inf)
        ahead = numbers.future.shape[2]
        return cls(standing, learned, before, floor, np.asarray(panel.counts), past, ahead)

    def bare(self, panel: Panel, scaling: CovariateScaling) -> np.ndarray:
        """Return the values of its series without the effect of covariates, (B, T)."""
        regressors = ScaledCovariates.of(panel, scaling).regressors(self.learned.terms)
        return self.learned.correction.less(panel.values, self.learned.effect(regressors))

    def forecasts(self, horizon: int, coming: np.ndarray | None = None) -> CorrectedDistributions:
        """Return the forecasts of so many periods, of which covariates (B, H, Q) are known."""
        count, _, columns = self.before.shape
        coming = np.zeros((count, horizon, 0)) if coming is None else coming
        ahead = np.zeros((count, horizon, columns))
        if self.past is not None:
            made = self.past.forecasts(horizon).location
            ahead = made.reshape(count, columns, horizon).swapaxes(1, 2)
        terms = self.learned.ahead(coming, self.before, ahead)
        found = self.standing.forecasts(horizon)
        return CorrectedDistributions(
            found, self.learned.correction, terms, self.floor, self.counts
        )

    def advance(
        self,
        values: np.ndarray,
        past: np.ndarray | None = None,
        coming: np.ndarray | None = None,
    ) -> None:
        """Go on by values (B,), with past covariates (B, P) and those known before (B, 1, Q)."""
        coming = np.zeros((len(values), 1, 0)) if coming is None else coming
        terms = self.learned.ahead(coming, self.before, self.before[:, :0])
        effect = self.learned.correction.effect(terms[:, 0])
        self.standing.advance(self.learned.correction.less(values, effect))
        self.floor = np.where(values < 0, -np.inf, self.floor)
        if past is not None:
            last = np.nan_to_num(past)[:, None]
            self.before = np.concatenate([self.before[:, 1:], last], axis=1)
            if self.past is not None:
                self.past.advance(past.ravel())


def rolled(
    panel: Panel, scaling: CovariateScaling, network: PretrainedNetwork, learned: Learned
) -> RollingForecasts:
    """Return what says the forecasts of some series of a panel after each value."""
    numbers = ScaledCovariates.of(panel, scaling)
    effects = learned.effect(numbers.regressors(learned.terms))

    def roll(
        rows: np.ndarray, lengths: np.ndarray, horizon: int, since: int
    ) -> Iterator[tuple[int, CorrectedDistributions]]:
        own, there, longest = learned.rows(rows), numbers.rows(rows), int(lengths.max())
        values = panel.values[rows, :longest]
        less = own.correction.less(values, effects[rows, :longest])
        running = network.rolling(less, lengths, panel.season, horizon, since)
        least = np.fmin.accumulate(values, axis=1)
        counts = np.asarray(panel.counts)[rows]
        late = _late(network, there.past, lengths, panel.season, horizon, since, own.late)
        for (known, found), ahead in zip(running, late, strict=False):
            terms = own.ahead(
                _window(there.future, known, known + horizon),
                _window(there.past, known - MOST_LAG, known),
                ahead,
            )
            floor = np.where(least[:, known - 1] >= 0, 0.0, -np.inf)
            yield known, CorrectedDistributions(found, own.correction, terms, floor, counts)

    return roll


def _late(
    network: PretrainedNetwork,
    past: np.ndarray,
    lengths: np.ndarray,
    season: int,
    horizon: int,
    since: int,
    late: bool,
) -> Iterator[np.ndarray]:
    """Yield what is forecast of past covariates (B, T, P) after each period, (B, H, P)."""
    count, _, columns = past.shape
    if not late:
        while True:
            yield np.zeros((count, horizon, columns))
    values, ends = _as_series(past, lengths)
    for _, found in network.rolling(values, ends, season, horizon, since):
        yield found.location.reshape(count, columns, horizon).swapaxes(1, 2)


def _as_series(past: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return past covariates (B, T, P) as series (B P, T), and their lengths."""
    count, steps, columns = past.shape
    longest = min(int(lengths.max()), steps)
    series = past.swapaxes(1, 2).reshape(count * columns, steps)[:, :longest]
    return series, np.repeat(lengths, columns)


def _window(numbers: np.ndarray, first: int, last: int) -> np.ndarray:
    """Return numbers (B, T, N) from one period to before another, 0 where there are none."""
    found = np.zeros((len(numbers), last - first, numbers.shape[2]))
    low, high = max(first, 0), min(last, numbers.shape[1])
    if low < high:
        found[:, low - first : high - first] = np.nan_to_num(numbers[:, low:high])
    return found
