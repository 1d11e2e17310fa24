"""Logs of events, one a row, counted by the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.panel.panel import Panel
from gatework.forecast.series import Series
from gatework.tabular.calendar import Calendar
from gatework.tabular.dates import Dates
from gatework.tabular.table import Table, column_dates, read_table
from gatework.tabular.timeline import MOST_PERIODS

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
    dates, column = _dates(read_table(path), date_column, period)
    window = _window(dates, period, column)
    return window.series("events", Counter(_period_start(when, period) for when in dates.starts))


def count_events_of_many(
    path: str | Path, *, id_column: str, date_column: str, period: Period
) -> Panel:
    """Count the events of many units, of a table with one row an event, by unit and period.

    All units are counted over the same periods, those of the whole log: a period in which a unit
    has no event counts 0, also before its first one and after its last.

    Raises:
        DataError, OptionError: as count_events; DataError where a row has no unit.
    """
    if period not in PERIODS:
        raise OptionError(
            f"period must be one of {', '.join(PERIODS)}, got {period!r}", hint="--period week"
        )
    table = read_table(path)
    ids = table.column(id_column, "--id-column")
    names = [str(cell).strip() if cell is not None else "" for cell in table.columns[ids]]
    if "" in names:
        raise DataError(
            f"column {ids!r}, row {table.rows[names.index('')]} is empty, expected the unit of the "
            "event",
            hint="name it, or take the row out",
        )
    dates, column = _dates(table, date_column, period)
    window = _window(dates, period, column)
    counts: dict[str, Counter[datetime]] = {name: Counter() for name in names}
    for name, when in zip(names, dates.starts, strict=True):
        counts[name][_period_start(when, period)] += 1
    panel = Panel.from_series([window.series(name, found) for name, found in counts.items()])
    return replace(panel, notes=tuple(dict.fromkeys((*panel.notes, *window.notes))))


def _dates(table: Table, date_column: str, period: str) -> tuple[Dates, str]:
    """Return the dates of the events and the name of their column."""
    column = table.column(date_column, "--events")
    dates = column_dates(table, column, _in_order)
    if not isinstance(dates, Dates):
        raise DataError(
            f"column {column!r}, row {table.rows[0]}: {table.columns[column][0]!r} is not a date, "
            "expected one such as 2005-03-07",
            hint="--events DATE_COLUMN",
        )
    _check_unit(dates.unit, column, period)
    return dates, column


@dataclass(frozen=True)
class _Window:
    """The periods by which a log is counted, and what is to be said about its ends."""

    calendar: Calendar
    starts: list[datetime]
    notes: tuple[str, ...]

    def series(self, name: str, counts: Counter[datetime]) -> Series:
        """Return the counts of all periods."""
        values = np.array([counts[start] for start in self.starts], dtype=np.float64)
        labels = tuple(self.calendar.label(start) for start in self.starts)
        alias, season = self.calendar.alias, self.calendar.season
        return Series(name, values, labels, alias, season, True, self.notes)


def _window(dates: Dates, period: str, column: str) -> _Window:
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
    return _Window(calendar, kept, tuple(notes))


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
