"""From the dates of a column to a calendar: their order, their step, and the gaps between them."""

from __future__ import annotations

import calendar as month_lengths
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from shlex import quote

import numpy as np

from gatework.errors import DataError
from gatework.tabular.calendar import DAY, HOUR, MINUTE, WEEK, WEEKDAYS, Calendar, iso_week
from gatework.tabular.dates import Dates
from gatework.tabular.numeric import Cell, shown

MOST_PERIODS = 1_000_000
"""The most periods that a series may span; more is taken for a mistaken date."""


@dataclass(frozen=True)
class Timeline:
    """Where each row stands among the periods from the first to the last.

    Shapes:
        positions: (rows,), int64, increasing from 0; a jump by more than 1 is a gap
        labels: one for each period, gaps included
    """

    positions: np.ndarray
    labels: tuple[str, ...]
    frequency: str | None
    season: int


def check_order(
    times: Sequence[datetime] | Sequence[float],
    cells: Sequence[Cell],
    rows: Sequence[int],
    column: str,
) -> None:
    """Check that the times increase from row to row.

    Raises:
        DataError: a time is repeated, or comes before that of the row above; both rows are named.
    """
    first_row: dict[datetime | float, int] = {}
    for time, cell, row in zip(times, cells, rows, strict=True):
        if time in first_row:
            raise DataError(
                f"column {column!r}, row {row}: {shown(cell)} is repeated, "
                f"it stands in row {first_row[time]} already",
                hint="keep one row a period; where a row is an event: --events "
                f"{quote(column)} --period week",
            )
        first_row[time] = row
    for index in range(1, len(times)):
        if times[index] < times[index - 1]:  # type: ignore[operator]
            raise DataError(
                f"column {column!r}, row {rows[index]}: {shown(cells[index])} comes before "
                f"{shown(cells[index - 1])} in row {rows[index - 1]}",
                hint=f"sort the rows by {column!r}, the oldest first",
            )


def lay_out_dates(
    dates: Dates, cells: Sequence[Cell], rows: Sequence[int], column: str
) -> Timeline:
    """Find the calendar of dates in order, and place each row on it.

    Raises:
        DataError: there are fewer than two dates, or the steps between them are irregular.
    """
    if len(dates.starts) < 2:
        raise DataError(
            f"column {column!r} has {len(dates.starts)} date, expected at least 2 to find the step "
            "from one period to the next",
            hint="add earlier periods",
        )
    found = find_calendar(dates)
    starts = _period_starts(dates.starts, found)
    positions = [found.between(starts[0], start) for start in starts]
    for index, position in enumerate(positions):
        if position is None:
            raise _irregular(index, cells, rows, column, found)
    known = np.array(positions, dtype=np.int64)
    _check_span(int(known[-1]), cells, rows, column)
    periods = [found.shift(starts[0], ahead) for ahead in range(int(known[-1]) + 1)]
    name = iso_week if dates.unit == "week" and found.step == WEEK else found.label
    return Timeline(known, tuple(name(start) for start in periods), found.alias, found.season)


