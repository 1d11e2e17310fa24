"""Columns of dates: the forms in which people write them, and which form a column uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from itertools import islice
from typing import Any

from gatework.errors import DataError
from gatework.tabular.column import Cell, Column, is_empty
from gatework.tabular.zones import zone_of

# fmt: off
TIME_NAMES = frozenset({
    "date", "datetime", "time", "timestamp", "period",
    "hour", "day", "week", "month", "quarter", "year",
    "datum", "zeit", "monat", "jahr", "fecha", "año", "année", "日期", "时间", "年份",
})
# fmt: on
"""Names of columns that are taken for dates even where their cells are plain numbers."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d+))?)?"
    r"\s*(?P<half>[AaPp][Mm])?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_NAME = r"(?P<name>[A-Za-z]{3})[a-z]*\.?"
_FIRST, _SECOND = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})"
_FORMS = {
    "date": r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})" + _CLOCK,
    "compact date": r"(?P<year>(?:18|19|20|21)\d{2})(?P<month>\d{2})(?P<day>\d{2})",
    "month": r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
    "month before year": r"(?P<month>\d{1,2})/(?P<year>\d{4})",
    "quarter": r"(?P<year>\d{4})[- ]?[Qq](?P<quarter>[1-4])",
    "quarter before year": r"[Qq](?P<quarter>[1-4])[-/ ]?(?P<year>\d{4})",
    "week": r"(?P<year>\d{4})-?W(?P<week>\d{2})",
    "day first": rf"{_FIRST}\.{_SECOND}\.(?P<year>\d{{4}})" + _CLOCK,
    "day/month": rf"{_FIRST}([/-]){_SECOND}\2(?P<year>\d{{4}})" + _CLOCK,
    "month/day": rf"{_SECOND}([/-]){_FIRST}\2(?P<year>\d{{4}})" + _CLOCK,
    "named month": rf"{_NAME}[- ](?P<year>\d{{4}})",
    "named month after year": rf"(?P<year>\d{{4}})[- ]{_NAME}",
    "day and named month": rf"(?P<day>\d{{1,2}})[- ]{_NAME}[- ](?P<year>\d{{4}})" + _CLOCK,
    "named month and day": rf"{_NAME} (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})" + _CLOCK,
}
_PATTERNS = {name: re.compile(pattern, re.ASCII) for name, pattern in _FORMS.items()}
_AMBIGUOUS = ("day/month", "month/day")
_YEARS = range(1500, 2201)  # whole numbers outside it are no years
_DATED_YEARS = range(100, 3000)  # a date outside it is a slip, or a mark for "never"
EMPTY = "the date is empty"
GIVE_ONE = "write the date, or delete the row"
_EXPECTED = "2005-03-07, 2005-03, 2005Q1, 2005-W10 or 2005"


@dataclass(frozen=True)
class Times:
    """The periods in a column, as the file orders them; ``unit`` is how exactly they are given.

    ``unit`` is second, day, week, month, quarter or year, and "number" where periods are numbered.
    A date that names a longer period is the period's start. ``day_first`` says how 3/7/2005 was
    read, ``zone`` in which offset from UTC times are given; both are None where no date told.
    """

    column: Column
    starts: tuple[Any, ...]
    unit: str
    notes: tuple[str, ...] = ()
    day_first: bool | None = None
    zone: str | None = None

    def take(self, places: Sequence[int]) -> Times:
        """Return some of them, in this order."""
        starts = tuple(self.starts[place] for place in places)
        return replace(self, column=self.column.take(places), starts=starts)


def holds_dates(cells: Sequence[Cell]) -> bool:
    """Return whether most of the first cells are dates that nobody takes for plain numbers.

    Example:
        >>> holds_dates(["2005-03", "2005-04"]), holds_dates(["2005", "2006"])
        (True, False)
    """
    known = Counter(islice((str(cell) for cell in cells if not is_empty(cell)), 50))
    return bool(known) and 2 * max(_matches(known, form) for form in _PATTERNS) > known.total()


def read_dates(
    column: Column,
    plausible: Callable[[tuple[datetime, ...]], bool],
    *,
    day_first: bool | None = None,
    zone: str | None = None,
) -> Times:
    """Return the dates of a column of text or of dates.

    Where 3/7/2005 can be read in two ways, the data decide: a number above 12 is a day, and of two
    readings only one may be ``plausible``; or else ``day_first`` is known. Times are converted to
    ``zone``, an offset from UTC, where it is.

    Raises:
        DataError: a cell is empty or no date, or days and months cannot be told apart.
    """
    for index, cell in enumerate(column.cells):
        if is_empty(cell):
            raise DataError(f"{column.at(index)}: {EMPTY}", hint=GIVE_ONE)
    texts = Counter(map(str, column.cells))
    matches = {form: _matches(texts, form) for form in _PATTERNS}
    form = max(matches, key=matches.__getitem__)
    if form not in _AMBIGUOUS:
        return _read_as(form, column, zone)
    counts = [matches[form] for form in _AMBIGUOUS]
    if day_first is None and counts[0] != counts[1]:
        day_first = counts[0] > counts[1]
    if day_first is None:
        return _read_ambiguous(column, plausible, zone)
    return replace(_read_as(_AMBIGUOUS[not day_first], column, zone), day_first=day_first)


