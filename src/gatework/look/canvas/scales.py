"""Scales: where a value lies on the paper, and which values deserve a tick."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gatework.look.canvas.numerals import show, tick_labels

_EXTREME = 8e307
_LEAST_SPAN = 1e-300
_EXTREME_LOG = 600.0


@dataclass(frozen=True)
class Linear:
    """Values from ``low`` to ``high``, drawn from ``start`` to ``end``.

    Example:
        >>> scale = Linear(0.0, 10.0, 100.0, 0.0)
        >>> scale(2.5), scale.invert(75.0)
        (75.0, 2.5)
    """

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(
        cls,
        values: Iterable[float],
        start: float,
        end: float,
        *,
        padding: float = 0.05,
        least: float | None = None,
    ) -> Linear:
        """Return the scale that holds all values, and ``least`` where it is given.

        Values that hardly differ get a scale of about their own size around them.
        """
        known = [min(max(float(value), -_EXTREME), _EXTREME) for value in values]
        known += [] if least is None else [least]
        low, high = min(known, default=0.0), max(known, default=1.0)
        size = max(abs(low), abs(high))
        if high - low <= max(size * 1e-9, _LEAST_SPAN):
            around = size / 2 if size > _LEAST_SPAN else 1.0
            low, high = low - around, high + around
        else:
            room = (high - low) * padding
            low, high = low - room * (low != least), high + room
        return cls(low, high, start, end)

    def __call__(self, value: float) -> float:
        """Return where the value lies; values beyond the scale are drawn at its edge."""
        value = min(max(value, self.low), self.high)
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def invert(self, position: float) -> float:
        """Return the value drawn at a position."""
        fraction = (position - self.start) / (self.end - self.start)
        return self.low + fraction * (self.high - self.low)

    def ticks(self, count: int, *, whole: bool = False) -> list[tuple[float, str]]:
        """Return at most about ``count`` round values and how each is written."""
        step = nice_step(self.high - self.low, count)
        step = max(step, 1.0) if whole else step
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        values = [index * step for index in range(first, last + 1)]
        return list(zip(values, tick_labels(values, step), strict=True))


@dataclass(frozen=True)
class Log:
    """Positive values from ``low`` to ``high``, drawn from ``start`` to ``end`` by their logarithm.

    Example:
        >>> scale = Log(1.0, 100.0, 0.0, 50.0)
        >>> scale(10.0), round(scale.invert(25.0), 6)
        (25.0, 10.0)
    """

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(
        cls, values: Iterable[float], start: float, end: float, *, padding: float = 0.05
    ) -> Log:
        """Return the scale that holds all values, which must be above zero."""
        logs = [min(max(math.log(value), -_EXTREME_LOG), _EXTREME_LOG) for value in values]
        low, high = min(logs), max(logs)
        room = (high - low) * padding if high - low > 1e-9 else math.log(2)
        return cls(math.exp(low - room), math.exp(high + room), start, end)

    @property
    def _logs(self) -> Linear:
        return Linear(math.log(self.low), math.log(self.high), self.start, self.end)

    def __call__(self, value: float) -> float:
        """Return where the value lies; values beyond the scale are drawn at its edge."""
        return self._logs(math.log(max(value, self.low)))

    def invert(self, position: float) -> float:
        """Return the value drawn at a position."""
        return math.exp(self._logs.invert(position))

    def ticks(self, count: int, *, whole: bool = False) -> list[tuple[float, str]]:
        """Return at most about ``count`` values, powers of ten or 1, 2 and 5 times such a power."""
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for multiples in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
            values = [float(f"{times}e{decade}") for decade in decades for times in multiples]
            values = [value for value in values if self.low <= value <= self.high]
            values = [value for value in values if not whole or value == round(value)]
            if len(values) <= count:
                break
        else:
            values = values[:: math.ceil(len(values) / count)]
        if len(values) < 2:
            return Linear(self.low, self.high, self.start, self.end).ticks(count, whole=whole)
        return [(value, show(value)) for value in values]


Scale = Linear | Log


def scale_over(
    values: Sequence[float], start: float, end: float, *, ratio: float = 20.0, padding: float = 0.05
) -> Scale:
    """Return the scale that holds all values, logarithmic where they are ``ratio`` apart or more.

    Example:
        >>> scale_over([1.0, 2.0], 0.0, 9.0).low, scale_over([1.0, 100.0], 0.0, 9.0, padding=0).high
        (0.95, 100.00000000000004)
    """
    kind = Log if spans_decades(values, ratio) else Linear
    return kind.over(values, start, end, padding=padding)


def nice_step(span: float, count: int) -> float:
    """Return the least of 1, 2 or 5 times a power of ten that cuts ``span`` in at most ``count``.

    Example:
        >>> nice_step(17.0, 5), nice_step(0.9, 4)
        (5.0, 0.5)
    """
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= rough * (1 - 1e-9))


def spans_decades(values: Iterable[float], ratio: float = 10.0) -> bool:
    """Return whether values are all above zero and so far apart that only logarithms show them.

    Example:
        >>> spans_decades([0.001, 0.1]), spans_decades([0.0, 0.1]), spans_decades([2.0, 3.0])
        (True, False, False)
    """
    known = list(values)
    return bool(known) and min(known) > 0 and max(known) / min(known) >= ratio
