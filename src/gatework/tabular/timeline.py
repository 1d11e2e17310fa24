"""From the times of rows to a time line: where each row stands among the periods of its series."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NoReturn

import numpy as np

from gatework.errors import DataError, counted
from gatework.tabular.calendar import DAY, OFF, WEEK, Calendar, iso_weeks
from gatework.tabular.column import naming
from gatework.tabular.dates import Times
from gatework.tabular.irregular import irregular, repeated
from gatework.tabular.parts import different, parts, piecewise
from gatework.tabular.step import find_calendar, of_one_date, once_a_month, steps, usual
from gatework.tabular.style import ReadingStyle

MOST_PERIODS = 1_000_000
"""The most periods that a series may span, or a hundred a row; more is taken for a wrong date."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """Where each row stands among the periods of its series, from the first one to the last.

    Attributes:
        order: the rows by series and time, a range where the table has them so; the next two are
            in this order, too.
        codes: the series of each row.
        positions: the period of each row, counted from the first of its series.
        firsts: when the first period of each series begins, or its number.
        lengths: the periods of each series, gaps included.
        calendar: of the periods; None where they are numbered, ``step`` apart.
        weeks: whether periods are called by their ISO weeks.
        repeats: what becomes of rows that share a period; None where there are none.
        notes: sentences on how the rows were laid out.

    Shapes:
        order, codes, positions: (rows,), whole numbers; firsts, lengths: (series,)
    """

    order: np.ndarray | range
    codes: np.ndarray
    positions: np.ndarray
    firsts: np.ndarray
    lengths: np.ndarray
    calendar: Calendar | None = None
    step: int = 1
    weeks: bool = False
    repeats: str | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of_rows(cls, count: int) -> Timeline:
        """Return the time line of rows without periods, which are numbered from 1."""
        firsts, lengths = np.ones(1, np.int64), np.array([count])
        return cls(range(count), np.zeros(count, np.int8), np.arange(count), firsts, lengths)

    @property
    def frequency(self) -> str | None:
        """The alias of a period's length, None where periods are numbered."""
        return None if self.calendar is None else self.calendar.alias

    @property
    def season(self) -> int:
        """How many periods a season has, 1 for none."""
        return 1 if self.calendar is None else self.calendar.season

    @property
    def labels(self) -> tuple[str, ...]:
        """What the periods of the first series are called."""
        return tuple(self.names(0, np.arange(self.lengths[0])))

    def starts(self, series: int | np.ndarray, periods: np.ndarray) -> np.ndarray:
        """Return when periods begin, of one series or each of its own, or their numbers.

        Shapes:
            series: (n,) where it is not one number; periods, result: (n,)
        """
        if self.calendar is None:
            return self.firsts[series] + self.step * periods
        return self.calendar.shift(self.firsts[series], periods)

    def names(self, series: int | np.ndarray, periods: np.ndarray) -> list[str]:
        """Return what periods (n,) are called, of one series or each of its own (n,)."""
        starts = self.starts(series, periods)
        if self.calendar is None:
            return [str(number) for number in starts.tolist()]
        return iso_weeks(starts) if self.weeks else self.calendar.labels(starts)

    def without_rows(self) -> Timeline:
        """Return the time line without what it knows of rows, which may be many."""
        none = np.zeros(0, np.int64)
        return replace(self, order=range(0), codes=none, positions=none)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return values of the rows, as the table orders them, by series and period; nan in gaps.

        Shapes:
            values: (rows, ...); result: (series, periods, ...), as many as the longest series has
        """
        shape = (len(self.lengths), int(self.lengths.max()), *values.shape[1:])
        spread = np.full(shape, np.nan)
        if self.repeats is None:
            for part in parts(len(self.codes)):
                rows = self.order[part]
                some = values[rows.start : rows.stop] if isinstance(rows, range) else values[rows]
                spread[self.codes[part], self.positions[part]] = some
            return spread
        ordered = values[self.order]
        if self.repeats in ("mean", "sum"):
            known = ~np.isnan(ordered)
            total, count = np.zeros(shape), np.zeros(shape)
            np.add.at(total, (self.codes, self.positions), np.where(known, ordered, 0.0))
            np.add.at(count, (self.codes, self.positions), known)
            share = count if self.repeats == "mean" else 1.0
            return np.divide(total, share, out=spread, where=count > 0)
        again = (np.diff(self.codes) == 0) & (np.diff(self.positions) == 0)
        chosen = np.append(True, ~again) if self.repeats == "first" else np.append(~again, True)
        spread[self.codes[chosen], self.positions[chosen]] = ordered[chosen]
        return spread


def sort_groups(
    times: Times, groups: Mapping[str, Sequence[int]], whose: str, cure: str
) -> dict[str, list[int]]:
    """Return the rows of each group, by index, in the order of their times.

    Raises:
        DataError: a time is repeated; ``whose`` and the group are named, ``cure`` is the hint.
    """
    ordered: dict[str, list[int]] = {}
    for name, rows in groups.items():
        places = np.asarray(rows)
        places = places[np.argsort(times.starts[places], kind="stable")]
        again = np.flatnonzero(times.starts[places[1:]] == times.starts[places[:-1]])
        if again.size:
            with naming(f"{whose} {name!r}: " if whose else ""):
                raise repeated(times, int(places[again[0]]), int(places[again[0] + 1]), cure)
        ordered[name] = places.tolist()
    return ordered


def lay_out(
    times: Times,
    style: ReadingStyle | None = None,
    *,
    codes: np.ndarray | None = None,
    ids: Sequence[str] = (),
    cure: Callable[[], str] | None = None,
) -> Timeline:
    """Sort the rows of each series by time, find the calendar of all, and place each row on it.

    Numbers must be whole, such as 1, 2, 3 or 10, 20, 30. What the ``style`` knows of frequency,
    tolerance and holidays is obeyed.

    Args:
        times: of the rows.
        style: what is known.
        codes: the series of each row, (rows,), as indices of ``ids``; one series where left out.
        ids: names of the series, for messages.
        cure: gives the hint where a period is repeated.

    Raises:
        DataError: the steps between times are irregular, a time is repeated, a number is not
            whole.
    """
    style = style or ReadingStyle()
    codes = np.zeros(len(times.starts), np.int8) if codes is None else codes
    laid = _Laying(times, style, codes, ids, cure)
    return laid.numbers() if times.unit == "number" else laid.dates()


class _Laying:
    """The rows of all series in order, and what is found out about them."""

    def __init__(
        self,
        times: Times,
        style: ReadingStyle,
        codes: np.ndarray,
        ids: Sequence[str],
        cure: Callable[[], str] | None,
    ) -> None:
        self.times, self.style, self.ids, self.cure = times, style, ids, cure
        same, line = codes[1:] == codes[:-1], times.line
        self.sorted = bool(((codes[1:] > codes[:-1]) | same & (line[1:] >= line[:-1])).all())
        self.order = range(len(codes)) if self.sorted else np.lexsort((times.line, codes))
        self.codes = self.ordered(codes)
        self.same = self.codes[1:] == self.codes[:-1]
        begins = np.flatnonzero(np.append(True, ~self.same))
        self.begins, self.lasts = begins, np.append(begins[1:], len(codes)) - 1
        self.notes: tuple[str, ...] = ()
        self.repeats: str | None = None
        if not self.sorted and len(begins) == 1:
            self.notes = (f"the rows are sorted by column {times.column.name!r}, oldest first",)

    def ordered(self, rows: np.ndarray) -> np.ndarray:
        """Return what is known of the rows in the order of the time line."""
        return rows if self.sorted else rows[self.order]

    def numbers(self) -> Timeline:
        values = self.ordered(self.times.starts)
        odd = np.flatnonzero(values != np.floor(values))
        if odd.size:
            column, row = self.times.column, int(self.order[odd[0]])
            raise DataError(
                f"{column.at(row)}: {column.shown(row)} is neither a date nor a whole number",
                hint="write the dates as 2005-03-07, or number the periods 1, 2, 3",
            )
        whole = values.astype(np.int64)
        self._refuse_repeats(whole)
        step = usual(steps(whole, self.same)) or 1

        def place(firsts: np.ndarray, numbers: np.ndarray) -> np.ndarray:
            count, rest = np.divmod(numbers - firsts, step)
            return np.where(rest != 0, OFF, count)

        return self._timeline(self._placed(place, whole), whole, None, step)

    def _placed(
        self, place: Callable[[np.ndarray, np.ndarray], np.ndarray], starts: np.ndarray
    ) -> np.ndarray:
        """Return the periods that a function gives to starts by the first one of their series."""
        firsts = starts[self.begins]
        return piecewise(
            lambda codes, some: place(firsts[codes], some), self.codes_in_order, starts
        )

    def dates(self) -> Timeline:
        line, calendar = self._calendar()
        starts = self.ordered(line)
        self._refuse_repeats(starts)
        if calendar.unit == "month":
            starts = piecewise(calendar.floor, starts)
        if self.style.tolerance is not None:
            starts = self._rounded(starts, calendar)
        if calendar.unit == "business day" and calendar.place:
            calendar = replace(
                calendar, worked=different(different(starts).astype("datetime64[D]"))
            )
        weekly = calendar.unit == "time" and calendar.step % WEEK == 0

        def place(firsts: np.ndarray, starts: np.ndarray) -> np.ndarray:
            count = calendar.between(firsts, starts)
            if weekly:
                days = starts.astype("datetime64[D]")
                count[calendar.floor(starts).astype("datetime64[D]") != days] = OFF
            return count

        positions = self._placed(place, starts)
        if len(self.ids) > 1 and not self.style.frequency and (positions == OFF).any():
            self._refuse_other_steps(starts)
        return self._timeline(positions, starts, calendar)

    @cached_property
    def codes_in_order(self) -> np.ndarray:
        """The series of each row in the order of the time line, counted from 0 as they begin."""
        counted = np.array_equal(self.codes[self.begins], np.arange(len(self.begins)))
        return self.codes if counted else np.cumsum(np.append(False, ~self.same), dtype=np.int32)

    def _calendar(self) -> tuple[np.ndarray, Calendar]:
        """Return the times that the periods are reckoned by, and their calendar."""
        times, place = self.times, ""
        line = times.starts
        found = self._find(line)
        if times.utc is not None and found.unit == "time" and found.step < DAY:
            line, found = times.utc, self._find(times.utc)
            place = "" if times.zone in (None, "UTC") else times.zone
        if found.unit == "business day" and self.style.holidays:
            place = self.style.holidays
        alias = found.alias if "@" in found.alias or not place else f"{found.alias}@{place}"
        return line, Calendar.from_alias(alias)

    def _find(self, line: np.ndarray) -> Calendar:
        if self.style.frequency:
            return Calendar.from_alias(self.style.frequency)
        ordered = self.ordered(line)
        found = find_calendar(ordered, self.times.unit, self.same)
        column = self.times.column
        if found is None:
            found = of_one_date(ordered[0], self.times.unit)
            each = "" if len(self.ids) < 2 else " a series"
            self.notes += (
                f"column {column.name!r} has 1 date{each}: its periods are taken for "
                f"{found.alias}, as --frequency would name them",
            )
        if found.alias == "MS" and self.times.unit == "day" and once_a_month(ordered, self.same):
            self.notes += (f"the dates of column {column.name!r} are one a month: read as months",)
        return found

    def _refuse_other_steps(self, line: np.ndarray) -> None:
        """Refuse series that each have a regular step of their own, but not the same one."""
        known: dict[str, int] = {}
        for begin, last in zip(self.begins, self.lasts, strict=True):
            dates = line[begin : last + 1]
            own = find_calendar(dates, self.times.unit) if len(dates) > 3 else None
            if own is not None:
                floored = own.floor(dates) if own.unit == "month" else dates
                if (own.between(floored[:-1], floored[1:]) == 1).all():
                    known.setdefault(own.alias, int(self.codes[begin]))
            if len(known) > 1:
                (first, one), (second, other) = known.items()
                raise DataError(
                    f"series {self.ids[other]!r} has the frequency {second}, "
                    f"{self.ids[one]!r} has {first}",
                    hint="read series of different frequencies apart",
                )

    def _rounded(self, starts: np.ndarray, calendar: Calendar) -> np.ndarray:
        """Return the nearest periods of times that may miss them by the tolerance."""
        reach = np.timedelta64(round((self.style.tolerance or 0) * 1e6), "us")
        half = np.timedelta64(calendar.step // 2 if calendar.unit == "time" else 0, "us")
        nearest = calendar.floor(starts + half)
        off = np.abs(nearest - starts)
        far = np.flatnonzero(off > reach)
        if far.size:
            column, row = self.times.column, int(self.order[far[0]])
            seconds = off[far[0]] / np.timedelta64(1, "s")
            raise DataError(
                f"{column.at(row)}: {column.shown(row)} is {seconds:g} seconds from the nearest "
                f"period of {calendar.alias!r}",
                hint=f"--tolerance {np.ceil(off.max() / np.timedelta64(1, 's')):g}s",
            )
        moved = int(np.count_nonzero(off))
        if moved:
            self.notes += (
                f"{counted(moved, 'time', be=True)} moved to the nearest period of "
                f"{calendar.alias!r}, by at most {off.max() / np.timedelta64(1, 's'):g} seconds",
            )
        return nearest

    def _refuse_repeats(self, starts: np.ndarray) -> None:
        again = np.flatnonzero(self.same & (starts[1:] == starts[:-1]))
        if again.size and self.style.repeats is None:
            first, second = min(list(self.order[place : place + 2]) for place in again)
            with naming(self._whose(again[0])):
                raise repeated(self.times, first, second, self.cure and self.cure())

    def _timeline(
        self, positions: np.ndarray, starts: np.ndarray, calendar: Calendar | None, step: int = 1
    ) -> Timeline:
        again = np.append(False, self.same & (positions[1:] == positions[:-1]))
        if self.style.repeats is None:
            positions[again] = OFF
        elif count := int(again.sum()):
            self.repeats = self.style.repeats
            rows = "1 row shares" if count == 1 else f"{count} rows share"
            self.notes += (f"{rows} the period of another: their {self.repeats} is taken",)
        off = np.flatnonzero(positions == OFF)
        if off.size:
            self._refuse(int(off[0]), calendar)
        lengths = positions[self.lasts] + 1
        self._check_span(lengths)
        weeks = self.times.unit == "week" and calendar is not None and calendar.step == WEEK
        return Timeline(
            self.order,
            self.codes_in_order,
            positions,
            starts[self.begins],
            lengths,
            calendar,
            step,
            weeks,
            self.repeats,
            self.notes,
        )

    def _refuse(self, place: int, calendar: Calendar | None) -> NoReturn:
        before = int(self.order[place - 1]) if place and self.same[place - 1] else None
        with naming(self._whose(place)):
            raise irregular(self.times, int(self.order[place]), before, calendar)

    def _whose(self, place: int) -> str:
        return f"series {self.ids[self.codes[place]]!r}: " if self.ids else ""

    def _check_span(self, lengths: np.ndarray) -> None:
        counts = self.lasts - self.begins + 1
        long = np.flatnonzero(lengths > np.maximum(MOST_PERIODS, 100 * counts))
        if long.size:
            column, series = self.times.column, long[0]
            first, last = (int(self.order[n[series]]) for n in (self.begins, self.lasts))
            raise DataError(
                f"column {column.name!r} spans {lengths[series]} periods, from "
                f"{column.shown(first)} in row {column.rows[first]} to {column.shown(last)} in row "
                f"{column.rows[last]}; expected at most {MOST_PERIODS}",
                hint="look for a mistaken year",
            )
