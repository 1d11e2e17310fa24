"""Where a row's period stands against the one that was expected: gaps, repeats, mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.errors import DataError, GateworkError
from gatework.tabular.calendar import OFF, Calendar, label_start, labels_from, read_label
from gatework.tabular.column import shown
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import read_time

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
) -> Place:
    """Return where the period ``label`` stands against the ``expected`` one.

    Periods without a calendar are compared where both are whole numbers, ``step`` apart; others
    are taken as they come.

    Args:
        label: the period as the row gives it, in any form that ``read_series`` reads.
        expected: the period that was forecast.
        frequency: pandas' alias of the length of a period; None without dates.
        step: from one number to the next where periods are numbered.
        style: how the series was read that the forecaster was fitted to.

    Example:
        >>> place("2005-05", "2005-03", "MS")
        Place(ahead=2, problem=None, label='2005-05')
        >>> place("7", "7", None).ahead
        0
        >>> place("2005-02", "2005-03", "MS").problem
        "'2005-02' comes again or too late, expected 2005-03"
    """
    style = style or ReadingStyle()
    if label == expected and not (style.offsets and frequency):
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
            ahead = _dates_ahead(label, expected, Calendar.from_alias(frequency), style)
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
    if ahead > MOST_SKIPPED:
        problem = (
            f"{shown(label)} is {ahead} periods after {expected}, more than "
            f"{MOST_SKIPPED} are taken for a mistake"
        )
    return Place(ahead, problem, called)


def _numbers_ahead(label: str, expected: str, step: int) -> int | str | None:
    """Return how far ahead a number is, what is wrong with it, or None where one is no number."""
    try:
        distance, target = int(label) - int(expected), int(expected)
    except ValueError:
        return None
    ahead, odd = divmod(distance, step or 1)
    return f"{shown(label)} is none of {target}, {target + step}, and so on" if odd else ahead


def _dates_ahead(label: str, expected: str, calendar: Calendar, style: ReadingStyle) -> int | None:
    """Return how many periods after the expected one a date is, None where it is on none.

    Of an hour that clocks show twice, the one that is meant is the first that is not over.
    """
    start = label_start(expected)

    def follows(starts: np.ndarray) -> bool:
        return bool(calendar.between(start, starts[0]) == 0)

    if calendar.alias.endswith("YS") and len(label) == 4 and label.isdecimal():
        return int(calendar.between(start, read_label(label)))
    try:
        times = read_time(label, style, follows)
    except DataError as error:
        cause = (error.message.partition(": ")[2] or error.message).partition(", expected one")[0]
        raise DataError(f"{cause}, expected {expected}") from None
    whens = times.starts if calendar.place is None or times.utc is None else times.utc
    if calendar.unit == "month":
        whens = calendar.floor(whens)
    elif style.tolerance is not None and calendar.unit == "time":
        reach = np.timedelta64(round(style.tolerance * 1e6), "us")
        nearest = calendar.floor(whens + np.timedelta64(calendar.step // 2, "us"))
        whens = np.where(np.abs(nearest - whens) <= reach, nearest, whens)
    ahead = [int(one) for one in calendar.between(start, whens) if one != OFF]
    return next((one for one in ahead if one >= 0), ahead[0] if ahead else None)
