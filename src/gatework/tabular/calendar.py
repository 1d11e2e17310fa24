"""Calendars: which period follows which, and what each is called.

A calendar is a step of so many microseconds, business days or months. It numbers periods, so that a
gap is a jump in the numbers, and it writes their labels: ``2005-03``, ``2005Q1``, ``2005-03-07``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from gatework.errors import OptionError
from gatework.tabular.clock import clock_texts
from gatework.tabular.holidays import holidays_until
from gatework.tabular.zones import to_local, zone_of

SECOND = 1_000_000
MINUTE, HOUR, DAY, WEEK = 60 * SECOND, 3600 * SECOND, 86400 * SECOND, 7 * 86400 * SECOND
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_LENGTHS = {"us": 1, "ms": 1000, "s": SECOND, "min": MINUTE, "h": HOUR, "D": DAY}
_CLOCKS: tuple[tuple[Literal["m", "s", "ms"], int], ...] = (
    ("m", MINUTE),
    ("s", SECOND),
    ("ms", 1000),
)
_MONTHS = {"MS": 1, "BME": 1, "QS": 3, "YS": 12}
_ALIAS = re.compile(
    rf"(\d*)({'|'.join(_LENGTHS)}|B|{'|'.join(_MONTHS)}|W-(?:{'|'.join(WEEKDAYS)}))"
)
_ISO_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")


@dataclass(frozen=True)
class Calendar:
    """Periods of one length: ``step`` times a microsecond, a business day or a month.

    ``alias`` is the name that pandas gives the frequency. Quarters begin in January, April, July
    and October; three months that begin elsewhere are ``3MS``. ``BME`` is the last business day of
    each month. After an @ stands where the calendar holds: ``h@Europe/Berlin`` are hours by the
    clocks of Berlin, whose times are reckoned in UTC here, and ``B@US`` are business days without
    the holidays of that country.

    Example:
        >>> monthly = Calendar.from_alias("MS")
        >>> monthly.season, labels_from("2005-11", "MS", [2])
        (12, ['2006-01'])
    """

    alias: str
    unit: Literal["time", "business day", "month"]
    step: int
    place: str | None = None
    worked: np.ndarray | None = field(default=None, compare=False, repr=False)
    """Days, (n,), that are business days although they are holidays."""

    @classmethod
    def from_alias(cls, alias: str) -> Calendar:
        """Return the calendar of a pandas alias such as ``h``, ``D``, ``W-MON``, ``MS``, ``QS``.

        Raises:
            OptionError: no calendar has this alias, or there is no such zone or country.
        """
        name, _, place = alias.partition("@") if isinstance(alias, str) else ("", "", "")
        match = _ALIAS.fullmatch(name)
        if match is None or match[1].startswith("0") or (match[2] == "BME" and match[1]):
            raise OptionError(
                f"frequency must be an alias such as 'D' or 'W-MON', got {alias!r}",
                hint="frequency='MS' for months; ms, s, min, h, D, B, W-MON, MS, BME, QS, YS",
            )
        count, base = int(match[1] or 1), match[2]
        if base in _MONTHS:
            return cls(alias, "month", count * _MONTHS[base])
        if base == "B":
            return cls(alias, "business day", count, place or None)
        if place:
            zone_of(place)
        return cls(alias, "time", count * _LENGTHS.get(base, WEEK), place or None)

    @property
    def season(self) -> int:
        """How many periods pass before the pattern of the day, week or year repeats; 1: none."""
        if self.unit == "business day":
            return 5 if self.step == 1 else 1
        whole = 12 if self.unit == "month" else 52 * WEEK if self.step % WEEK == 0 else DAY
        if self.unit == "time" and self.step == DAY:
            return 7
        return 1 if whole % self.step or self.step < SECOND <= whole else whole // self.step

    def shift(self, start: np.ndarray | datetime, periods: np.ndarray | int) -> np.ndarray:
        """Return the starts of the periods that lie so many after the ones that begin at ``start``.

        Shapes:
            start, periods, result: broadcast together; starts are datetime64[us]
        """
        start = np.asarray(start, "datetime64[us]")
        if self.unit == "time":
            return start + np.asarray(periods) * np.timedelta64(self.step, "us")
        if self.unit == "month":
            months = start.astype("datetime64[M]") + np.asarray(periods) * self.step
            if self.alias == "BME":
                return last_business_days(months).astype("datetime64[us]")
            return months.astype("datetime64[us]") + (start - start.astype("datetime64[D]"))
        days = start.astype("datetime64[D]")
        ahead = np.asarray(periods) * self.step
        shifted = np.busday_offset(
            days, ahead, roll="preceding", holidays=self._days_off(days, ahead)
        )
        return shifted.astype("datetime64[us]") + (start - days)

    def floor(self, times: np.ndarray | datetime) -> np.ndarray:
        """Return when the periods of ``times`` begin, where periods are counted from the first one.

        That is the first of the day, month or year, and the weekday of the alias.
        """
        times = np.asarray(times, "datetime64[us]")
        days = times.astype("datetime64[D]")
        if self.unit == "month":
            months = times.astype("datetime64[M]")
            if self.alias == "BME":
                return self.shift(times, 0)
            first = {"Q": 3, "Y": 12}.get(self.alias[-2], 1)
            months = months - months.astype(np.int64) % first
            return months.astype("datetime64[us]")
        if self.unit == "time" and self.step < DAY:
            return times - (times - days) % np.timedelta64(self.step, "us")
        if self.unit == "time" and self.step % WEEK == 0:
            weekday = (days.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
            days = days - (weekday - WEEKDAYS.index(self.alias.partition("@")[0][-3:])) % 7
        return days.astype("datetime64[us]")

    def between(self, first: np.ndarray | datetime, times: np.ndarray | datetime) -> np.ndarray:
        """Return how many periods after ``first`` the times are; OFF where they are on none.

        Shapes:
            first, times, result: broadcast together; result is int64
        """
        first, times = np.asarray(first, "datetime64[us]"), np.asarray(times, "datetime64[us]")
        if self.unit == "time":
            passed = np.asarray(times - first).astype(np.int64)
            off = passed % self.step != 0
            count = np.asarray(passed // self.step)
            count[off] = OFF  # in place, for there may be many
            return count
        if self.unit == "month":
            months = times.astype("datetime64[M]") - first.astype("datetime64[M]")
            count, odd = np.divmod(months.astype(np.int64), self.step)
            return np.where(odd != 0, OFF, count)
        begin, days = first.astype("datetime64[D]"), times.astype("datetime64[D]")
        off_days = self._days_off(np.append(begin, days), 0)
        count, odd = np.divmod(np.busday_count(begin, days, holidays=off_days), self.step)
        off = (odd != 0) | (times - days != first - begin)
        return np.where(off | ~np.is_busday(days, holidays=off_days), OFF, count)

    def labels(self, starts: np.ndarray) -> list[str]:
        """Return what the periods that begin at ``starts`` (n,) are called."""
        if self.unit == "time" and self.place and self.step < DAY:
            zone = zone_of(self.place)
            shown = to_local(starts, zone)
            return [
                text + _offset(offset)
                for text, offset in zip(self._clock(shown), shown - starts, strict=True)
            ]
        name = self.alias.partition("@")[0]
        if name.endswith("YS"):
            return np.datetime_as_string(starts, "Y").tolist()
        if name == "QS":
            months = starts.astype("datetime64[M]").astype(np.int64)
            return [f"{1970 + m // 12:04d}Q{m % 12 // 3 + 1}" for m in months.tolist()]
        if self.unit == "month" and name != "BME":
            return np.datetime_as_string(starts, "M").tolist()
        days = starts.astype("datetime64[D]")
        whole = self.unit == "business day" or (self.unit == "time" and self.step % DAY == 0)
        if self.unit == "month" or (whole and (starts == days).all()):
            return np.datetime_as_string(days, "D").tolist()
        return self._clock(starts)

    def label(self, start: np.ndarray | datetime) -> str:
        """Return what the period that begins at ``start`` is called."""
        return self.labels(np.asarray(start, "datetime64[us]").reshape(1))[0]

    def _clock(self, starts: np.ndarray) -> list[str]:
        """Return the times, as finely as the step, and the time at which it begins, ask for."""
        unit: Literal["m", "s", "ms", "us"] = "us"
        passed = starts.astype("datetime64[us]").astype(np.int64)
        step = self.step if self.unit == "time" else DAY
        for one, length in _CLOCKS:
            if step % length == 0 and not (passed % length).any():
                unit = one
                break
        return clock_texts(starts, unit)

    def _days_off(self, days: np.ndarray, ahead: np.ndarray | int) -> np.ndarray:
        if not self.place or not days.size:
            return np.array([], "datetime64[D]")
        reach = np.max(np.abs(ahead)) // 200 + 2  # years; of a year at least 200 days are worked
        years = days.astype("datetime64[Y]").astype(np.int64) + 1970
        off = holidays_until(self.place, int(years.min() - reach), int(years.max() + reach))
        return off if self.worked is None else np.setdiff1d(off, self.worked)


OFF = np.iinfo(np.int64).min
"""The number of a time that is on no period of a calendar."""


def read_label(label: str) -> datetime:
    """Return the start of the period that ``Calendar.label`` or an ISO week names.

    Raises:
        OptionError: the label is none of theirs.

    Example:
        >>> read_label("2005Q2").isoformat(), read_label("2005-W10").isoformat()
        ('2005-04-01T00:00:00', '2005-03-07T00:00:00')
    """
    try:
        if match := _QUARTER.fullmatch(label):
            return datetime(int(match[1]), 3 * int(match[2]) - 2, 1)
        if match := _ISO_WEEK.fullmatch(label):
            return datetime.fromisocalendar(int(match[1]), int(match[2]), 1)
        if re.fullmatch(r"\d{4}(-\d{2})?", label):
            year, _, month = label.partition("-")
            return datetime(int(year), int(month or 1), 1)
        return datetime.fromisoformat(label)
    except ValueError:
        raise OptionError(
            f"label must be a period such as '2005-03' or '2005-03-07', got {label!r}",
            hint="labels=('2005-03', '2005-04', ...), frequency='MS'",
        ) from None


def label_start(label: str) -> datetime:
    """Return where the period of a label begins on the time line: in UTC where it has an offset."""
    start = read_label(label)
    return start if start.tzinfo is None else start.astimezone(UTC).replace(tzinfo=None)


def labels_from(label: str, frequency: str, steps: Iterable[int]) -> list[str]:
    """Return the labels of the periods that lie so many steps after the one labelled ``label``.

    Example:
        >>> labels_from("2005-12-26", "W-MON", [1, 2])
        ['2006-01-02', '2006-01-09']
        >>> labels_from("2004-W53", "W-MON", [-1, 0, 1])
        ['2004-W52', '2004-W53', '2005-W01']
        >>> labels_from("2025-10-26 02:00+02:00", "h@Europe/Berlin", [1])
        ['2025-10-26 02:00+01:00']
    """
    calendar = Calendar.from_alias(frequency)
    starts = calendar.shift(label_start(label), np.fromiter(steps, np.int64))
    return iso_weeks(starts) if _ISO_WEEK.fullmatch(label) else calendar.labels(starts)


def last_business_days(months: np.ndarray) -> np.ndarray:
    """Return the last day from Monday to Friday of each month."""
    return np.busday_offset(months + np.timedelta64(1, "M"), -1, roll="forward")


def iso_weeks(starts: Sequence[np.datetime64] | np.ndarray) -> list[str]:
    """Return the ISO 8601 names of the weeks of times, such as ``2005-W10``."""
    weeks = (when.isocalendar() for when in np.asarray(starts, "datetime64[s]").tolist())
    return [f"{year:04d}-W{week:02d}" for year, week, _ in weeks]


def _offset(offset: np.timedelta64) -> str:
    minutes = int(offset // np.timedelta64(1, "m"))
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
