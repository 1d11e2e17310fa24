"""Labels of periods before a known one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import cos, pi, sin

import numpy as np

from gatework.tabular.calendar import Calendar, label_start, labels_from


def labels_until(ends: Sequence[str], count: int, frequency: str | None) -> list[str]:
    """Return the labels of ``count`` periods of which the last ones are ``ends``.

    Example:
        >>> labels_until(["2006-01"], 3, "MS")
        ['2005-11', '2005-12', '2006-01']
        >>> labels_until(["20", "30"], 3, None)
        ['10', '20', '30']
    """
    last = ends[-1]
    if frequency is None:
        step = int(ends[-1]) - int(ends[-2]) if len(ends) > 1 else 1
        return [str(int(last) - step * (count - 1 - index)) for index in range(count)]
    return labels_from(last, frequency, range(1 - count, 1))


@lru_cache(maxsize=256)  # most series of a panel end with the same period
def calendar_features(
    last: str, count: int, ahead: int, frequency: str, names: tuple[str, ...]
) -> np.ndarray:
    """Return features of ``count`` periods up to the one called ``last`` and ``ahead`` after it.

    Each name gives the sine and the cosine of where the period stands in its cycle: "month" and
    "quarter" in the year, "week" of the year, "day" in the month, "weekday" in the week, "hour" in
    the day.

    Shapes:
        Returns (count + ahead, 2 len(names)).
    """
    calendar, start = Calendar.from_alias(frequency), label_start(last)
    rows = []
    for when in calendar.shift(start, np.arange(1 - count, ahead + 1)).tolist():
        place = {
            "month": (when.month - 1) / 12,
            "quarter": (when.month - 1) // 3 / 4,
            "week": (when.isocalendar().week - 1) / 52.18,
            "day": (when.day - 1) / 31,
            "weekday": when.weekday() / 7,
            "hour": (when.hour + when.minute / 60) / 24,
        }
        rows.append([f(2 * pi * place[name]) for name in names for f in (sin, cos)])
    return np.array(rows)


WAVES = ("sine", "cosine")
CYCLES = ("month", "quarter", "week", "day", "weekday", "hour")
"""The calendar features that there are."""
