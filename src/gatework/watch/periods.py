"""Where a row's period stands against the one that was expected: gaps, repeats, mistakes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from gatework.errors import DataError, GateworkError, OptionError
from gatework.tabular.calendar import HOUR, OFF, Calendar, label_start, labels_from, read_label
from gatework.tabular.column import shown
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import read_time
from gatework.tabular.zones import leaves_out_hour, repeats_hour

MOST_SKIPPED = 1000
"""The most periods that a gap may have; a date further ahead is taken for a slip."""


@dataclass(frozen=True)
class Place:
    """How many periods a row is ahead of the expected one, or what is wrong with its period.

    ``label`` is what the calendar calls the period, None where it is on none.
    """

    ahead: int = 0
    problem: str | None = None
    label: str | None = None


def place(
    label: str,
    expected: str,
    frequency: str | None,
    step: int = 1,
    style: ReadingStyle | None = None,
    *,
    written: bool = False,
) -> Place:
    """Return where the period ``label`` stands against the ``expected`` one.

    Periods without a calendar are compared where both are whole numbers, ``step`` apart; others
    are taken as they come. What the calendar itself calls a period is always one.

    Args:
        label: the period as the row gives it, in any form that ``read_series`` reads.
        expected: the period that was forecast.
        frequency: pandas' alias of the length of a period; None without dates.
        step: from one number to the next where periods are numbered.
        style: how the series was read that the forecaster was fitted to.
        written: it stands in a row of a table: where the series' times had offsets from UTC, one
            without is none, even if the calendar calls a period so.

    Example:
        >>> place("2005-05", "2005-03", "MS")
        Place(ahead=2, problem=None, label='2005-05')
        >>> place("7", "7", None).ahead
        0
        >>> place("2005-02", "2005-03", "MS").problem
        "'2005-02' comes again or too late, expected 2005-03"
    """
    style = style or ReadingStyle()
    ours = not (written and style.offsets and frequency)
    if label == expected and ours:
        return Place(label=expected)
    if frequency is None:
        ahead = _numbers_ahead(label, expected, step)
        if ahead is None:
            return Place(label=label)
        if isinstance(ahead, str):
            return Place(problem=ahead)
        called = str(int(expected) + ahead * step)
    else:
        try:
            calendar = Calendar.from_alias(frequency)
            ahead = _called_ahead(label, expected, calendar) if ours else None
            if ahead is None:
                ahead = _dates_ahead(label, expected, calendar, style)
        except GateworkError as error:
            return Place(problem=error.message)
        if ahead is None:
            return Place(
                problem=f"{shown(label)} is no period of the calendar, expected {expected}"
            )
        (called,) = labels_from(expected, frequency, [ahead])
    problem = None
    if ahead < 0:
        problem = f"{shown(label)} comes again or too late, expected {expected}"
        if (
            ahead == -1
            and frequency
            and style.zone is None
            and (zone := _clocks(called, frequency, repeats_hour))
        ):
            problem += (
                f"; the clocks of {zone} show that hour twice, and forecast --timezone {zone}"
            )
            problem += " reads both"
    if ahead > MOST_SKIPPED:
        problem = (
            f"{shown(label)} is {ahead} periods after {expected}, more than "
            f"{MOST_SKIPPED} are taken for a mistake"
        )
    return Place(ahead, problem, called)


def _clocks(
    label: str, frequency: str, changed: Callable[[np.datetime64], str | None]
) -> str | None:
    """Return a zone whose clocks ``changed`` at a period of hours or less; None elsewhere.

    Periods in a zone are told apart by their offsets.
    """
    calendar = Calendar.from_alias(frequency)
    if calendar.place or calendar.unit != "time" or calendar.step > HOUR:
        return None
    return changed(np.datetime64(label_start(label), "us"))


def _numbers_ahead(label: str, expected: str, step: int) -> int | str | None:
    """Return how far ahead a number is, what is wrong with it, or None where one is no number."""
    try:
        distance, target = int(label) - int(expected), int(expected)
    except ValueError:
        return None
    ahead, odd = divmod(distance, step or 1)
    return f"{shown(label)} is none of {target}, {target + step}, and so on" if odd else ahead


def left_out(label: str, style: ReadingStyle, frequency: str | None) -> str:
    """Return what is said of one missing period that clocks may have left out; mostly nothing."""
    zone = None
    if frequency and style.zone is None and not style.offsets:
        zone = _clocks(label, frequency, leaves_out_hour)
    return f" (the clocks of {zone} left that hour out, for summer time began)" if zone else ""


def _called_ahead(label: str, expected: str, calendar: Calendar) -> int | None:
    """Return how far ahead a period is that is called as its calendar does; None for others."""
    try:
        start = label_start(label)
    except OptionError:
        return None
    ahead = int(calendar.between(label_start(expected), start))
    return ahead if ahead != OFF and calendar.label(start) == label else None


def _dates_ahead(label: str, expected: str, calendar: Calendar, style: ReadingStyle) -> int | None:
    """Return how many periods after the expected one a date is, None where it is on none.

    Raises:
        DataError: it is no date, or has day and month in another order than the series.
    """
    start = label_start(expected)
    if calendar.alias.endswith("YS") and len(label) == 4 and label.isdecimal():
        return int(calendar.between(start, read_label(label)))
    try:
        ahead = _read_ahead(label, start, calendar, style)
    except DataError as error:
        cause = (error.message.partition(": ")[2] or error.message).partition(", expected one")[0]
        raise DataError(f"{cause}, expected {expected}") from None
    if ahead and style.day_first is not None:
        other = replace(style, day_first=not style.day_first)
        with suppress(DataError):
            if _read_ahead(label, start, calendar, other) == 0:
                first = "day" if style.day_first else "month"
                raise OptionError(
                    f"{shown(label)} would be expected where the {first} did not stand first, as "
                    "it does in the series"
                )
    return ahead


def _read_ahead(label: str, start: datetime, calendar: Calendar, style: ReadingStyle) -> int | None:
    """Return how many periods after ``start`` a date is.

    Of an hour that clocks show twice, the one that is meant is the first that is not over.
    """

    def follows(starts: np.ndarray) -> bool:
        return bool(calendar.between(start, starts[0]) == 0)

    times = read_time(label, style, follows)
    whens = times.starts if calendar.place is None or times.utc is None else times.utc
    if calendar.unit == "month":
        whens = calendar.floor(whens)
    elif style.tolerance is not None and calendar.unit == "time":
        reach = np.timedelta64(round(style.tolerance * 1e6), "us")
        nearest = calendar.floor(whens + np.timedelta64(calendar.step // 2, "us"))
        whens = np.where(np.abs(nearest - whens) <= reach, nearest, whens)
    ahead = [int(one) for one in calendar.between(start, whens) if one != OFF]
    return next((one for one in ahead if one >= 0), ahead[0] if ahead else None)
