"""Logs of events, one a row, counted by the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.calendar import Calendar
from gatework.forecast.dates import Dates
from gatework.forecast.series import Series
from gatework.forecast.table import column_dates, read_table
from gatework.forecast.timeline import MOST_PERIODS

Period = Literal["hour", "day", "week", "month", "quarter", "year"]
PERIODS = {
    "hour": "h",
    "day": "D",
    "week": "W-MON",
    "month": "MS",
    "quarter": "QS",
    "year": "YS",
}
"""The periods by which events are counted, and the calendar of each; weeks begin on Monday."""

_SHORTEST_FIRST = ("second", *PERIODS)


def count_events(path: str | Path, *, date_column: str, period: Period) -> Series:
    """Count the events of a table with one row an event; the rows may be in any order.

    A period without events counts 0. A log seldom begins or ends with a period: the last one is
    left out unless an event falls on its last day (of days, in their last hour; of hours, always),
    the first one is kept, and a note says so.

    Raises:
        DataError: the file or a date cannot be used, or fewer than two whole periods remain.
        OptionError: ``period`` is not one of its values, or shorter than the dates can tell.
    """
    if period not in PERIODS:
        raise OptionError(
            f"period must be one of {', '.join(PERIODS)}, got {period!r}", hint="--period week"
        )
    table = read_table(path)
    column = table.column(date_column, "--events")
    dates = column_dates(table, column, _in_order)
    if not isinstance(dates, Dates):
        raise DataError(
            f"column {column!r}, row {table.rows[0]}: {table.columns[column][0]!r} is not a date, "
            "expected one such as 2005-03-07",
            hint="--events DATE_COLUMN",
        )
    _check_unit(dates.unit, column, period)
    return _count(dates, period, column)


def _count(dates: Dates, period: str, column: str) -> Series:
    calendar = Calendar.from_alias(PERIODS[period])
    first, last = min(dates.starts), max(dates.starts)
    begin = _period_start(first, period)
    span = calendar.between(begin, _period_start(last, period)) or 0
    if span >= MOST_PERIODS:
        raise DataError(
            f"column {column!r} spans {span + 1} periods, from {first} to {last}; "
            f"expected at most {MOST_PERIODS}",
            hint="look for a mistaken year",
        )
    starts = [calendar.shift(begin, ahead) for ahead in range(span + 2)]
    counts = Counter(_period_start(when, period) for when in dates.starts)
    whole = _is_whole(last, starts[-1], dates.unit, period)
    kept = starts[: span + whole]
    if len(kept) < 2:
        shorter = _SHORTEST_FIRST[_SHORTEST_FIRST.index(period) - 1]
        raise DataError(
            f"column {column!r} has events in {len(kept)} whole {period}s, expected at least 2",
            hint="add earlier events" if shorter == "second" else f"--period {shorter}",
        )
    notes = list(dates.notes)
    if dates.unit in ("second", "day") and first.date() != begin.date():
        notes.append(
            f"the first event is on {first.date()}: "
            f"the first {period}, {calendar.label(begin)}, may be counted in part"
        )
    clock = dates.unit == "second"
    if not whole:
        notes.append(
            f"the last event is on {last:{'%Y-%m-%d at %H:%M' if clock else '%Y-%m-%d'}}: "
            f"the last {period}, {calendar.label(starts[-2])}, may not be over and is left out"
        )
    values = np.array([counts[start] for start in kept], dtype=np.float64)
    labels = tuple(calendar.label(start) for start in kept)
    return Series("events", values, labels, calendar.alias, calendar.season, True, tuple(notes))


def _period_start(when: datetime, period: str) -> datetime:
    if period == "hour":
        return when.replace(minute=0, second=0, microsecond=0)
    day = datetime(when.year, when.month, when.day)
    if period == "day":
        return day
    if period == "week":
        return day - timedelta(days=day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    return datetime(when.year, (when.month - 1) // months * months + 1, 1)


def _is_whole(last: datetime, end: datetime, unit: str, period: str) -> bool:
    """Whether the last event is so close to the end of its period that the period is over."""
    if unit != "second":
        return Calendar.from_alias(PERIODS[unit]).shift(last, 1) >= end
    reach = {"hour": timedelta(0), "day": timedelta(hours=1)}.get(period, timedelta(days=1))
    return last + reach >= end


def _check_unit(unit: str, column: str, period: str) -> None:
    """Check that dates given by the month, say, are not counted by the week."""
    if _SHORTEST_FIRST.index(unit) > _SHORTEST_FIRST.index(period):
        raise OptionError(
            f"column {column!r} gives dates by the {unit}, too coarse to count by the {period}",
            hint=f"--period {unit}",
        )


def _in_order(starts: Sequence[datetime]) -> bool:
    """Whether a log is sorted, from the oldest or from the newest."""
    pairs = list(pairwise(starts))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)
