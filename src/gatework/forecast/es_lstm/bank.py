"""The bank of smoothers: what each of them knows after a value, carried on value by value.

One function, ``Bank.step``, does all of it, for many series at once: over the whole of the training
data, over a test part from every origin, and over a single new value in production.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from gatework.forecast.es_lstm.rates import (
    ALPHA,
    BETA,
    DRIFTS,
    PHI,
    RECURSIONS,
    REFERENCE_RATE,
    SEASON_RATES,
    SMOOTHERS,
    damping,
    drifting,
    smoothers,
)
from gatework.forecast.es_lstm.season import first_indices, warm_up

LEAST_TREND = 0.05
"""Forecasts of a positive series fall to this share of the level at most, whatever the trend."""

INDEX_RANGE = (0.05, 20.0)
"""Multiplicative indices stay within it."""

ERROR_RATE = 0.08
"""How fast the running errors forget, once there are enough of them."""

YOUNG = 8
"""Values that a series must have shown before the line through it says anything."""

TINY = 1e-6


@dataclass(eq=False)
class BankState:
    """What the bank carries from value to value, for B series; S sets of N smoothers.

    The first K of a set are recursions, the others add a drift to some of them.

    Values are in the unit of each series, so all of it is near 1.

    Shapes:
        level, trend: (B, S, K). error, bias: (B, S, N), running means of one step ahead.
        line: (B, S, 3), mean of the values, and sums of squares of time and of time and value, of
        the straight line through the series. mean_time: (B,), of the values seen.
        reference: (B, R) for R = S - 1 seasonal sets. indices: (B, R, season).
        phase: (B,), place in the season of the next value. time: (B,), periods so far.
        age: (B,), values seen.
    """

    level: np.ndarray
    trend: np.ndarray
    error: np.ndarray
    bias: np.ndarray
    reference: np.ndarray
    indices: np.ndarray
    line: np.ndarray
    mean_time: np.ndarray
    time: np.ndarray
    phase: np.ndarray
    age: np.ndarray

    def rows(self, rows: np.ndarray) -> BankState:
        """Return the state of some of the series."""
        return BankState(*(getattr(self, field.name)[rows] for field in fields(self)))

    def copy_rows(self, source: BankState, rows: np.ndarray) -> None:
        """Take over the state of some of the series from ``source``, which has all of them."""
        for field in fields(self):
            getattr(self, field.name)[rows] = getattr(source, field.name)[rows]


@dataclass(frozen=True, eq=False)
class BankReading:
    """What the bank says after a value.

    Shapes:
        forecasts: (B, N, H), of N smoothers, in the unit of each series.
        errors: (B, N), of the forecasts one step ahead made before the value; 0 where missing.
        error, bias: (B, N), running means of their size and of themselves.
    """

    forecasts: np.ndarray
    errors: np.ndarray
    error: np.ndarray
    bias: np.ndarray


class Bank:
    """Smoothers for B series side by side.

    Args:
        season: periods of a season, 1 for none.
        horizon: steps ahead, H.
        multiplicative: (B,), whether a series has indices that multiply.
        floor: (B,), the least forecast: 0 for counts, -inf for none.
    """

    def __init__(
        self, season: int, horizon: int, multiplicative: np.ndarray, floor: np.ndarray
    ) -> None:
        self.season, self.horizon = season, horizon
        self.multiplicative, self.floor = multiplicative, floor
        self.sets = smoothers(season) // SMOOTHERS
        self._damping, self._drifting = damping(horizon), drifting(horizon)
        self._ahead_steps = np.arange(1, horizon + 1)
        self._rates = np.array(SEASON_RATES[: self.sets - 1])

    def rows(self, rows: np.ndarray) -> Bank:
        """Return the bank of some of the series."""
        return Bank(self.season, self.horizon, self.multiplicative[rows], self.floor[rows])

    def begin(self, values: np.ndarray, lengths: np.ndarray) -> BankState:
        """Return the state before the first value, from the beginning of each series.

        Shapes:
            values: (B, T), nan where missing; only the first ``warm_up`` of each row are read.
            lengths: (B,), values of each row.
        """
        count, seasonal = len(values), self.sets - 1
        indices = np.where(self.multiplicative[:, None, None], 1.0, 0.0)
        indices = np.repeat(np.repeat(indices, seasonal, axis=1), self.season, axis=2)
        level = np.zeros(count)
        for row, length in enumerate(lengths):
            start = warm_up(int(length), self.season)
            known = values[row, : max(start if start < 2 * self.season else self.season, 4)]
            known = known[: int(length)]
            known = known[~np.isnan(known)]
            level[row] = known.mean() if known.size else 0.0
            if seasonal and start >= 2 * self.season:
                indices[row] = first_indices(
                    values[row, :start], self.season, multiplicative=bool(self.multiplicative[row])
                )
        shape = (count, self.sets, RECURSIONS)
        every = (count, self.sets, SMOOTHERS)
        error = np.broadcast_to(self._first_error(values, lengths, level)[:, None, None], every)
        return BankState(
            level=np.broadcast_to(level[:, None, None], shape).copy(),
            trend=np.zeros(shape),
            error=error.copy(),
            bias=np.zeros(every),
            reference=np.repeat(level[:, None], seasonal, axis=1),
            indices=indices,
            line=np.zeros((count, self.sets, 3)),
            mean_time=np.zeros(count),
            time=np.zeros(count, dtype=np.int64),
            phase=np.zeros(count, dtype=np.int64),
            age=np.zeros(count, dtype=np.int64),
        )

    def _first_error(
        self, values: np.ndarray, lengths: np.ndarray, level: np.ndarray
    ) -> np.ndarray:
        """Return the mean distance of the first values to their level, (B,)."""
        first = [
            row[: max(4, warm_up(int(length), self.season))][: int(length)]
            for row, length in zip(values, lengths, strict=True)
        ]
        distance = [
            np.nanmean(np.abs(part - centre)) if np.isfinite(part).any() else 0.0
            for part, centre in zip(first, level, strict=True)
        ]
        return np.array(distance) + TINY

    def step(self, state: BankState, values: np.ndarray) -> BankReading:
        """Take in the next value of each series; ``state`` is changed.

        A missing value leaves errors and indices as they are; levels go on with their trends.

        Shapes:
            values: (B,), nan where missing.
        """
        seen = ~np.isnan(values)
        mask = seen[:, None, None]
        values = np.where(seen, values, 0.0)
        index = self._index(state)  # (B, S)
        before = self._forecast_one(state, index)  # (B, S, N)
        errors = np.where(mask, values[:, None, None] - before, 0.0)
        plain = self._without_season(values[:, None], index)
        self._smooth(state, plain, mask)
        self._fit_line(state, plain, seen)
        self._season(state, values, seen)
        rate = np.maximum(ERROR_RATE, 1 / (state.age + 4.0))[:, None, None]
        state.error += np.where(mask, rate * (np.abs(errors) - state.error), 0.0)
        state.bias += np.where(mask, rate * (errors - state.bias), 0.0)
        state.age += seen
        state.time += 1
        state.phase = (state.phase + 1) % self.season
        count = len(values)
        return BankReading(
            self._forecasts(state).reshape(count, -1, self.horizon),
            errors.reshape(count, -1),
            state.error.reshape(count, -1).copy(),
            state.bias.reshape(count, -1).copy(),
        )

    def _index(self, state: BankState) -> np.ndarray:
        """Return the seasonal index of the value to come in each set, (B, S)."""
        neutral = np.where(self.multiplicative, 1.0, 0.0)[:, None]
        if self.sets == 1:
            return neutral
        here = np.take_along_axis(state.indices, state.phase[:, None, None], axis=2)[..., 0]
        return np.concatenate([neutral, here], axis=1)

    def _without_season(self, values: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Return values (B, 1) divided by, or less, their indices (B, S)."""
        multiplied = self.multiplicative[:, None]
        return np.where(multiplied, values / np.where(multiplied, index, 1.0), values - index)

    def _forecast_one(self, state: BankState, index: np.ndarray) -> np.ndarray:
        ahead, level = self._ahead(state, self._damping[:, :1], self._drifting[:, :1])
        return self._with_season(ahead, level, index[:, :, None, None])[..., 0]

    def _forecasts(self, state: BankState) -> np.ndarray:
        """Return the forecasts of all steps ahead, (B, S, N, H)."""
        ahead, level = self._ahead(state, self._damping, self._drifting)
        neutral = np.where(self.multiplicative, 1.0, 0.0)[:, None, None]
        index = np.broadcast_to(neutral, (len(level), 1, self.horizon))
        if self.sets > 1:
            place = (state.phase[:, None] + self._ahead_steps - 1) % self.season  # (B, H)
            following = np.take_along_axis(state.indices, place[:, None, :], axis=2)
            index = np.concatenate([index, following], axis=1)
        return self._with_season(ahead, level, index[:, :, None, :])

    def _ahead(
        self, state: BankState, damped: np.ndarray, drifted: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return forecasts without season (B, S, N, h), and the levels they go out from."""
        level = state.level[..., None]
        with_trend = level + state.trend[..., None] * damped
        half = 0.5 * self._slope(state)[:, :, None, None]
        with_drift = level[:, :, DRIFTS] + half * drifted
        return (
            np.concatenate([with_trend, with_drift], axis=2),
            np.concatenate([level, level[:, :, DRIFTS]], axis=2),
        )

    def _slope(self, state: BankState) -> np.ndarray:
        """Return the slope of the straight line through each series, (B, S); 0 while young."""
        known = (state.age >= YOUNG)[:, None]
        squares = np.where(known, state.line[..., 1], 1.0)
        return np.where(known, state.line[..., 2] / np.maximum(squares, TINY), 0.0)

    def _fit_line(self, state: BankState, values: np.ndarray, seen: np.ndarray) -> None:
        """Update the line through each series with values without season, (B, S).

        Source: B. P. Welford 1962, doi 10.1080/00401706.1962.10490022 (running sums of squares).
        """
        count = state.age + 1.0
        before = state.time - state.mean_time
        mean_time = state.mean_time + before / count
        after = state.time - mean_time
        mean = state.line[..., 0] + (values - state.line[..., 0]) / count[:, None]
        squares = state.line[..., 1] + (before * after)[:, None]
        products = state.line[..., 2] + before[:, None] * (values - mean)
        line = np.stack([mean, squares, products], axis=-1)
        state.line = np.where(seen[:, None, None], line, state.line)
        state.mean_time = np.where(seen, mean_time, state.mean_time)

    def _with_season(self, ahead: np.ndarray, level: np.ndarray, index: np.ndarray) -> np.ndarray:
        shape = (-1, *[1] * (ahead.ndim - 1))
        multiplied = self.multiplicative.reshape(shape)
        kept = np.maximum(ahead, LEAST_TREND * np.abs(level))
        result = np.where(multiplied, kept * index, ahead + index)
        return np.maximum(result, self.floor.reshape(shape))

    def _smooth(self, state: BankState, values: np.ndarray, mask: np.ndarray) -> None:
        """Update levels and trends with values without season, (B, S)."""
        damped = PHI * state.trend
        expected = state.level + damped
        # Young smoothers without a trend take the mean of what they have seen.
        young = np.where(PHI == 0, 1 / (state.age[:, None, None] + 2.0), 0.0)
        level = expected + np.maximum(ALPHA, young) * (values[..., None] - expected)
        trend = damped + BETA * (level - state.level - damped)
        state.level = np.where(mask, level, expected)
        state.trend = np.where(mask, trend, damped)

    def _season(self, state: BankState, values: np.ndarray, seen: np.ndarray) -> None:
        """Update reference levels and the index of this period."""
        if self.sets == 1:
            return
        place = state.phase[:, None, None]
        index = np.take_along_axis(state.indices, place, axis=2)[..., 0]  # (B, R)
        plain = self._without_season(values[:, None], index)
        mask = seen[:, None]
        moved = state.reference + REFERENCE_RATE * (plain - state.reference)
        state.reference = np.where(mask, moved, state.reference)
        level = state.reference
        multiplied = self.multiplicative[:, None]
        observed = np.where(
            multiplied, values[:, None] / np.maximum(level, TINY), values[:, None] - level
        )
        following = (1 - self._rates) * index + self._rates * observed
        following = np.where(multiplied, np.clip(following, *INDEX_RANGE), following)
        following = np.where(mask, following, index)
        np.put_along_axis(state.indices, place, following[..., None], axis=2)
