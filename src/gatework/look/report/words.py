"""Names and spans of a result as sentences use them, kept to a length that a page can bear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.look.canvas.periods import period_word
from gatework.look.canvas.svg import shorten
from gatework.look.language import ENGLISH, Words

if TYPE_CHECKING:
    from gatework.forecast.series import Series

_NAME, _LABEL, _CELL = 1600.0, 260.0, 640.0  # in pixels of 12-pixel text


PERIODS = {
    "business day": "{count} business days",
    "day": "{count} days",
    "hour": "{count} hours",
    "minute": "{count} minutes",
    "second": "{count} seconds",
    "month": "{count} months",
    "quarter": "{count} quarters",
    "year": "{count} years",
    "week": "{count} weeks",
    "period": "{count} periods",
}
"""What a period is called, and several of them."""

CLASSICS = ("last value", "mean", "trailing mean", "seasonal naive", "auto")
"""The names of models that are words; others, such as ARIMA, are the same in every language."""


def name_of(series: Series, words: Words = ENGLISH) -> str:
    """Return the name of a series, never empty and never endless."""
    return shorten(words.name(series.title), _NAME) or words("the series")


def model_text(name: str, words: Words = ENGLISH) -> str:
    """Return what a model is called."""
    return words(name) if name in CLASSICS else cell_text(name)


def period_text(frequency: str | None, words: Words = ENGLISH) -> str:
    """Return what a period is called."""
    return words.of("period", period_word(frequency))


def label_text(label: str) -> str:
    """Return the label of a period, never endless."""
    return shorten(label, _LABEL)


def cell_text(text: str) -> str:
    """Return text for a cell of a table, never endless."""
    return shorten(text, _CELL)


def span(frequency: str | None, periods: int, words: Words = ENGLISH) -> str:
    """Return a number of periods with their name, such as "12 weeks"; "week" alone for one."""
    word = period_word(frequency)
    return words.many(periods, word, PERIODS[word])


def when(frequency: str | None, label: str, words: Words = ENGLISH) -> str:
    """Return how a sentence says that something happens in a period.

    Example:
        >>> when("W-MON", "2005-03-07"), when("MS", "2005-03"), when(None, "186")
        ('in the week of 2005-03-07', 'in 2005-03', 'in period 186')
    """
    word = period_word(frequency)
    if word == "week" and "W" not in label:
        return words("in the week of {label}", label=label)
    if word.endswith("day"):
        return words("on {label}", label=label)
    if word in ("hour", "minute", "second") or (frequency or "").partition("@")[0].endswith(
        ("h", "min", "s")
    ):
        return words("at {label}", label=label)
    if frequency:
        return words("in {label}", label=label)
    return words("in period {label}", label=label)


def listed(names: Sequence[str], words: Words = ENGLISH) -> str:
    """Join names with commas and a last "and".

    Example:
        >>> listed(["a", "b", "c"])
        'a, b and c'
    """
    if len(names) < 2:
        return "".join(names)
    return words("{first} and {last}", first=words.listed(names[:-1]), last=names[-1])
