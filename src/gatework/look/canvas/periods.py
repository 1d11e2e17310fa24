"""The ticks of an axis of periods: round dates where there are dates, round numbers otherwise."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import islice

from gatework.errors import OptionError
from gatework.look.canvas.scales import nice_step
from gatework.look.canvas.svg import shorten, text_width
from gatework.tabular.calendar import read_label

_LONGEST = 110.0
_ROOM = 26.0

_PERIODS = {"B": "business day", "D": "day", "h": "hour", "min": "minute", "s": "second"}
_PERIODS |= {"MS": "month", "BME": "month", "QS": "quarter", "YS": "year"}

_Mark = Callable[[datetime], int]


def period_ticks(
    labels: Sequence[str], width: float, *, dated: bool = True
) -> list[tuple[int, str]]:
    """Return the periods, by index, that get a tick on an axis ``width`` wide, and their texts.

    With dates the ticks fall on the first period of a year, a month, a day or an hour, whichever
    is the finest that leaves room between the texts.

    Example:
        >>> period_ticks([f"20{n:02d}" for n in range(24)], 300)
        [(0, '2000'), (5, '2005'), (10, '2010'), (15, '2015'), (20, '2020')]
    """
    if not labels:
        return []
    if dated and (dates := _read(labels)):
        return _date_ticks(dates, labels, width)
    return _number_ticks(labels, width) or _plain_ticks(labels, width)


def period_word(frequency: str | None, count: int = 1) -> str:
    """Return what a period of the frequency is called, in the plural where there are several.

    Example:
        >>> period_word("W-MON"), period_word("MS", 12), period_word("3h", 2), period_word(None)
        ('week', 'months', 'periods', 'period')
    """
    length = (frequency or "").partition("@")[0]
    word = "week" if length.startswith("W-") else _PERIODS.get(length, "period")
    return word if count == 1 else f"{word}s"


def _read(labels: Sequence[str]) -> list[datetime] | None:
    try:
        return [read_label(label).replace(tzinfo=None) for label in labels]
    except OptionError:
        return None


def _date_ticks(
    dates: list[datetime], labels: Sequence[str], width: float
) -> list[tuple[int, str]]:
    most = int(width / (text_width("2000") + _ROOM))
    for mark, length in _date_levels():
        begins = (index for index in range(len(dates)) if _begins(dates, index, mark))
        ticks = [(index, labels[index][:length]) for index in islice(begins, most + 1)]
        texts = {text for _, text in ticks}
        widest = max((text_width(text) for text in texts), default=0.0)
        if len(texts) == len(ticks) > 1 and len(ticks) * (widest + _ROOM) <= width:
            return ticks
    return _plain_ticks(labels, width)


def _date_levels() -> list[tuple[_Mark, int | None]]:
    """Return how dates may be marked, the finest first, and how much of a label says it."""
    levels: list[tuple[_Mark, int | None]] = [(lambda date: int(_second(date)), None)]
    for seconds in (5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200):
        levels.append((lambda date, unit=seconds: int(_second(date)) // unit, None))
    for days in (1, 2, 7, 14):
        levels.append((lambda date, unit=days: (date.toordinal() - 1) // unit, 10))
    for months in (1, 2, 3, 6):
        levels.append((lambda date, unit=months: (date.year * 12 + date.month - 1) // unit, None))
    for years in (1, 2, 5, 10, 20, 50, 100, 200, 500):
        levels.append((lambda date, unit=years: date.year // unit, 4))
    return levels


def _second(date: datetime) -> float:
    return (date - datetime(1, 1, 1)).total_seconds()


def _begins(dates: list[datetime], index: int, mark: _Mark) -> bool:
    if index:
        return mark(dates[index]) != mark(dates[index - 1])
    if len(dates) == 1:
        return True
    try:
        return mark(dates[0]) != mark(dates[0] - (dates[1] - dates[0]))
    except OverflowError:
        return True


def _number_ticks(labels: Sequence[str], width: float) -> list[tuple[int, str]]:
    """Return round ticks of labels that are evenly spaced whole numbers; none for other labels."""
    try:
        first, second = int(labels[0]), int(labels[min(1, len(labels) - 1)])
        last = int(labels[-1])
    except ValueError:
        return []
    step = second - first if len(labels) > 1 else 1
    if step <= 0 or last != first + step * (len(labels) - 1):
        return []
    count = int(width / (text_width(labels[-1]) + _ROOM))
    unit = max(int(nice_step(max(last - first, 1), max(count, 1))), 1)
    numbers = range(-(-first // unit) * unit, last + 1, unit)
    ticks = [((number - first) // step, str(number)) for number in numbers]
    return [(index, text) for index, text in ticks if labels[index] == text]


def _plain_ticks(labels: Sequence[str], width: float) -> list[tuple[int, str]]:
    widest = min(max(map(text_width, labels)), _LONGEST)
    count = max(1, int(width / (widest + _ROOM)))
    stride = max(1, math.ceil(len(labels) / count))
    return [(index, shorten(labels[index], _LONGEST)) for index in range(0, len(labels), stride)]