def read_years(column: Column, cells: Sequence[float]) -> Times:
    """Return years, or months written as decimal years (2005.25 is April), else plain numbers.

    Example:
        >>> time = Column("time", [], [])
        >>> read_years(time, [2005.0, 2005.0833]).unit, read_years(time, [1.0, 2.0]).unit
        ('month', 'number')
    """
    if not all(_YEARS.start <= cell < _YEARS.stop for cell in cells):
        return Times(column, tuple(cells), "number")
    if all(cell == int(cell) for cell in cells):
        return Times(column, tuple(datetime(int(cell), 1, 1) for cell in cells), "year")
    months = [round(cell * 12) for cell in cells]
    if any(abs(cell * 12 - month) > 0.1 for cell, month in zip(cells, months, strict=True)):
        return Times(column, tuple(cells), "number")
    starts = tuple(datetime(month // 12, month % 12 + 1, 1) for month in months)
    note = f"the decimal years of column {column.name!r} are read as months"
    return Times(column, starts, "month", (note,))


def _read_ambiguous(
    column: Column, plausible: Callable[[tuple[datetime, ...]], bool], zone: str | None
) -> Times:
    readings = [_read_as(form, column, zone) for form in _AMBIGUOUS]
    if readings[0].starts == readings[1].starts:
        return readings[0]
    likely = [reading for reading in readings if plausible(reading.starts)]
    if len(likely) != 1:
        raise DataError(
            f"{column.at(0)}: {column.shown(0)} may be day/month or month/day, "
            "and no other row decides it",
            hint="write the dates as 2005-03-07",
        )
    form = _AMBIGUOUS[readings.index(likely[0])]
    note = f"the dates of column {column.name!r} are read as {form}/year: only so they follow on"
    return replace(likely[0], notes=(*likely[0].notes, note), day_first=form == "day/month")


def _read_as(form: str, column: Column, zone: str | None) -> Times:
    starts: list[datetime] = []
    known: dict[str, datetime | None] = {}  # of a panel, most periods are repeated
    for index, cell in enumerate(column.cells):
        if isinstance(cell, str) and cell not in known:
            known[cell] = _start(cell, form)
        when = known[cell] if isinstance(cell, str) else _start(cell, form)
        if when is None:
            raise DataError(
                f"{column.at(index)}: {column.shown(index)} is not a date, "
                f"expected one such as {_EXPECTED}",
                hint=f"write it as 2005-03-07, or remove column {column.name!r} to number the rows",
            )
        starts.append(when)
    starts, zone, notes = _in_one_zone(starts, column, zone)
    local = tuple(when.replace(tzinfo=None) for when in starts) if zone else tuple(starts)
    return Times(column, local, _unit(form, set(local)), notes, zone=zone)


def _in_one_zone(
    times: list[datetime], column: Column, zone: str | None
) -> tuple[list[datetime], str | None, tuple[str, ...]]:
    """Return times in the zone given, else in their own or, of several, in UTC; which; a note."""
    if {when.tzinfo for when in times} == {None} and zone is None:
        return times, None, ()
    offsets = {when.utcoffset() for when in times}
    if None in offsets:
        odd = next((i for i, t in enumerate(times) if bool(t.tzinfo) != bool(times[0].tzinfo)), 0)
        other = f"row {column.rows[0]}" if odd else f"the times before, in {zone},"
        raise DataError(
            f"{column.at(odd)}: {column.shown(odd)} and {other} "
            "must both have a time zone, or neither",
            hint="write all times in one time zone",
        )
    own = times[0].utcoffset() if len(offsets) == 1 and zone is None else None
    target = zone_of(zone) if own is None else timezone(own)
    notes: tuple[str, ...] = ()
    if offsets - {target.utcoffset(None)}:
        has = "several time zones" if len(offsets) > 1 else "another time zone"
        notes = (f"the times of column {column.name!r} have {has} and are shown in {target}",)
    name = str(target).removeprefix("UTC") or "+00:00"
    return [when.astimezone(target) for when in times], name, notes


def _unit(form: str, starts: Collection[datetime]) -> str:
    pattern = _FORMS[form]
    if any(when != when.replace(hour=0, minute=0, second=0, microsecond=0) for when in starts):
        return "second"
    for unit in ("day", "week", "quarter"):
        if f"<{unit}>" in pattern:
            return unit
    return "month"


def _matches(cells: Counter[str], form: str) -> int:
    return sum(count for text, count in cells.items() if _start(text, form) is not None)


def _start(cell: Cell, form: str) -> datetime | None:
    """Return the start of the period that the cell names in this form, None if it does not."""
    if isinstance(cell, date):
        if form != "date" or cell.year not in _DATED_YEARS:
            return None
        return cell if isinstance(cell, datetime) else datetime(cell.year, cell.month, cell.day)
    match = _PATTERNS[form].fullmatch(str(cell).strip())
    if match is None:
        return None
    try:
        return _build({key: text for key, text in match.groupdict().items() if text is not None})
    except ValueError:
        return None


def _build(parts: dict[str, str]) -> datetime:
    year = int(parts["year"])
    if year not in _DATED_YEARS:
        raise ValueError
    if "week" in parts:
        return datetime.fromisocalendar(year, int(parts["week"]), 1)
    month = int(parts.get("month", 1))
    if "quarter" in parts:
        month = 3 * int(parts["quarter"]) - 2
    if "name" in parts:
        month = _MONTHS.index(parts["name"].casefold()) + 1
    when = datetime(year, month, int(parts.get("day", 1)))
    if "hour" not in parts:
        return when
    hour = int(parts["hour"])
    if "half" in parts:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + 12 * (parts["half"].casefold() == "pm")
    part = int(parts.get("part", "0")[:6].ljust(6, "0"))
    when = when.replace(
        hour=hour, minute=int(parts["minute"]), second=int(parts.get("second", 0)), microsecond=part
    )
    return when.replace(tzinfo=zone_of(parts["zone"])) if "zone" in parts else when