def lay_out_numbers(
    numbers: Sequence[float], cells: Sequence[Cell], rows: Sequence[int], column: str
) -> Timeline:
    """Place each row among whole numbers in order, such as 1, 2, 3 or 10, 20, 30.

    Raises:
        DataError: a number is not whole, or the steps between them are irregular.
    """
    for number, cell, row in zip(numbers, cells, rows, strict=True):
        if number != int(number):
            raise DataError(
                f"column {column!r}, row {row}: {shown(cell)} is neither a date nor a whole number",
                hint="write the dates as 2005-03-07, or number the periods 1, 2, 3",
            )
    whole = [int(number) for number in numbers]
    step = _usual_step([later - earlier for earlier, later in pairwise(whole)]) or 1
    _check_span((whole[-1] - whole[0]) // step, cells, rows, column)
    for index, number in enumerate(whole):
        if (number - whole[0]) % step:
            raise _irregular(index, cells, rows, column, None)
    positions = np.array([(number - whole[0]) // step for number in whole], dtype=np.int64)
    labels = tuple(str(number) for number in range(whole[0], whole[-1] + 1, step))
    return Timeline(positions, labels, None, 1)


def find_calendar(dates: Dates) -> Calendar:
    """Return the calendar whose step is the usual one between these dates, two or more, in order.

    Example:
        >>> find_calendar(Dates((datetime(2005, 1, 31), datetime(2005, 2, 28)), "day")).alias
        'MS'
    """
    starts = dates.starts
    if dates.unit in ("month", "quarter", "year") or _same_day_of_month(starts):
        months = [12 * start.year + start.month - 1 for start in starts]
        step = _usual_step([later - earlier for earlier, later in pairwise(months)])
        if step % 12 == 0:
            return Calendar.from_alias(f"{step // 12 if step > 12 else ''}YS")
        if step == 3 and _quarters(starts):
            return Calendar.from_alias("QS")
        return Calendar.from_alias(f"{step if step > 1 else ''}MS")
    step = _usual_step(
        [round((later - earlier).total_seconds()) for earlier, later in pairwise(starts)]
    )
    if step == DAY and _business_days(starts):
        return Calendar.from_alias("B")
    for length, base in ((WEEK, f"W-{WEEKDAYS[starts[0].weekday()]}"), (DAY, "D"), (HOUR, "h")):
        if step % length == 0:
            return _multiple(step, length, base)
    return _multiple(step, MINUTE, "min") if step % MINUTE == 0 else _multiple(step, 1, "s")


def follows_on(starts: tuple[datetime, ...]) -> bool:
    """Return whether these dates increase by one step of some calendar, without gaps."""
    if any(later <= earlier for earlier, later in pairwise(starts)) or len(starts) < 2:
        return False
    found = find_calendar(Dates(starts, "day"))
    begin = _period_starts(starts, found)
    return [found.between(begin[0], start) for start in begin] == list(range(len(starts)))


def _multiple(step: int, length: int, base: str) -> Calendar:
    count = max(step // length, 1)
    return Calendar.from_alias(f"{count if count > 1 else ''}{base}")


def _period_starts(starts: Sequence[datetime], found: Calendar) -> list[datetime]:
    """Move dates inside a month, quarter or year to its start; leave others."""
    if found.unit != "month":
        return list(starts)
    first = {"Q": 3, "Y": 12}.get(found.alias[-2], 1)
    return [datetime(start.year, (start.month - 1) // first * first + 1, 1) for start in starts]


def _same_day_of_month(starts: Sequence[datetime]) -> bool:
    """Whether all dates have one day of the month, or its last where it is shorter, at midnight."""
    day = max(start.day for start in starts)
    return all(
        start.day == min(day, month_lengths.monthrange(start.year, start.month)[1])
        and start.hour == start.minute == start.second == 0
        for start in starts
    )


def _quarters(starts: Sequence[datetime]) -> bool:
    ends = all(start.day >= 28 and start.month % 3 == 0 for start in starts)
    return ends or all(start.month % 3 == 1 for start in starts)


def _business_days(starts: Sequence[datetime]) -> bool:
    """Whether the dates skip weekends: two weeks or more of them, none on a weekend."""
    long_enough = (starts[-1] - starts[0]).days >= 11
    return long_enough and all(start.weekday() < 5 for start in starts)


def _usual_step(steps: Sequence[int]) -> int:
    """Return the most frequent step, the shortest of several."""
    counts = Counter(steps)
    return min(counts, key=lambda step: (-counts[step], step), default=0)


def _check_span(last: int, cells: Sequence[Cell], rows: Sequence[int], column: str) -> None:
    if last >= MOST_PERIODS:
        raise DataError(
            f"column {column!r} spans {last + 1} periods, from {shown(cells[0])} in row {rows[0]} "
            f"to {shown(cells[-1])} in row {rows[-1]}; expected at most {MOST_PERIODS}",
            hint="look for a mistaken year",
        )


def _irregular(
    index: int, cells: Sequence[Cell], rows: Sequence[int], column: str, found: Calendar | None
) -> DataError:
    step = "the usual step" if found is None else f"a whole number of steps of {found.alias!r}"
    return DataError(
        f"column {column!r}, row {rows[index]}: {shown(cells[index])} does not follow "
        f"{shown(cells[index - 1])} by {step}, as most rows do",
        hint=f"correct it; where a row is an event: --events {quote(column)} --period week",
    )
