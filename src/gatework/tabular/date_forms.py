"""The forms in which people write dates, and how a whole column is read in one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gatework.tabular.clock import DAY
from gatework.tabular.parts import parts
from gatework.tabular.texts import aligned

DATED_YEARS = range(100, 3000)
"""A date outside it is a slip, or a mark for "never"."""

_CLOCK = (
    r"(?:(?:[T ,:]\s*|\s*T\s*)(?P<hour>\d{1,2})(?::(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<part>\d+))?)?)"
    r"\s*(?P<half_day>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
    r"(?:\[[A-Za-z_/+-]+\])?)?"
)
_YEAR, _SHORT = r"(?P<year>\d{4})", r"(?P<yy>\d{2})"
_DAY, _MONTH, _NAME = r"(?P<day>\d{1,2})", r"(?P<month>\d{1,2})", r"\{(?P<name>\d{2})\}"
_FORMS = {
    "date": rf"{_YEAR}(?:[-/]|\.[ ]?){_MONTH}(?:[-/]|\.[ ]?){_DAY}\.?{_CLOCK}",
    "compact date": rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})"
    r"(?:[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?",
    "month": rf"{_YEAR}[-/]{_MONTH}",
    "month before year": rf"{_MONTH}[-/.]{_YEAR}",
    "month with letter": rf"{_YEAR}[-/ ]?M(?P<month>\d{{1,2}})",
    "quarter": rf"{_YEAR}[-/ .]*[QqTt][ ]?(?P<quarter>\d)",
    "quarter before year": rf"(?:[QqTt][ ]?(?P<quarter>\d)|(?P<quarter_2>\d)\.?[ ]?[QqTt])"
    rf"[-/ .']*{_YEAR}",
    "quarter and year": rf"(?:[Qq](?P<quarter>\d)|(?P<quarter_2>\d)[Qq])[-/ ']?{_SHORT}",
    "half": rf"{_YEAR}[-/ .]*[HhSs][ ]?(?P<half>\d)",
    "half before year": rf"(?:[HhSs][ ]?(?P<half>\d)|(?P<half_2>\d)\.?[ ]?[HhSs])[-/ .]*{_YEAR}",
    "week": rf"{_YEAR}[-/ ]*(?:W|KW|w)[ ]?(?P<week>\d{{1,2}})(?:-(?P<weekday>\d))?",
    "week before year": rf"(?:W|KW|w)[ ]?(?P<week>\d{{1,2}})[-/ .]*{_YEAR}",
    "day first": rf"{_DAY}\.[ ]?{_MONTH}\.[ ]?{_YEAR}{_CLOCK}",
    "day first, short year": rf"{_DAY}\.{_MONTH}\.{_SHORT}{_CLOCK}",
    "day/month": rf"{_DAY}([/-]){_MONTH}\2{_YEAR}{_CLOCK}",
    "month/day": rf"{_MONTH}([/-]){_DAY}\2{_YEAR}{_CLOCK}",
    "day/month, short year": rf"{_DAY}([/-]){_MONTH}\2{_SHORT}{_CLOCK}",
    "month/day, short year": rf"{_MONTH}([/-]){_DAY}\2{_SHORT}{_CLOCK}",
    "short year first": rf"{_SHORT}([/-]){_MONTH}\2{_DAY}{_CLOCK}",
    "named month": rf"{_NAME}[-/ ,.]*{_YEAR}",
    "named month after year": rf"{_YEAR}[-/ ,.]*{_NAME}",
    "named month and short year": rf"{_NAME}[-/ ']+{_SHORT}",
    "short year and named month": rf"{_SHORT}[-/]{_NAME}",
    "day and named month": rf"{_DAY}\.?[-/ ]*{_NAME}[-/ ,.]*{_YEAR}{_CLOCK}",
    "day and named month, short year": rf"{_DAY}[-/ ]{_NAME}[-/ ]{_SHORT}{_CLOCK}",
    "named month and day": rf"{_NAME} {_DAY},? {_YEAR}{_CLOCK}",
    "year after the clock": rf"{_NAME} {_DAY} (?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})"
    rf":(?P<second>\d{{2}}) {_YEAR}",
    "fiscal year": rf"(?:FY[ ]?(?:{_YEAR}|{_SHORT})"
    r"|(?P<from>\d{4})[-/](?:\d{2})?(?P<until>\d{2}))",
}
FORMS = {name: re.compile(pattern, re.ASCII) for name, pattern in _FORMS.items()}
AMBIGUOUS = {
    "day/month": True,
    "month/day": False,
    "day/month, short year": True,
    "month/day, short year": False,
}
"""Forms that differ in the order of day and month; whether the day comes first."""
ORDERS = AMBIGUOUS | {"day first": True, "day first, short year": True}
"""Forms from which the order of day and month is known, for others to be read in."""

_SURE = 28  # the day that every month has
_LONG = 10  # digits of a number that may need 64 bits
_DIGITS = "0123456789"
_TEMPLATE = str.maketrans("123456789", "000000000")
_UNITS = ("day", "week", "quarter")


@dataclass(frozen=True, eq=False)
class Reading:
    """Texts as dates of one form.

    Attributes:
        starts: what the texts say, NaT where they are none of the form.
        offsets: from UTC, NaT where none is written.
        fits: whether the texts have the form; those that do may still name no day of a calendar.

    Shapes:
        starts: (n,), datetime64[us]; offsets: (n,), timedelta64[us]; fits: (n,), bool
    """

    form: str
    starts: np.ndarray
    offsets: np.ndarray
    fits: np.ndarray

    @cached_property
    def unit(self) -> str:
        """How exactly dates are given: second, day, week, month, quarter or year."""
        for part in parts(len(self.starts)):
            some = self.starts[part]
            if (some.astype(np.int64) % DAY)[~np.isnat(some)].any():
                return "second"
        if self.form == "fiscal year":
            return "year"
        pattern = _FORMS[self.form]
        return next((unit for unit in _UNITS if f"<{unit}>" in pattern), "month")


def read_forms(texts: Sequence[str]) -> list[Reading]:
    """Return texts as dates of every form that one of them has.

    Texts that differ in digits only are read together.
    """
    whole = Alike.all_of(texts)
    return read_alike([whole] if whole else Alike.several(texts), len(texts))


def read_alike(groups: Sequence[Alike], count: int) -> list[Reading]:
    """Return so many texts, in groups, as dates of every form that one of them has."""
    return [one for form in FORMS if (one := _read_form(form, count, groups))]


@dataclass(frozen=True)
class Alike:
    """Texts that differ in digits only: one of them, the places of all, and their characters.

    Shapes:
        digits: (length, n), whole numbers: digits as their values
    """

    sample: str
    places: np.ndarray | slice
    digits: np.ndarray

    @classmethod
    def all_of(cls, texts: Sequence[str]) -> Alike | None:
        """Return the group of all texts; None where they are of several, or not ASCII."""
        signs = aligned(texts)
        if signs is None:
            return None
        sample, digits = texts[0], signs - np.uint8(ord("0"))
        for sign, column in zip(sample, digits, strict=True):
            same = column < 10 if sign in _DIGITS else column == column[0]
            if not same.all():
                return None
        return cls(sample, slice(0, len(texts)), digits)

    @classmethod
    def several(cls, texts: Sequence[str]) -> list[Alike]:
        """Return the groups of texts, each of those with the same signs between digits."""
        templates = "\n".join(texts).translate(_TEMPLATE).split("\n")
        places: dict[str, list[int]] = {}
        for place, template in enumerate(templates):
            places.setdefault(template, []).append(place)
        groups = []
        for found in places.values():
            some = [texts[place] for place in found]
            codes = np.array(some, dtype=np.str_).view(np.uint32).reshape(len(some), -1)
            groups.append(cls(some[0], np.array(found), codes.T.astype(np.int64) - ord("0")))
        return groups


def _read_form(form: str, count: int, groups: Sequence[Alike]) -> Reading | None:
    matches = [FORMS[form].fullmatch(group.sample) for group in groups]
    if not any(matches):
        return None
    starts = np.full(count, "NaT", "datetime64[us]")
    offsets = np.full(count, "NaT", "timedelta64[us]")
    fits = np.zeros(count, bool)
    for group, match in zip(groups, matches, strict=True):
        if match is None:
            continue
        fits[group.places] = True
        for part in parts(group.digits.shape[1]):
            some, at = _Parts(match, group.digits[:, part]), part
            if not isinstance(group.places, slice):
                at = group.places[part]
            starts[at], offsets[at] = some.start(), some.offset()
    return Reading(form, starts, offsets, fits)


class _Parts:
    """The numbers in texts of one template, (n,) each; ``digits`` are those of a group."""

    def __init__(self, match: re.Match[str], digits: np.ndarray) -> None:
        self._match, self._digits, self._count = match, digits, digits.shape[1]
        self._names = {name for name, text in match.groupdict().items() if text is not None}

    def number(self, name: str, default: int = 0) -> np.ndarray:
        if name not in self._names:
            return np.full(self._count, default, np.int64)
        begin, end = self._match.span(name)
        kind = np.int32 if end - begin < _LONG else np.int64
        value = self._digits[begin].astype(kind)
        for column in self._digits[begin + 1 : end]:
            value *= 10
            value += column.astype(kind, copy=False)
        return value

    def start(self) -> np.ndarray:
        year, sound = self._year()
        month = self.number("month", 1)
        for name, length in (("quarter", 3), ("half", 6)):
            for key in (name, f"{name}_2"):
                if key in self._names:
                    part = self.number(key)
                    sound &= (part >= 1) & (part <= 12 // length)
                    month = length * part - length + 1
        if "name" in self._names:
            month = self.number("name")
        day = self.number("day", 1)
        sound &= (month >= 1) & (month <= 12) & (day >= 1)
        months = (year - 1970) * 12 + np.clip(month, 1, 12) - 1
        days = _first_days(months) + (day - 1)
        late = np.flatnonzero(day > _SURE)
        sound[late] &= days[late].astype("datetime64[M]").astype(np.int64) == months[late]
        if "week" in self._names:
            weekday = self.number("weekday", 1)
            days, exists = _week(year, self.number("week"), weekday)
            sound &= exists & (weekday >= 1) & (weekday <= 7)
        clock, possible = self._clock()
        starts = days.astype("datetime64[us]") + clock
        starts[~(sound & possible)] = np.datetime64("NaT", "us")
        return starts

    def _year(self) -> tuple[np.ndarray, np.ndarray]:
        if "from" in self._names:
            year = self.number("from")
            return year, (year + 1) % 100 == self.number("until")
        if "yy" in self._names:
            short = self.number("yy")
            return short + np.where(short < 69, 2000, 1900), np.ones(len(short), bool)
        year = self.number("year")
        return year, (year >= DATED_YEARS.start) & (year < DATED_YEARS.stop)

    def _clock(self) -> tuple[np.ndarray, np.ndarray]:
        hour, minute, second = (self.number(name) for name in ("hour", "minute", "second"))
        sound = (minute < 60) & (second < 60)
        if "half_day" in self._names:
            sound &= (hour >= 1) & (hour <= 12)
            hour = hour % 12 + 12 * (self._match["half_day"][0] in "pP")
        sound &= (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0))
        fraction = np.zeros(len(hour), np.int64)
        if "part" in self._names:
            begin, end = self._match.span("part")
            for power, column in enumerate(self._digits[begin : min(end, begin + 6)]):
                fraction += column * np.int64(10 ** (5 - power))
        micros = ((hour * 60 + minute) * 60 + second).astype(np.int64) * 1_000_000 + fraction
        return micros.astype("timedelta64[us]"), sound

    def offset(self) -> np.ndarray:
        if "zone" not in self._names:
            return np.full(self._count, "NaT", "timedelta64[us]")
        begin, _ = self._match.span("zone")
        text = self._match["zone"]
        if text in ("Z", "UTC", "GMT"):
            return np.zeros(self._count, "timedelta64[us]")
        columns = [begin + place for place, sign in enumerate(text) if sign.isdigit()]
        digits = self._digits[columns].astype(np.int64)
        minutes = digits[0] * 600 + digits[1] * 60
        if len(columns) == 4:
            minutes = minutes + digits[2] * 10 + digits[3]
        return (
            (minutes * (-1 if text[0] == "-" else 1))
            .astype("timedelta64[m]")
            .astype("timedelta64[us]")
        )


def _first_days(months: np.ndarray) -> np.ndarray:
    """Return the first days of months, counted from 1970; each different one is looked up once."""
    first = months.min(initial=0)
    known = np.arange(first, months.max(initial=0) + 1).astype("datetime64[M]")
    return known.astype("datetime64[D]")[months - first]


def _week(year: np.ndarray, week: np.ndarray, weekday: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the days of ISO weeks, and which of the weeks there are."""
    three = np.timedelta64(3, "D")  # 4 January is always in week 1
    fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + three
    monday = fourth - (fourth.astype(np.int64) + 3) % 7
    days = monday + 7 * (week - 1)
    thursday = (days + three).astype("datetime64[Y]").astype(np.int64) + 1970
    return days + (weekday - 1), (thursday == year) & (week >= 1)
