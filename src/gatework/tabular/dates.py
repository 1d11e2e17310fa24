"""Columns of dates: the forms in which people write them, and which form a column uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from gatework.errors import DataError
from gatework.tabular.numeric import Cell, shown

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
_EXPECTED = "2005-03-07, 2005-03, 2005Q1, 2005-W10 or 2005"


@dataclass(frozen=True)
class Dates:
    """The dates of a column, as the file orders them; ``unit`` is how exactly they are given.

    ``unit`` is second, day, week, month, quarter or year. A date that names a longer period is the
    period's start.
    """

    starts: tuple[datetime, ...]
    unit: str
    notes: tuple[str, ...] = ()


def holds_dates(cells: Sequence[Cell]) -> bool:
    """Return whether most of the first cells are dates that nobody takes for plain numbers.

    Example:
        >>> holds_dates(["2005-03", "2005-04"]), holds_dates(["2005", "2006"])
        (True, False)
    """
    known = [cell for cell in cells if cell is not None and str(cell).strip()][:50]
    if not known:
        return False
    return 2 * max(_matches(known, form) for form in _PATTERNS) > len(known)


def read_dates(
    cells: Sequence[Cell],
    rows: Sequence[int],
    column: str,
    plausible: Callable[[tuple[datetime, ...]], bool],
) -> Dates:
    """Return the dates of a column of text or of dates.

    Where 3/7/2005 can be read in two ways, the data decide: a number above 12 is a day, and of two
    readings only one may be ``plausible``.

    Raises:
        DataError: a cell is empty or no date, or days and months cannot be told apart.
    """
    for row, cell in zip(rows, cells, strict=True):
        if cell is None or not str(cell).strip():
            raise DataError(
                f"column {column!r}, row {row}: the date is empty",
                hint="write the date, or delete the row",
            )
    forms = sorted(_PATTERNS, key=lambda form: -_matches(cells, form))
    form = forms[0]
    if form in _AMBIGUOUS:
        return _read_ambiguous(cells, rows, column, plausible)
    return _read_as(form, cells, rows, column)


def read_years(cells: Sequence[float], column: str) -> Dates | None:
    """Return years, or months written as decimal years (2005.25 is April), or None if neither.

    Example:
        >>> read_years([2005.0, 2005.0833, 2005.1667], "time").unit
        'month'
        >>> read_years([1.0, 2.0], "time") is None
        True
    """
    if not all(_YEARS.start <= cell < _YEARS.stop for cell in cells):
        return None
    if all(cell == int(cell) for cell in cells):
        return Dates(tuple(datetime(int(cell), 1, 1) for cell in cells), "year")
    months = [round(cell * 12) for cell in cells]
    if any(abs(cell * 12 - month) > 0.1 for cell, month in zip(cells, months, strict=True)):
        return None
    starts = tuple(datetime(month // 12, month % 12 + 1, 1) for month in months)
    return Dates(starts, "month", (f"the decimal years of column {column!r} are read as months",))


def _read_ambiguous(
    cells: Sequence[Cell],
    rows: Sequence[int],
    column: str,
    plausible: Callable[[tuple[datetime, ...]], bool],
) -> Dates:
    counts = [_matches(cells, form) for form in _AMBIGUOUS]
    if counts[0] != counts[1]:
        return _read_as(_AMBIGUOUS[counts[1] > counts[0]], cells, rows, column)
    readings = {form: _read_as(form, cells, rows, column) for form in _AMBIGUOUS}
    if readings["day/month"].starts == readings["month/day"].starts:
        return readings["day/month"]
    likely = [form for form, reading in readings.items() if plausible(reading.starts)]
    if len(likely) != 1:
        raise DataError(
            f"column {column!r}, row {rows[0]}: {shown(cells[0])} may be day/month or month/day, "
            "and no other row decides it",
            hint="write the dates as 2005-03-07",
        )
    reading = readings[likely[0]]
    note = f"the dates of column {column!r} are read as {likely[0]}/year: only so they follow on"
    return Dates(reading.starts, reading.unit, (*reading.notes, note))


def _read_as(form: str, cells: Sequence[Cell], rows: Sequence[int], column: str) -> Dates:
    starts: list[datetime] = []
    for row, cell in zip(rows, cells, strict=True):
        when = _start(cell, form)
        if when is None:
            raise DataError(
                f"column {column!r}, row {row}: {shown(cell)} is not a date, "
                f"expected one such as {_EXPECTED}",
                hint=f"write it as 2005-03-07, or remove column {column!r} to number the rows",
            )
        starts.append(when)
    zones = {when.utcoffset() for when in starts}
    notes: tuple[str, ...] = ()
    if len(zones) > 1:
        if None in zones:
            odd = next(i for i, when in enumerate(starts) if when.tzinfo != starts[0].tzinfo)
            raise DataError(
                f"column {column!r}, row {rows[odd]}: {shown(cells[odd])} and row {rows[0]} "
                "must both have a time zone, or neither",
                hint="write all times in one time zone",
            )
        starts = [when.astimezone(UTC) for when in starts]
        notes = (f"the times of column {column!r} have several time zones and are shown in UTC",)
    local = tuple(when.replace(tzinfo=None) for when in starts)
    return Dates(local, _unit(form, local), notes)


def _unit(form: str, starts: Sequence[datetime]) -> str:
    pattern = _FORMS[form]
    if any(when != when.replace(hour=0, minute=0, second=0, microsecond=0) for when in starts):
        return "second"
    for unit in ("day", "week", "quarter"):
        if f"<{unit}>" in pattern:
            return unit
    return "month"


def _matches(cells: Sequence[Cell], form: str) -> int:
    return sum(_start(cell, form) is not None for cell in cells)


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
    return when.replace(tzinfo=_zone(parts["zone"])) if "zone" in parts else when


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    minutes = 60 * int(text[1:3]) + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
