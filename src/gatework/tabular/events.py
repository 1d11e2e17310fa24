"""Logs of events, one a row: the periods by which they are counted, and each one's place."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.tabular.calendar import Calendar
from gatework.tabular.table import Table
from gatework.tabular.timeline import MOST_PERIODS, Timeline

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


def place_events(table: Table, date_column: str, period: str) -> Timeline:
    """Return the periods of a table with one row an event, and in which of them each event is.

    The rows may be in any order. Events of a last period that may not be over have no place in it:
    they stand after the last one. What is to be said of the ends is added to the table's notes.

    Raises:
        DataError: a date cannot be used, or fewer than two whole periods remain.
        OptionError: ``period`` is none of PERIODS, or shorter than the dates can tell.
    """
    if period not in PERIODS:
        raise OptionError(
            f"period must be one of {', '.join(PERIODS)}, got {period!r}", hint="--period week"
        )
    column = table[table.column(date_column, "--events")]
    times = table.times(column.name, _in_one_direction)
    if times.unit == "number":
        raise DataError(
            f"{column.at(0)}: {column.shown(0)} is not a date, expected one such as 2005-03-07",
            hint="--events DATE_COLUMN",
        )
    if _SHORTEST_FIRST.index(times.unit) > _SHORTEST_FIRST.index(period):
        raise OptionError(
            f"column {column.name!r} gives dates by the {times.unit}, too coarse to count by the "
            f"{period}",
            hint=f"--period {times.unit}",
        )
    calendar = Calendar.from_alias(PERIODS[period])
    begin, end = calendar.floor(times.starts.min()), calendar.floor(times.starts.max())
    first, last = (edge.item() for edge in (times.starts.min(), times.starts.max()))
    span = int(calendar.between(begin, end))
    if span >= MOST_PERIODS:
        raise DataError(
            f"column {column.name!r} spans {span + 1} periods, from {first} to {last}; "
            f"expected at most {MOST_PERIODS}",
            hint="look for a mistaken year",
        )
    count = span + 1
    if times.unit in ("second", "day") and first.date() != begin.item().date():
        table.notes.append(
            f"the first event is on {first.date()}: "
            f"the first {period}, {calendar.label(begin)}, may be counted in part"
        )
    if not _is_whole(last, calendar.shift(begin, count).item(), times.unit, period):
        clock = "%Y-%m-%d at %H:%M" if times.unit == "second" else "%Y-%m-%d"
        count -= 1
        table.notes.append(
            f"the last event is on {last:{clock}}: "
            f"the last {period}, {calendar.label(end)}, may not be over and is left out"
        )
    if count < 2:
        shorter = _SHORTEST_FIRST[_SHORTEST_FIRST.index(period) - 1]
        raise DataError(
            f"column {column.name!r} has events in {count} whole {period}s, expected at least 2",
            hint="add earlier events" if shorter == "second" else f"--period {shorter}",
        )
    return Timeline(
        range(len(times.starts)),
        np.zeros(len(times.starts), np.int8),
        calendar.between(begin, calendar.floor(times.starts)),
        begin.reshape(1),
        np.array([count]),
        calendar,
    )


def _in_one_direction(starts: np.ndarray) -> bool:
    """Whether these dates are sorted, from the oldest or from the newest."""
    steps = np.diff(starts).astype(np.int64)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _is_whole(last: datetime, end: datetime, unit: str, period: str) -> bool:
    """Whether the last event is so close to the end of its period that the period is over."""
    if unit != "second":
        return Calendar.from_alias(PERIODS[unit]).shift(last, 1).item() >= end
    reach = {"hour": timedelta(0), "day": timedelta(hours=1)}.get(period, timedelta(days=1))
    return last + reach >= end
