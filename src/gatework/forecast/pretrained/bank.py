"""Smoothers that begin with the first value of a series and go on value by value, for many at once.

Levels, trends and drifts follow pretrained.rates. What differs from es_lstm.bank: nothing is
read ahead, no unit is known beforehand and the season is learned on the way, so a stream and a
table give the same numbers, and errors one step ahead are honest from the second value on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np

from gatework.forecast.es_lstm.rates import damping, drifting
from gatework.forecast.pretrained.rates import ALPHA, BETA, DRIFTS, PHI, RECURSIONS, SMOOTHERS

SETS = 4
"""Sets of smoothers: without season, then one for each kind of seasonal index.

Where there is no season all are alike: one is kept, and repeated where all are wanted.
"""

INDEX_RATES = np.array((0.0, 0.4, 0.0))
"""Least rate of the indices of each seasonal set; 0 is the mean of all seasons."""

MULTIPLIED = np.array((True, True, False))
"""Whether the indices of a set count in the level, or in the usual size of the values."""

DOUBT = np.array((0.5, 0.15, 0.5))
"""Seasons' worth of doubt: an index of k seasons is taken times k / (k + doubt)."""

FEW = 6
"""Observations that came again from which on a season is told from chance, or one of each."""

REFERENCE = 2
"""The smoother whose forecast stands for the level: simple, with a rate of 0.2, without season."""

WIDTH = SETS * SMOOTHERS
"""Forecasts that the bank makes for each step ahead."""

LEAST_TREND = 0.05
"""A trend takes a level to this share of it at most, never across 0."""

NO_ERRORS = np.zeros(0)
ONE = np.array([1])
"""The steps ahead of what is expected next."""

ERROR_RATE = 0.08
"""How fast the running errors forget, once there are enough of them."""

YOUNG = 5
"""Values that a series must have shown before the line through it says anything."""

MANY = 100.0
"""Mean size from which on counts are no longer told from measured values."""

TINY = 1e-100
"""Beside 0, far below the numbers of any unit."""


@dataclass(eq=False)
class StreamState:
    """What is carried from value to value, for B series, in the numbers of each.

    Shapes:
        level, trend: (B, S, K) for S sets of K recursions, 1 without a season. error, bias:
        (B, S, N), running means of the sizes and of the errors one step ahead.
        indices: (B, S - 1, season), shares. strayed: (B, S - 1, 2), the sum of the squares by which
        observations strayed from their index, and their number. believed: (B, S - 1), share of the
        indices that is more than chance.
        counted: (B, season), observations of each index. recent: (B, season + 1), the last values,
        the newest last. line: (B, S, 3), the mean, and sums of squares of time and of products,
        of the straight line through the series. mean_time, age, size, zeros: (B,): of the values
        seen their mean time, number, mean size and share of zeros. least: (B,), the smallest of
        them. whole: (B,), whether all of them are whole numbers. time: (B,), periods so far.
    """

    level: np.ndarray
    trend: np.ndarray
    error: np.ndarray
    bias: np.ndarray
    indices: np.ndarray
    strayed: np.ndarray
    believed: np.ndarray
    counted: np.ndarray
    recent: np.ndarray
    line: np.ndarray
    mean_time: np.ndarray
    age: np.ndarray
    size: np.ndarray
    zeros: np.ndarray
    least: np.ndarray
    whole: np.ndarray
    time: np.ndarray

    @classmethod
    def begin(cls, count: int, season: int) -> Self:
        """Return the state of so many series before their first values."""
        kept, sets = (season, SETS) if season > 1 else (0, 1)
        return cls(
            level=_series_last(count, sets, RECURSIONS),
            trend=_series_last(count, sets, RECURSIONS),
            error=_series_last(count, sets, SMOOTHERS),
            bias=_series_last(count, sets, SMOOTHERS),
            indices=np.zeros((count, sets - 1, kept)),
            strayed=np.zeros((count, sets - 1, 2)),
            believed=np.ones((count, sets - 1)),
            counted=np.zeros((count, kept), np.int64),
            recent=np.full((count, kept + 1), np.nan),
            line=_series_last(count, sets, 3),
            mean_time=np.zeros(count),
            age=np.zeros(count, np.int64),
            size=np.zeros(count),
            zeros=np.zeros(count),
            least=np.full(count, np.inf),
            whole=np.ones(count, bool),
            time=np.zeros(count, np.int64),
        )

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put together the states of some series and of others."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    @property
    def counts(self) -> np.ndarray:
        """Return which series count things, and so few that each of them shows, (B,)."""
        return self.whole & (self.least >= 0) & (self.size < MANY)

    @property
    def floor(self) -> np.ndarray:
        """Return the least forecast of each series, (B,): 0 for what was never negative."""
        return np.where(self.least >= 0, 0.0, -np.inf)

    def rows(self, rows: np.ndarray) -> Self:
        """Return the state of some of the series."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))

    def put(self, rows: np.ndarray, source: Self) -> None:
        """Take over ``rows`` from a state that has all of them."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(source, field.name)[rows]


