"""What is known after each row: its forecast, the next one, and the alarms with their reasons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gatework.forecast import ForecastPoint
from gatework.forecast.digits import digits_within, number_text

ALARMS = {
    "outside": "the value lies outside the interval of its forecast",
    "drift": "values have drifted away from their forecasts",
    "missing": "the value is missing",
    "gap": "periods are missing before this one",
    "stuck": "the same value comes too often to be chance",
    "bad": "the row cannot be read",
    "order": "the period was there before, or is none of the calendar",
    "source": "the file was rotated or truncated",
}
"""Every kind of alarm, and what it says."""


@dataclass(frozen=True)
class Alarm:
    """An alarm: its kind, one of ALARMS, and the reason in words."""

    kind: str
    reason: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


@dataclass(frozen=True)
class Observation:
    """A row, the forecast that had been made for it, the next forecast, and the alarms.

    ``row`` counts from 1 and is never given twice. ``value`` is nan where it is missing.
    ``forecast`` is None for a row that was left out since it names no period to come, and before
    the first value of a series, as are the numbers of ``next``. ``waits`` says how many values are
    still to come before alarms are given that rest on forecasts, ``lacks`` for which covariates the
    next forecast waits.
    """

    row: int
    period: str
    value: float
    forecast: ForecastPoint | None
    next: ForecastPoint
    alarms: tuple[Alarm, ...] = ()
    waits: int = 0
    lacks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; a missing value is None.

        Example:
            >>> point = ForecastPoint("4", 2.0, 1.0, 3.0)
            >>> Observation(1, "4", 2.5, point, ForecastPoint("5", 2.1, 1.0, 3.0)).to_json()["next"]
            {'period': '5', 'value': 2.1, 'lower': 1.0, 'upper': 3.0}
        """
        return {
            "row": self.row,
            "period": self.period,
            "value": None if math.isnan(self.value) else self.value,
            "forecast": None if self.forecast is None else _values(self.forecast),
            "next": {"period": self.next.period, **_values(self.next)},
            "alarms": [{"kind": alarm.kind, "reason": alarm.reason} for alarm in self.alarms],
            **({"waits": self.waits} if self.waits else {}),
            **({"lacks": list(self.lacks)} if self.lacks else {}),
        }

    def __str__(self) -> str:
        """Return it as one line for people."""
        value = "missing" if math.isnan(self.value) else f"{self.value:g}"
        parts = [f"{self.period}  {value}"]
        if self.forecast is not None:
            parts.append(f"forecast {_words(self.forecast)}")
        lacks = f"waits for {' and '.join(map(repr, self.lacks))}" if self.lacks else ""
        parts.append(f"next {self.next.period}: {lacks or _words(self.next)}")
        if self.waits:
            values = "value" if self.waits == 1 else "values"
            parts.append(f"alarms wait for {self.waits} more {values}")
        parts += [f"ALARM {alarm}" for alarm in self.alarms]
        return "  ".join(parts)


def unknown(period: str) -> ForecastPoint:
    """Return what is said of a period before anything is known of its series."""
    return ForecastPoint(period, math.nan, math.nan, math.nan)


def _values(point: ForecastPoint) -> dict[str, float | None]:
    numbers = {"value": point.value, "lower": point.lower, "upper": point.upper}
    return {name: None if math.isnan(one) else one for name, one in numbers.items()}


def _words(point: ForecastPoint) -> str:
    if math.isnan(point.value):
        return "nothing is known yet"
    numbers = (point.value, point.lower, point.upper)
    digits = digits_within(numbers, 4)
    value, lower, upper = (number_text(number, digits) for number in numbers)
    return f"{value} ({lower} to {upper})"
