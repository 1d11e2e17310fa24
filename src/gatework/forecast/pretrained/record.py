"""How wide the outcomes of a series lie: its own errors widen or narrow what the networks say.

What a network learned of errors it learned on other series. A series that is harder to foresee,
or easier, shows that by and by: forecasts wait for their outcomes, and the size of the errors, in
units of what was expected, is what later intervals are multiplied with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from gatework.forecast.pretrained.signals import STEPS_SEEN

TRACKED = STEPS_SEEN[1:]
"""Steps ahead whose forecasts are compared with their outcomes."""

ENDS = np.cumsum(TRACKED) - 1
"""Where the newest forecast of each step ahead waits; the oldest of it is due."""

DUE = ENDS - TRACKED + 1

WAITING = int(TRACKED.sum())
"""Forecasts of a series that wait at a time."""

YOUNG = 3
"""Values that a series must have shown before its forecasts are judged."""

OLD = 24
"""Values from which on only every fourth forecast is judged, which is as good and costs less."""

EXPECTED = 0.37
"""Mean square of an error in units of half its 90 % interval, as in the normal."""

UNSEEN = 0.41
"""The same of a series that nobody has seen: more, as no network was trained on it."""

FEW_VALUES = 8.0
"""How much wider intervals of few values are: 3 times after two, 1.1 times after eight."""

PRIOR = 20.0
"""Errors that weigh as much as what is expected of an unseen series."""

TRUST = 0.8
"""How far the record is followed, as its errors overlap."""

FORGET = 0.99
"""Share that is kept of older errors with each value."""

MOST = 9.0
"""Square from which on an error counts as an outlier."""


def judged_later(age: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return which series make a forecast now that is judged later, (B,)."""
    return (age >= YOUNG) & ((age < OLD) | (time % 4 == 0))


def widening_of_few(age: np.ndarray) -> np.ndarray:
    """Return what intervals are multiplied with as few values show little of what is usual, (B,).

    The least of many smoothers' errors, in which all else is measured, is too small by chance then.
    """
    return 1 + FEW_VALUES / np.maximum(age, 2) ** 2


@dataclass(eq=False)
class TrackRecord:
    """Forecasts that wait for their outcomes, and how large the errors of earlier ones were.

    Shapes:
        waiting: (B, WAITING, 3), in rows of one step ahead after the other, the newest
        last: forecast, and half of its 90 % interval below and above it; 0 where there is none.
        judged: (B, 2), sum of the squares of errors in units of that half, and their number.
    """

    waiting: np.ndarray
    judged: np.ndarray

    @classmethod
    def begin(cls, count: int) -> Self:
        """Return that of so many series before their first values."""
        return cls(np.zeros((count, WAITING, 3)), np.zeros((count, 2)))

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Put together those of some series and of others."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def rows(self, rows: np.ndarray) -> Self:
        """Return those of some of the series."""
        return type(self)(self.waiting[rows], self.judged[rows])

    def put(self, rows: np.ndarray, source: Self) -> None:
        """Take over ``rows`` from one that has all of them."""
        self.waiting[rows], self.judged[rows] = source.waiting[rows], source.judged[rows]

    def judge(self, values: np.ndarray) -> None:
        """Compare the forecasts that are due with their outcomes, (B,), nan where missing."""
        forecast, below, above = self.waiting[:, DUE].transpose(2, 0, 1)
        error = values[:, None] - forecast
        half = np.where(error >= 0, above, below)
        known = (half > 0) & ~np.isnan(error)
        square = np.square(np.where(known, error, 0.0) / np.where(known, half, 1.0))
        self.judged *= np.where(np.isnan(values), 1.0, FORGET)[:, None]
        self.judged[:, 0] += np.minimum(square, MOST).sum(axis=1)
        self.judged[:, 1] += known.sum(axis=1)
        self.waiting[:, :-1] = self.waiting[:, 1:]
        self.waiting[:, ENDS] = 0.0

    def expect(self, forecast: np.ndarray, half: np.ndarray, chosen: np.ndarray) -> None:
        """Let the forecasts of chosen series wait, (B, h), with halves of intervals, (B, h, 2)."""
        self.waiting[:, ENDS, 0] = forecast
        self.waiting[:, ENDS, 1:] = np.where(chosen[:, None, None], half, 0.0)

    @property
    def widening(self) -> np.ndarray:
        """Return what intervals are multiplied with, (B,).

        Equation, for n errors whose squares have the sum s:
            widening^2 = ((PRIOR UNSEEN + s) / ((PRIOR + n) EXPECTED))^TRUST
        """
        squares, count = self.judged.T
        ratio = (PRIOR * UNSEEN + squares) / ((PRIOR + count) * EXPECTED)
        return ratio ** (TRUST / 2)