class StreamReading(NamedTuple):
    """What the bank says after a value.

    Shapes:
        forecasts: (B, S, N, h), of the N smoothers of each set at the steps asked for. errors:
        (B, S, N), of the forecasts that were made before the value; 0 where it is missing. plain,
        share: (B, S), the level at the first step without its season, and that.
    """

    forecasts: np.ndarray
    errors: np.ndarray
    plain: np.ndarray
    share: np.ndarray

    @property
    def level(self) -> np.ndarray:
        """Return the forecast that stands for the level, (B,)."""
        return self.forecasts[:, 0, REFERENCE, 0]


class StreamBank:
    """The smoothers of series that share a season.

    Args:
        season: periods of a season, 1 for none.
    """

    def __init__(self, season: int) -> None:
        self.season = season

    def step(
        self,
        state: StreamState,
        values: np.ndarray,
        steps: np.ndarray,
        before: StreamReading | None = None,
    ) -> StreamReading:
        """Take in the next value of each series, (B,), nan where missing; ``state`` is changed.

        Levels go on with their trends over a missing value, all else stays as it is. The reading
        ``before``, of steps from 1 on, saves what it says already.
        """
        seen = ~np.isnan(values)
        mask = None if seen.all() else seen[:, None, None]
        said = before or self._reading(state, ONE)
        expected = said.forecasts[..., 0]  # (B, S, N)
        errors = values[:, None, None] - expected
        if mask is not None or not state.age.all():
            errors[~seen | (state.age == 0)] = 0.0
        self._count(state, values, seen)
        plain = self._without_season(state, values, said.plain, said.share)
        plain = np.where(seen[:, None], plain, 0.0)
        self._smooth(state, plain, mask)
        self._fit_line(state, plain, seen)
        if self.season > 1:
            filled = np.where(seen, values, expected[:, 0, REFERENCE])
            self._learn_season(state, filled, seen)
        rate = np.maximum(ERROR_RATE, 1 / (state.age + 1.0))
        _follow(state.error, np.abs(errors), rate * seen)
        _follow(state.bias, errors, rate * seen)
        state.time += 1
        return self._reading(state, steps)._replace(errors=errors)

    def forecasts(self, state: StreamState, steps: np.ndarray) -> np.ndarray:
        """Return the forecasts of all sets so many steps ahead, (B, N, h)."""
        return self.side_by_side(self._reading(state, steps).forecasts)

    def side_by_side(self, made: np.ndarray) -> np.ndarray:
        """Return forecasts (B, S, N, h) as those of all sets, (B, SETS N, h)."""
        count, _, smoothers, steps = made.shape
        return np.broadcast_to(made, (count, SETS, smoothers, steps)).reshape(count, WIDTH, steps)

    def _reading(self, state: StreamState, steps: np.ndarray) -> StreamReading:
        ahead, shares = self._ahead(state, steps), self._shares(state, steps)
        level = ahead[:, :, REFERENCE, 0].copy()
        made = self._with_season(state, ahead, shares)
        return StreamReading(made, NO_ERRORS, level, shares[..., 0])

    def _count(self, state: StreamState, values: np.ndarray, seen: np.ndarray) -> None:
        state.age += seen
        share = np.where(seen, 1 / np.maximum(state.age, 1), 0.0)
        known = np.where(seen, values, 0.0)
        state.size += share * (np.abs(known) - state.size)
        state.zeros += share * ((known == 0) - state.zeros)
        state.least = np.where(seen, np.minimum(state.least, values), state.least)
        state.whole &= ~seen | (known == np.round(known))

    def _ahead(self, state: StreamState, steps: np.ndarray) -> np.ndarray:
        """Return forecasts without season, (B, S, N, h)."""
        count, sets, _ = state.level.shape
        damped, drifts = _factors(tuple(steps.tolist()))
        level = _series_last(count, sets, SMOOTHERS)
        level[:, :, :RECURSIONS] = state.level
        level[:, :, RECURSIONS:] = state.level[:, :, DRIFTS]
        ahead = _series_last(count, sets, SMOOTHERS, len(steps))
        np.multiply(state.trend[..., None], damped, out=ahead[:, :, :RECURSIONS])
        half = 0.5 * self._slope(state)[:, :, None, None]
        np.multiply(half, drifts, out=ahead[:, :, RECURSIONS:])
        ahead += level[..., None]
        least = np.where(level > 0, LEAST_TREND * level, -np.inf)
        most = np.where(level < 0, LEAST_TREND * level, np.inf)
        np.maximum(ahead, least[..., None], out=ahead)
        return np.minimum(ahead, most[..., None], out=ahead)

    def _shares(self, state: StreamState, steps: np.ndarray) -> np.ndarray:
        """Return the seasonal shares of the periods to come, (B, S, h); 0 without a season."""
        shares = np.zeros((*state.level.shape[:2], len(steps)))
        if self.season > 1:
            place = (state.time[:, None] + steps - 1) % self.season
            known = np.take_along_axis(state.counted, place, axis=1)[:, None, :]
            trust = known / (known + DOUBT[:, None])
            trust = trust * state.believed[..., None]
            shares[:, 1:] = trust * np.take_along_axis(state.indices, place[:, None, :], axis=2)
        return shares

    def _with_season(self, state: StreamState, ahead: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Return forecasts with their seasons; those without are changed to that."""
        if self.season > 1:
            for number, multiplied in enumerate(MULTIPLIED, start=1):
                share = shares[:, number, None, :]
                size = np.abs(ahead[:, number]) if multiplied else state.size[:, None, None]
                ahead[:, number] += share * size
        return np.maximum(ahead, state.floor[:, None, None, None], out=ahead)

    def _without_season(
        self, state: StreamState, values: np.ndarray, level: np.ndarray, shares: np.ndarray
    ) -> np.ndarray:
        """Return the values less their seasons, (B, S); ``level`` is what the season counts in."""
        plain = np.repeat(values[:, None], shares.shape[1], axis=1)
        for number, multiplied in enumerate(MULTIPLIED[: shares.shape[1] - 1], start=1):
            share = shares[:, number]
            if multiplied:
                divided = values / np.where(share > -0.9, 1 + share, 1.0)
                less = values - share * np.abs(level[:, number])
                plain[:, number] = np.where((values > 0) & (level[:, number] > 0), divided, less)
            else:
                plain[:, number] = values - share * state.size
        return plain

    def _smooth(self, state: StreamState, values: np.ndarray, mask: np.ndarray | None) -> None:
        """Update levels and trends with values without season, (B, S); no mask where all are."""
        state.trend *= PHI
        state.level += state.trend
        # The young take the mean of what they have seen.
        rate = np.maximum(ALPHA, 1 / np.maximum(state.age, 1)[:, None, None])
        risen = values[..., None] - state.level
        risen *= rate
        if mask is not None:
            risen *= mask
        state.level += risen
        risen *= BETA
        risen *= (state.age > 1)[:, None, None]
        state.trend += risen

    def _slope(self, state: StreamState) -> np.ndarray:
        """Return the slope of the straight line through each series, (B, S); 0 while young."""
        known = (state.age >= YOUNG)[:, None]
        return np.where(known, state.line[..., 2] / np.maximum(state.line[..., 1], 1.0), 0.0)

    def _fit_line(self, state: StreamState, values: np.ndarray, seen: np.ndarray) -> None:
        """Update the line through each series with values without season, (B, S).

        Source: B. P. Welford 1962, doi 10.1080/00401706.1962.10490022 (running sums of squares).
        """
        count = np.maximum(state.age, 1)
        before = state.time - state.mean_time
        mean_time = state.mean_time + before / count
        mean = state.line[..., 0] + (values - state.line[..., 0]) / count[:, None]
        squares = state.line[..., 1] + (before * (state.time - mean_time))[:, None]
        products = state.line[..., 2] + before[:, None] * (values - mean)
        line = np.stack([mean, squares, products], axis=-1)
        state.line = np.where(seen[:, None, None], line, state.line)
        state.mean_time = np.where(seen, mean_time, state.mean_time)

    def _learn_season(self, state: StreamState, values: np.ndarray, seen: np.ndarray) -> None:
        """Update the index of the period half a season ago, whose moving average is known now.

        Source: the centred moving average of the classical decomposition (W. M. Persons 1919),
        taken period by period.
        """
        state.recent[:, :-1] = state.recent[:, 1:]
        state.recent[:, -1] = values
        season, half = self.season, self.season // 2
        window = state.recent if season % 2 == 0 else state.recent[:, 1:]
        whole = window.sum(axis=1)  # nan while there is less than a season
        if season % 2 == 0:
            whole = whole - 0.5 * (window[:, 0] + window[:, -1])
        trend = whole / season
        rows = np.flatnonzero(~np.isnan(trend) & seen)
        if not rows.size:
            return
        trend = trend[rows]
        middle = window[rows, half]
        place = (state.time[rows] - half) % season
        counted = state.counted[rows, place] + 1
        size = np.maximum(state.size[rows], TINY)
        within = np.maximum(np.abs(trend), 0.1 * size)
        apart = middle - trend
        observed = np.stack([apart / within, apart / within, apart / size], axis=1)
        observed = np.clip(observed, -5.0, 20.0)
        rate = np.maximum(INDEX_RATES, 1 / counted[:, None])
        old = state.indices[rows, :, place]
        state.indices[rows, :, place] = old + rate * (observed - old)
        again = (counted > 1)[:, None]
        state.strayed[rows, :, 0] += np.where(again, (1 - rate) * np.square(observed - old), 0.0)
        state.strayed[rows, :, 1] += again
        state.counted[rows, place] = counted
        state.believed[rows] = _believed(
            state.indices[rows], state.counted[rows], state.strayed[rows]
        )


def _series_last(*shape: int) -> np.ndarray:
    """Return zeros (B, ...) that lie side by side by series, which is how they are worked on."""
    last = len(shape) - 1
    return np.zeros((*shape[1:], shape[0])).transpose(last, *range(last))


def _follow(mean: np.ndarray, values: np.ndarray, rate: np.ndarray) -> None:
    """Move a running mean towards values by a rate for each series."""
    mean += rate[:, None, None] * (values - mean)


@lru_cache(maxsize=32)
def _factors(steps: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return what trends and half of a slope are multiplied with, (K, h) and (drifts, h)."""
    at = np.array(steps) - 1
    return damping(steps[-1], PHI)[:, at], drifting(steps[-1])[:, at]


def _believed(indices: np.ndarray, counted: np.ndarray, strayed: np.ndarray) -> np.ndarray:
    """Return the share of the indices of each seasonal set that is more than chance, (B, S - 1).

    1 while too few observations have come again.

    Source: W. James and C. Stein 1961, "Estimation with quadratic loss", Proceedings of the Fourth
        Berkeley Symposium, volume 1, pages 361-379 (positive part, around the mean).
    """
    known = counted[:, None] > 0
    number = np.maximum(known.sum(axis=2), 1)
    mean = np.where(known, indices, 0.0).sum(axis=2) / number
    apart = np.where(known, indices - mean[..., None], 0.0)
    spread = np.square(apart).sum(axis=2) / np.maximum(number - 1, 1)
    cycles = (counted.sum(axis=1) / number[:, 0])[:, None]
    each = np.maximum(1 / np.maximum(cycles, 1), INDEX_RATES / (2 - INDEX_RATES))
    chance = strayed[..., 0] / np.maximum(strayed[..., 1], 1) * each
    share = 1 - np.maximum(number - 3, 0) / number * chance / np.maximum(spread, TINY**2)
    young = strayed[..., 1] < np.minimum(number, FEW)
    return np.where(young, 1.0, np.clip(share, 0.0, 1.0))
