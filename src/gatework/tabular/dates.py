"""Columns of dates: which form a column uses, and the times that it holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from typing import NoReturn

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import Cell, Column, is_empty
from gatework.tabular.date_forms import (
    AMBIGUOUS,
    DATED_YEARS,
    FORMS,
    ORDERS,
    Alike,
    Reading,
    read_alike,
    read_forms,
)
from gatework.tabular.date_numbers import read_time_numbers
from gatework.tabular.date_words import PLAIN, readings
from gatework.tabular.texts import distinct
from gatework.tabular.zones import CLOCKS, to_local, to_utc, zone_of

EMPTY = "the date is empty"
GIVE_ONE = "write the date, or delete the row"
_EXPECTED = "2005-03-07, 2005-03, 2005Q1, 2005-W10 or 2005"
_COMPACT = (8, 12, 14)  # digits of dates without marks
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u2060\ufeff"
"""What pages and programs put beside a date that is copied."""


@dataclass(frozen=True, eq=False)
class Times:
    """The periods in a column, as the file orders them.

    Attributes:
        column: where they stand.
        starts: by the clocks of ``zone``; numbers where periods are numbered. A date that names a
            longer period is the period's start.
        unit: how exactly they are given: second, day, week, month, quarter or year, or "number".
        notes: sentences on how they were read.
        day_first: how 3/7/2005 was read; None where no date told.
        zone: whose clocks show them; None where it is not known.
        offsets: whether they were written with offsets from UTC; None where no date has a clock.
        utc: the same times in UTC, where the zone is known.

    Shapes:
        starts, utc: (rows,), datetime64[us]; starts of numbers float64
    """

    column: Column
    starts: np.ndarray
    unit: str
    notes: tuple[str, ...] = ()
    day_first: bool | None = None
    zone: str | None = None
    offsets: bool | None = None
    utc: np.ndarray | None = None

    @property
    def line(self) -> np.ndarray:
        """The times in the order in which they passed: in UTC where that is known."""
        return self.starts if self.utc is None else self.utc


Plausible = Callable[[np.ndarray], float]
"""Tells how likely dates are those of a column, from 0 to 1, of several ways to read it."""


def holds_dates(cells: Sequence[Cell]) -> bool:
    """Return whether most of the first cells are dates that nobody takes for plain numbers.

    Example:
        >>> holds_dates(["2005-03", "2005-04"]), holds_dates(["2005", "2006"])
        (True, False)
    """
    if isinstance(cells, np.ndarray) and cells.dtype.kind in "Mf":
        return cells.dtype.kind == "M"
    known = list(islice((cell for cell in cells if not is_empty(cell)), 50))
    texts = [_stripped(str(cell)) for cell in known]
    if not known:
        return False
    numbers = sum(
        bool(_PLAIN_NUMBER.fullmatch(text)) and len(text) not in _COMPACT for text in texts
    )
    dated = [0] + [
        int(np.count_nonzero(~np.isnat(one.starts) & _likely(one, texts)))
        for meaning in readings(texts)
        for one in read_forms(meaning)
    ]
    return numbers == 0 and 2 * max(dated) > len(known)


def read_dates(
    column: Column,
    plausible: Plausible,
    *,
    day_first: bool | None = None,
    zone: str | None = None,
    offsets: bool | None = None,
    groups: np.ndarray | None = None,
) -> Times:
    """Return the dates of a column of text or of dates.

    Where 3/7/2005 can be read in two ways, the data decide: a number above 12 is a day, and of two
    readings only one may be ``plausible``; or else ``day_first`` is known. Times without an offset
    from UTC are those of the clocks in ``zone``, where it is known; times with one are shown in it,
    in UTC where it is not known.

    Args:
        column: the cells.
        plausible: tells which of several readings may be meant.
        day_first: whether the day stands before the month.
        zone: name of a time zone or offset from UTC.
        offsets: whether times must have an offset from UTC, or must have none; None: as they come.
        groups: the series of each row, (rows,): the hour that comes twice does so once in each.

    Raises:
        DataError: a cell is empty or no date, days and months cannot be told apart, some times have
            an offset and others none, or clocks of the zone never showed a time.
    """
    found, which = _readings(column)
    reading, guessed = _choose(column, found, which, plausible, day_first)
    order = ORDERS.get(reading.form)
    notes = guessed + _short_years(reading, column)
    times = Times(column, reading.starts[which], reading.unit, notes, order)
    away = ~np.isnat(reading.offsets)[which]
    _check_offsets(column, away, offsets, zone)
    if away.all():
        return replace(_with_offsets(times, reading.offsets[which], zone), offsets=True)
    if reading.unit == "second":
        times = replace(times, offsets=False)
    return times if zone is None else _by_clocks(times, zone, groups)


def times_of_numbers(column: Column, numbers: np.ndarray, zone: str | None = None) -> Times:
    """Return the times that a column of numbers (rows,) stands for, or the numbers themselves."""
    starts, unit, note = read_time_numbers(numbers, column.name, column.cells)
    times = Times(column, starts, unit, (note,) if note else ())
    if not note.endswith("in UTC"):
        return times
    shown = to_local(starts, zone_of(zone))
    return replace(times, starts=shown, utc=starts, zone=zone or "UTC")


def _readings(column: Column) -> tuple[list[Reading], np.ndarray | slice]:
    """Return what the distinct texts of a column mean as dates, and which of them each row has.

    Plain texts that differ in digits only are read at once, whether or not they are distinct.
    """
    cells = column.cells
    if isinstance(cells, np.ndarray) and cells.dtype.kind == "M" and _in_this_age(column):
        none = np.full(len(cells), "NaT", "timedelta64[us]")
        known = Reading("date", cells.astype("datetime64[us]"), none, np.ones(len(cells), bool))
        return [known], slice(None)
    first = cells[0] if len(cells) else ""
    if isinstance(first, str) and first == first.strip() and PLAIN.issuperset(first):
        whole = Alike.all_of(cells)
        if whole is not None:
            return read_alike([whole], len(cells)), slice(None)
    texts, which = _distinct(column)
    return [one for meaning in readings(texts) for one in read_forms(meaning)], which


def _in_this_age(column: Column) -> bool:
    years = np.asarray(column.cells).astype("datetime64[Y]").astype(np.int64) + 1970
    return bool((years >= DATED_YEARS.start).all() and (years < DATED_YEARS.stop).all())


def _distinct(column: Column) -> tuple[list[str], np.ndarray]:
    """Return the distinct texts of a column, and which of them each row has."""
    known, which = distinct(column.cells)
    plain = set(map(type, known)) == {str}
    texts = list(map(_stripped if plain else _text, known))
    if "" in texts:
        row = int(np.flatnonzero(which == texts.index(""))[0])
        raise DataError(f"{column.at(row)}: {EMPTY}", hint=GIVE_ONE)
    return texts, which


def _text(cell: Cell) -> str:
    if isinstance(cell, np.datetime64):
        return "" if np.isnat(cell) else str(cell)[:26]
    if isinstance(cell, datetime | date):
        return cell.isoformat() if cell.year in DATED_YEARS else str(cell.year)
    return "" if is_empty(cell) else _stripped(str(cell))


def _stripped(text: str) -> str:
    """Return a text without space at its ends, and without marks there that nobody sees."""
    text = text.strip()
    return text if text.isascii() else text.strip(_UNSEEN).strip()


def _choose(
    column: Column,
    found: Sequence[Reading],
    which: np.ndarray | slice,
    plausible: Plausible,
    day_first: bool | None,
) -> tuple[Reading, tuple[str, ...]]:
    """Return the reading that fits the most rows, of several the plausible one, and what to say."""
    if day_first is not None:
        found = [one for one in found if AMBIGUOUS.get(one.form, day_first) == day_first]
    if not found:
        _refuse(column, which, None, day_first)
    sound = [int(np.count_nonzero(~np.isnat(one.starts)[which])) for one in found]
    if not max(sound):
        _refuse(column, which, found[int(np.argmax([one.fits.sum() for one in found]))], day_first)
    best: list[Reading] = []
    for one, count in zip(found, sound, strict=True):
        known = any(np.array_equal(one.starts, other.starts, equal_nan=True) for other in best)
        if count == max(sound) and not known:
            best.append(one)
    if max(sound) < len(column.cells):
        _refuse(column, which, best[0], ORDERS.get(best[0].form, day_first))
    if len(best) == 1:
        return best[0], ()
    one = _likeliest(column, best, which, plausible)
    order = one.form.partition(",")[0]
    said = f"{order}/year" if one.form in AMBIGUOUS else order
    return one, (f"the dates of column {column.name!r} are read as {said}: only so they follow on",)


def _likeliest(
    column: Column, found: list[Reading], which: np.ndarray | slice, plausible: Plausible
) -> Reading:
    shares = [plausible(one.starts[which]) for one in found]
    likely: list[Reading] = []
    for least in (1.0, 0.9):
        likely = [one for one, share in zip(found, shares, strict=True) if share >= least]
        if len(likely) == 1:
            return likely[0]
        if likely:
            break
    names = [one.form.partition(",")[0] for one in likely or found]
    raise DataError(
        f"{column.at(0)}: {column.shown(0)} may be {' or '.join(dict.fromkeys(names))}, "
        "and no other row decides it",
        hint="write the dates as 2005-03-07",
    )


def _refuse(
    column: Column, which: np.ndarray | slice, reading: Reading | None, day_first: bool | None
) -> NoReturn:
    """Refuse the first cell that is no date of the form that most others have."""
    row = 0 if reading is None else int(np.flatnonzero(np.isnat(reading.starts)[which])[0])
    said = f"is not a date, expected one such as {_EXPECTED}"
    hint = f"write it as 2005-03-07, or remove column {column.name!r} to number the rows"
    if reading is not None and reading.fits[which][row]:
        said = f"is not a date{_why(str(column.cells[row]), reading.form)}"
    orders = [AMBIGUOUS.get(one.form) for one in _sound_alone(column.cells[row])]
    if day_first is not None and orders == [not day_first]:
        said = f"is not a date where the {'day' if day_first else 'month'} stands first"
    raise DataError(f"{column.at(row)}: {column.shown(row)} {said}", hint=hint)


def _sound_alone(cell: Cell) -> list[Reading]:
    """Return what a cell that comes alone may mean."""
    found = [one for meaning in readings([_text(cell)]) for one in read_forms(meaning)]
    return [one for one in found if not np.isnat(one.starts).any()]


def _why(text: str, form: str) -> str:
    """Return what is wrong with a date that has the form of one."""
    match = FORMS[form].fullmatch(text.strip())
    parts = {} if match is None else match.groupdict()
    if parts.get("week") and parts.get("year"):
        year = int(parts["year"])
        return f": {year} has {date(year, 12, 28).isocalendar().week} weeks"
    if parts.get("hour") and int(parts["hour"]) > 23:
        return ": a day has 24 hours"
    if parts.get("month") and parts.get("day") and 1 <= int(parts["month"]) <= 12:
        return ": its month is shorter"
    return ""


def _short_years(reading: Reading, column: Column) -> tuple[str, ...]:
    if reading.form == "fiscal year":
        return (f"the fiscal years of column {column.name!r} are called by the first year named",)
    if "?P<yy>" not in FORMS[reading.form].pattern:
        return ()
    years = np.unique(reading.starts.astype("datetime64[Y]")).astype(str)
    span = years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"
    return (f"the years of column {column.name!r}, written in two digits, are read as {span}",)


def _likely(reading: Reading, texts: list[str]) -> np.ndarray:
    """Whether texts are dates, and not numbers of as many digits that are far from this age."""
    if reading.form != "compact date":
        return np.ones(len(texts), bool)
    years = reading.starts.astype("datetime64[Y]").astype(np.int64) + 1970
    return (years >= 1800) & (years < 2200)


def _check_offsets(
    column: Column, there: np.ndarray, wanted: bool | None, zone: str | None
) -> None:
    """Refuse times of which some have an offset from UTC and others, or the times before, none."""
    other = f"row {column.rows[0]}"
    if wanted is not None and there[0] != wanted:
        odd, other = 0, f"the times before, {f'in {zone}' if zone else 'without a zone'},"
    elif (there == there[0]).all():
        return
    else:
        odd = int(np.flatnonzero(there != there[0])[0])
    raise DataError(
        f"{column.at(odd)}: {column.shown(odd)} and {other} must both have a time zone, or neither",
        hint="write all times in one time zone",
    )


def _with_offsets(times: Times, offsets: np.ndarray, zone: str | None) -> Times:
    """Return times with offsets from UTC in one zone: the one given, or UTC.

    Raises:
        DataError: the offsets are the ends of spans.
    """
    column = times.column
    if _are_spans(times.starts, offsets):
        raise DataError(
            f"{column.at(0)}: {column.shown(0)} is a span of time, whose end would be read as a "
            "zone",
            hint="keep the beginning of each span, or the end",
        )
    utc = times.starts - offsets
    if zone is not None:
        return replace(times, starts=to_local(utc, zone_of(zone)), utc=utc, zone=zone)
    several = len(np.unique(offsets)) > 1
    midnights = (times.starts == times.starts.astype("datetime64[D]")).all() and len(utc) > 1
    if midnights and offsets.any():
        note = f"the times of column {column.name!r} are local midnights, and read as their dates"
        return replace(times, unit="day", notes=(*times.notes, note))
    has = "several time zones" if several else "a time zone"
    note = f"the times of column {column.name!r} have {has} and are shown in UTC; "
    notes = (note + "--timezone Europe/Berlin, say, shows those of a place",)
    unit = "second" if (utc != utc.astype("datetime64[D]")).any() else times.unit
    notes = times.notes + (notes if offsets.any() else ())
    return replace(times, starts=utc, utc=utc, zone="UTC", unit=unit, notes=notes)


def _are_spans(starts: np.ndarray, offsets: np.ndarray) -> bool:
    """Return whether what looks like zones are the ends of spans, as in 01:00-02:00, 02:00-03:00.

    The offset from UTC then changes with the clock, so that all spans take the same time.
    """
    ends = -offsets - (starts - starts.astype("datetime64[D]"))
    lengths = np.unique(ends % np.timedelta64(24, "h"))
    return len(np.unique(offsets)) > 2 and len(lengths) == 1 and lengths[0] > np.timedelta64(0)


def _by_clocks(times: Times, zone: str, groups: np.ndarray | None) -> Times:
    """Return times without offsets as the clocks of a zone showed them.

    Meters that name an hour by its end are found by the hour that they repeat.
    """
    where, column = zone_of(zone), times.column
    back = np.timedelta64(0, "us")
    utc, twice, never = to_utc(times.starts, where, groups)
    if _repeats(times.starts[~twice], groups if groups is None else groups[~twice]) or never.any():
        hour = np.timedelta64(1, "h")
        ended = to_utc(times.starts - hour, where, groups)
        if not ended[2].any() and not _repeats(ended[0], groups):
            (utc, _, never), back = ended, hour
    if never.any():
        row = int(np.flatnonzero(never)[0])
        raise DataError(
            f"{column.at(row)}: {column.shown(row)} is a time that the clocks of {zone} left out, "
            "for summer time began",
            hint="correct it, or name the zone of the clock: --timezone "
            + ("UTC" if zone != "UTC" else CLOCKS[0]),
        )
    notes = times.notes
    if back:
        notes += (f"the times of column {column.name!r} are taken for the ends of hours",)
        utc = utc + back
    return replace(times, utc=utc, zone=zone, notes=notes)


def _repeats(times: np.ndarray, groups: np.ndarray | None) -> bool:
    if groups is None:
        return len(np.unique(times)) < len(times)
    return max(Counter(zip(groups.tolist(), times.tolist(), strict=True)).values(), default=0) > 1
