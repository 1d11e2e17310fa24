"""The ticks of an axis of periods: round dates where there are dates, round numbers otherwise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from gatework.errors import OptionError
from gatework.look.canvas.scales import nice_step
from gatework.look.canvas.svg import shorten, text_width
from gatework.tabular.calendar import read_label

MOST_TICKS = 150
"""Ticks of the deepest level of an axis that is zoomed into."""
_DEEPEST = 12
_LONGEST = 110.0
_ROOM = 26.0

_PERIODS = {"B": "business day", "D": "day", "h": "hour", "min": "minute", "s": "second"}
_PERIODS |= {"MS": "month", "BME": "month", "QS": "quarter", "YS": "year"}

_NEVER = np.datetime64("0001-01-01", "us").astype(np.int64)
_ORIGINS = {"s": 0, "D": 719162, "M": 1970 * 12, "Y": 1970}
"""What numpy's counts lack to those from the year 0, and to weeks that begin on Mondays."""

_LEVELS: list[tuple[str, int, int | None]] = [
    *(("s", n, None) for n in (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200)),
    *(("D", n, 10) for n in (1, 2, 7, 14)),
    *(("M", n, None) for n in (1, 2, 3, 6)),
    *(("Y", n, 4) for n in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
]
"""How dates may be marked, the finest first, and how much of a label says it."""


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
    return period_levels(labels, width, dated=dated, most=0)[0]


def period_levels(
    labels: Sequence[str], width: float, *, dated: bool = True, most: int = MOST_TICKS
) -> list[list[tuple[int, str]]]:
    """Return the ticks of an axis, then those of one twice, four times and so on as wide.

    They end where every period has its tick, or where a level has ``most``.

    Example:
        >>> [len(ticks) for ticks in period_levels([f"20{n:02d}" for n in range(24)], 300)]
        [5, 5, 12, 24]
    """
    return [list(level) for level in _levels_of(tuple(labels), width, dated, most)]


@lru_cache(maxsize=4)
def _levels_of(
    labels: tuple[str, ...], width: float, dated: bool, most: int
) -> list[list[tuple[int, str]]]:
    """Return the levels, which many charts of a page share."""
    dates = _read(labels) if dated else None
    levels: list[list[tuple[int, str]]] = []
    while not levels or len(levels[-1]) < min(most, len(labels)):
        levels.append(_ticks(labels, dates, width * 2 ** len(levels)))
        if len(levels) > _DEEPEST:
            break
    return levels


def _ticks(labels: Sequence[str], dates: np.ndarray | None, width: float) -> list[tuple[int, str]]:
    if not labels:
        return []
    if dates is not None:
        return _date_ticks(dates, labels, width)
    return _number_ticks(labels, width) or _plain_ticks(labels, width)


def period_word(frequency: str | None) -> str:
    """Return what a period of the frequency is called.

    Example:
        >>> period_word("W-MON"), period_word("MS"), period_word("3h"), period_word(None)
        ('week', 'month', 'period', 'period')
    """
    length = (frequency or "").partition("@")[0]
    return "week" if length.startswith("W-") else _PERIODS.get(length, "period")


def _read(labels: Sequence[str]) -> np.ndarray | None:
    """Return the dates of labels, before them the one that would come before the first.

    Shapes:
        result: (n + 1,), datetime64 in microseconds
    """
    try:
        dates = [read_label(label).replace(tzinfo=None) for label in labels]
    except OptionError:
        return None
    read = np.array(dates, dtype="datetime64[us]")
    before = 2 * read[0].astype(np.int64) - read[1].astype(np.int64) if len(read) > 1 else _NEVER
    return np.insert(read, 0, np.datetime64(int(before), "us"))


def _date_ticks(dates: np.ndarray, labels: Sequence[str], width: float) -> list[tuple[int, str]]:
    most = int(width / (text_width("2000") + _ROOM))
    for unit, count, length in _LEVELS:
        marks = dates.astype(f"datetime64[{unit}]").astype(np.int64) + _ORIGINS[unit]
        begins = np.flatnonzero(np.diff(marks // count))[: most + 1]
        ticks = [(int(index), str(labels[int(index)])[:length]) for index in begins]
        texts = {text for _, text in ticks}
        widest = max((text_width(text) for text in texts), default=0.0)
        if len(texts) == len(ticks) > 1 and len(ticks) * (widest + _ROOM) <= width:
            return ticks
    return _plain_ticks(labels, width)


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
