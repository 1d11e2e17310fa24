"""Names and spans of a result as sentences use them, kept to a length that a page can bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.look.periods import period_word
from gatework.look.svg import shorten

if TYPE_CHECKING:
    from gatework.forecast.result import ForecastResult
    from gatework.forecast.series import Series

_NAME, _LABEL, _CELL = 1600.0, 260.0, 640.0  # in pixels of 12-pixel text


def name_of(series: Series) -> str:
    """Return the name of a series, never empty and never endless."""
    return shorten(series.name, _NAME) or "the series"


def label_text(label: str) -> str:
    """Return the label of a period, never endless."""
    return shorten(label, _LABEL)


def cell_text(text: str) -> str:
    """Return text for a cell of a table, never endless."""
    return shorten(text, _CELL)


def span(result: ForecastResult, periods: int) -> str:
    """Return a number of periods with their name, such as "12 weeks"; "week" alone for one."""
    word = period_word(result.series.frequency, periods)
    return word if periods == 1 else f"{periods} {word}"


def count(number: int, thing: str) -> str:
    """Return so many things, such as "1 trial" or "12 trials".

    Example:
        >>> count(1, "trial"), count(12, "trial")
        ('1 trial', '12 trials')
    """
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
