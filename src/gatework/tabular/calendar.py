"""Calendars: which period follows which, and what each is called.

A calendar is a step of so many seconds, business days or months. It numbers periods, so that a gap
is a jump in the numbers, and it writes their labels: ``2005-03``, ``2005Q1``, ``2005-03-07``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gatework.errors import OptionError

MINUTE, HOUR, DAY, WEEK = 60, 3600, 86400, 7 * 86400
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_ALIAS = re.compile(r"(\d*)(s|min|h|D|B|MS|QS|YS|W-(?:MON|TUE|WED|THU|FRI|SAT|SUN))")
_SECONDS = {"s": 1, "min": MINUTE, "h": HOUR, "D": DAY}
_MONTHS = {"MS": 1, "QS": 3, "YS": 12}
_ISO_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_QUARTER = re.compile(r"(\d{4})Q([1-4])")


@dataclass(frozen=True)
class Calendar:
    """Periods of one length: ``step`` times a second, a business day or a month.

    ``alias`` is the name that pandas gives the frequency. Quarters begin in January, April, July
    and October; three months that begin elsewhere are ``3MS``.

    Example:
        >>> monthly = Calendar.from_alias("MS")
        >>> monthly.season, monthly.label(monthly.shift(datetime(2005, 11, 1), 2))
        (12, '2006-01')
    """

    alias: str
    unit: Literal["second", "business day", "month"]
    step: int

    @classmethod
    def from_alias(cls, alias: str) -> Calendar:
        """Return the calendar of a pandas alias such as ``h``, ``D``, ``W-MON``, ``MS``, ``QS``.

        Raises:
            OptionError: no calendar has this alias.
        """
        match = _ALIAS.fullmatch(alias)
        if match is None or match[1].startswith("0"):
            raise OptionError(
                f"frequency must be an alias such as 'D' or 'W-MON', got {alias!r}",
                hint="frequency='MS' for months; s, min, h, D, B, W-MON, MS, QS, YS",
            )
        count, base = int(match[1] or 1), match[2]
        if base == "B":
            return cls(alias, "business day", count)
        if base in _MONTHS:
            return cls(alias, "month", count * _MONTHS[base])
        return cls(alias, "second", count * _SECONDS.get(base, WEEK))

    @property
    def season(self) -> int:
        """How many periods pass before the pattern of the day, week or year repeats; 1: none."""
        if self.unit == "business day":
            return 5 if self.step == 1 else 1
        if self.unit == "month":
            return 12 // self.step if 12 % self.step == 0 else 1
        if self.step % WEEK == 0:
            return 52 * WEEK // self.step if 52 * WEEK % self.step == 0 else 1
        if self.step < DAY:
            return DAY // self.step if DAY % self.step == 0 else 1
        return 7 if self.step == DAY else 1

    def shift(self, when: datetime, periods: int) -> datetime:
        """Return the start of the period that lies ``periods`` after the one at ``when``."""
        if self.unit == "second":
            return when + timedelta(seconds=self.step * periods)
        if self.unit == "month":
            year, month = divmod(_month(when) + self.step * periods, 12)
            return when.replace(year=year, month=month + 1, day=1)
        weeks, weekday = divmod(when.weekday() + self.step * periods, 5)
        return when - timedelta(days=when.weekday()) + timedelta(days=7 * weeks + weekday)

    def floor(self, when: datetime) -> datetime:
        """Return when the period of ``when`` begins, where periods are counted from the first one.

        That is the first of the day, month or year, and the weekday of the alias.
        """
        day = when.replace(hour=0, minute=0, second=0, microsecond=0)
        if self.unit == "month":
            first = {"Q": 3, "Y": 12}.get(self.alias[-2], 1)
            return day.replace(month=(when.month - 1) // first * first + 1, day=1)
        if self.unit == "second" and self.step < DAY:
            return when - (when - day) % timedelta(seconds=self.step)
        if self.unit == "second" and self.step % WEEK == 0:
            return day - timedelta(days=(day.weekday() - WEEKDAYS.index(self.alias[-3:])) % 7)
        return day

    def between(self, first: datetime, when: datetime) -> int | None:
        """Return how many periods after ``first`` the time ``when`` is; None: off the calendar."""
        if self.unit == "second":
            distance = when - first
            count, rest = divmod(distance, timedelta(seconds=self.step))
            return None if rest else count
        if self.unit == "month":
            count, odd = divmod(_month(when) - _month(first), self.step)
            return None if odd else count
        if when.weekday() > 4 or when.time() != first.time():
            return None
        monday = timedelta(days=first.weekday()) - timedelta(days=when.weekday())
        days = 5 * ((when - first + monday).days // 7) + when.weekday() - first.weekday()
        return None if days % self.step else days // self.step

    def label(self, when: datetime) -> str:
        """Return what the period that begins at ``when`` is called."""
        if self.alias.endswith("YS"):
            return f"{when.year:04d}"
        if self.alias == "QS":
            return f"{when.year:04d}Q{(when.month + 2) // 3}"
        if self.unit == "month":
            return f"{when.year:04d}-{when.month:02d}"
        if self.unit == "business day" or (self.step % DAY == 0 and not _time_of_day(when)):
            return when.date().isoformat()
        return when.isoformat(" ", "minutes" if self.step % MINUTE == 0 else "seconds")


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


def labels_from(label: str, frequency: str, steps: Iterable[int]) -> list[str]:
    """Return the labels of the periods that lie so many steps after the one labelled ``label``.

    Example:
        >>> labels_from("2005-12-26", "W-MON", [1, 2])
        ['2006-01-02', '2006-01-09']
        >>> labels_from("2004-W53", "W-MON", [-1, 0, 1])
        ['2004-W52', '2004-W53', '2005-W01']
    """
    calendar, start = Calendar.from_alias(frequency), read_label(label)
    name = iso_week if _ISO_WEEK.fullmatch(label) else calendar.label
    return [name(calendar.shift(start, step)) for step in steps]


def iso_week(when: datetime) -> str:
    """Return the ISO 8601 name of the week of ``when``, such as ``2005-W10``."""
    year, week, _ = when.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _month(when: datetime) -> int:
    return when.year * 12 + when.month - 1


def _time_of_day(when: datetime) -> timedelta:
    return when - when.replace(hour=0, minute=0, second=0, microsecond=0)
