"""From the dates of a column to a calendar: their order, their step, and the gaps between them."""

from __future__ import annotations

import calendar as month_lengths
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from shlex import quote

import numpy as np

from gatework.errors import DataError
from gatework.tabular.calendar import DAY, HOUR, MINUTE, WEEK, WEEKDAYS, Calendar, iso_week
from gatework.tabular.column import Column, naming
from gatework.tabular.dates import Times

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

    @classmethod
    def of_rows(cls, count: int) -> Timeline:
        """Return the time line of rows without periods, which are numbered from 1."""
        return cls(np.arange(count), tuple(str(n) for n in range(1, count + 1)), None, 1)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return values of the rows, (rows, ...), by period, (periods, ...); nan in gaps."""
        spread = np.full((len(self.labels), *values.shape[1:]), np.nan)
        spread[self.positions] = values
        return spread


def check_order(times: Times, cure: str | None = None) -> None:
    """Check that the times increase from row to row; ``cure`` is the hint for a repeated one.

    Raises:
        DataError: a time is repeated, or comes before that of the row above; both rows are named.
    """
    column, first = times.column, {}
    for index, key in enumerate(times.starts):
        if key in first:
            raise DataError(
                f"{column.at(index)}: {column.shown(index)} is repeated, "
                f"it stands in row {column.rows[first[key]]} already",
                hint=cure
                or "keep one row a period; where a row is an event: "
                f"--events {quote(column.name)} --period week",
            )
        first[key] = index
    for index, (before, key) in enumerate(pairwise(times.starts)):
        if key < before:
            raise DataError(
                f"{column.at(index + 1)}: {column.shown(index + 1)} comes before "
                f"{column.shown(index)} in row {column.rows[index]}",
                hint=f"sort the rows by {column.name!r}, the oldest first",
            )


def sort_groups(
    times: Times, groups: Mapping[str, Sequence[int]], whose: str, cure: str
) -> dict[str, list[int]]:
    """Return the rows of each group, by index, in the order of their times.

    Raises:
        DataError: a time is repeated; ``whose`` and the group are named, ``cure`` is the hint.
    """
    ordered: dict[str, list[int]] = {}
    for name, rows in groups.items():
        ordered[name] = sorted(rows, key=times.starts.__getitem__)
        if len({times.starts[row] for row in rows}) < len(rows):
            with naming(f"{whose} {name!r}: " if whose else ""):
                check_order(times.take(ordered[name]), cure)
    return ordered


def lay_out(times: Times, frequency: str | None = None) -> Timeline:
    """Find the calendar of times in order, and place each row on it.

    Numbers must be whole, such as 1, 2, 3 or 10, 20, 30; ``frequency`` is the alias of the
    calendar, where it is known.

    Raises:
        DataError: the steps between times are irregular, a number is not whole, or there are fewer
            than two dates and no ``frequency``.
    """
    column = times.column
    if times.unit == "number":
        return _lay_out_numbers(times.starts, column)
    if len(times.starts) < 2 and frequency is None:
        raise DataError(
            f"column {column.name!r} has {len(times.starts)} date, expected at least 2 to find the "
            "step from one period to the next",
            hint="add earlier periods",
        )
    found = Calendar.from_alias(frequency) if frequency else find_calendar(times.starts, times.unit)
    starts = _period_starts(times.starts, found)
    weekly = found.unit == "second" and found.step % WEEK == 0
    positions: list[int] = []
    for index, start in enumerate(starts):
        position = found.between(starts[0], start)
        other_day = weekly and found.floor(start).date() != start.date()
        if position is None or other_day or (positions and position <= positions[-1]):
            raise _irregular(index, column, found)
        positions.append(position)
    _check_span(positions[-1], column)
    periods = [found.shift(starts[0], ahead) for ahead in range(positions[-1] + 1)]
    name = iso_week if times.unit == "week" and found.step == WEEK else found.label
    labels = tuple(name(start) for start in periods)
    return Timeline(np.array(positions, dtype=np.int64), labels, found.alias, found.season)


def _lay_out_numbers(numbers: Sequence[float], column: Column) -> Timeline:
    for index, number in enumerate(numbers):
        if number != int(number):
            raise DataError(
                f"{column.at(index)}: {column.shown(index)} is neither a date nor a whole number",
                hint="write the dates as 2005-03-07, or number the periods 1, 2, 3",
            )
    whole = [int(number) for number in numbers]
    step = _usual_step([later - earlier for earlier, later in pairwise(whole)]) or 1
    _check_span((whole[-1] - whole[0]) // step, column)
    for index, number in enumerate(whole):
        if (number - whole[0]) % step:
            raise _irregular(index, column, None)
    positions = np.array([(number - whole[0]) // step for number in whole], dtype=np.int64)
    labels = tuple(str(number) for number in range(whole[0], whole[-1] + 1, step))
    return Timeline(positions, labels, None, 1)


def find_calendar(starts: Sequence[datetime], unit: str = "day") -> Calendar:
    """Return the calendar whose step is the usual one between these dates, two or more, in order.

    Example:
        >>> find_calendar([datetime(2005, 1, 31), datetime(2005, 2, 28)]).alias
        'MS'
    """
    if unit in ("month", "quarter", "year") or _same_day_of_month(starts):
        months = [12 * start.year + start.month - 1 for start in starts]
        step = _usual_step([later - earlier for earlier, later in pairwise(months)])
        if step % 12 == 0:
            return _multiple(step, 12, "YS")
        quarterly = step == 3 and _quarters(starts)
        return Calendar.from_alias("QS") if quarterly else _multiple(step, 1, "MS")
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
    found = find_calendar(starts)
    begin = _period_starts(starts, found)
    return [found.between(begin[0], start) for start in begin] == list(range(len(starts)))


def in_one_direction(starts: Sequence[datetime]) -> bool:
    """Return whether these dates are sorted, from the oldest or from the newest."""
    pairs = list(pairwise(starts))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def _multiple(step: int, length: int, base: str) -> Calendar:
    count = max(step // length, 1)
    return Calendar.from_alias(f"{count if count > 1 else ''}{base}")


def _period_starts(starts: Sequence[datetime], found: Calendar) -> list[datetime]:
    """Move dates inside a month, quarter or year to its start; leave others."""
    return [found.floor(start) if found.unit == "month" else start for start in starts]


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


def _check_span(last: int, column: Column) -> None:
    if last >= MOST_PERIODS:
        raise DataError(
            f"column {column.name!r} spans {last + 1} periods, from {column.shown(0)} in row "
            f"{column.rows[0]} to {column.shown(-1)} in row {column.rows[-1]}; expected at most "
            f"{MOST_PERIODS}",
            hint="look for a mistaken year",
        )


def _irregular(index: int, column: Column, found: Calendar | None) -> DataError:
    step = "the usual step" if found is None else f"a whole number of steps of {found.alias!r}"
    said = f"does not follow {column.shown(index - 1)} by {step}, as most rows do"
    if index == 0 and found is not None:
        said = f"is no period of {found.alias!r}, the frequency that is expected"
    return DataError(
        f"{column.at(index)}: {column.shown(index)} {said}",
        hint=f"correct it; where a row is an event: --events {quote(column.name)} --period week",
    )
