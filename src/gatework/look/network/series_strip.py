"""The input above a heat map: its series as lines, or its text letter by letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gatework.look.canvas.numerals import show
from gatework.look.canvas.periods import period_ticks
from gatework.look.canvas.shapes import marked, polyline, rect, text
from gatework.look.canvas.svg import Element, shorten, text_width, visible
from gatework.look.canvas.theme import MODELS
from gatework.look.canvas.thinning import thin
from gatework.look.language import Words

if TYPE_CHECKING:
    from gatework.examine import Run

TALL = 58.0
MOST_LINES = 5
THINNEST = 6.0
"""Pixels of what is pointed at, at least: of longer runs it is a few steps together."""


def strip(
    run: Run, first: int, stop: int, left: float, y: float, room: float, words: Words
) -> tuple[list[Element], float]:
    """Return the input from step ``first`` to before ``stop``, and the y below it."""
    if run.text is not None:
        return _letters(run, first, stop, left, y, room), y + 26
    values = run.values[first:stop]
    if not values.size:
        return [], y
    shown = min(values.shape[1], MOST_LINES)
    content = [text(words("input"), left, y + 4, "strong")]
    each_name = room - 90 if shown == 1 else max(130.0, (room - 90) / shown - 24)
    names = [shorten(words.name(name), each_name) for name in run.names[:shown]]
    if shown > 1 or names != [words("input")]:
        x = left + 16 + text_width(words("input"))
        content += _key(names, values.shape[1], x, y + 4, left + room, words)
    y += 12
    each = room / len(values)
    for number in range(shown):
        series = values[:, number]
        low, high = float(np.nanmin(series)), float(np.nanmax(series))
        span = (high - low) or 1.0
        kept = thin(series, int(room / 2)).tolist()
        points = (
            None
            if np.isnan(series[at])
            else (left + (at + 0.5) * each, y + TALL * (1 - (float(series[at]) - low) / span))
            for at in kept
        )
        line = polyline(points, "series" if number == 0 else f"m{(number - 1) % MODELS + 1}")
        content.append(line)
        if shown == 1:
            content.append(text(show(high), left - 6, y + 8, "end small muted"))
            content.append(text(show(low), left - 6, y + TALL, "end small muted"))
    few = -(-len(values) // max(1, int(room / THINNEST)))
    for at in range(0, len(values), few):
        part = values[at : at + few, :shown]
        told = _told(run.labels[first + at : first + at + len(part)], names, part, words)
        content.append(
            marked(told, rect(left + at * each, y, each * len(part), TALL), classes="hit")
        )
    return content, y + TALL + 12


def _key(
    names: list[str], count: int, x: float, y: float, end: float, words: Words
) -> list[Element]:
    """Return the names of lines that stand before ``end``, and how many more signals there are."""
    content: list[Element] = []
    for number, name in enumerate(names):
        wide = text_width(name) * (1.1 if number == 0 else 1.0)  # the first is bold
        rest = 16 + text_width(words("and {n} more", n=count)) if number + 1 < count else 0.0
        if number and x + wide + rest > end:
            break
        style = f"m{(number - 1) % MODELS + 1}" if number else "strong"
        content.append(text(name, x, y, style))
        x += 16 + wide
    if len(content) < count:
        content.append(text(words("and {n} more", n=count - len(content)), x, y, "muted"))
    return content


def _told(labels: Sequence[str], names: list[str], values: np.ndarray, words: Words) -> str:
    """Return what the input is at a step, or from where to where it goes over a few steps."""
    several = [
        words.labelled(name, _range(column, words))
        for name, column in zip(names, values.T, strict=True)
    ]
    label = labels[0]
    if len(labels) > 1:
        label = words("{first} to {last}", first=label, last=labels[-1])
    if len(names) == 1:
        return words.labelled(label, _range(values[:, 0], words))
    return "\n".join([label, *several])


def _range(values: np.ndarray, words: Words) -> str:
    known = values[~np.isnan(values)]
    if not known.size:
        return show(float("nan"))
    low, high = show(float(known.min())), show(float(known.max()))
    return low if low == high else words("{first} to {last}", first=low, last=high)


def step_ticks(
    run: Run, first: int, stop: int, left: float, room: float, y: float
) -> list[Element]:
    """Return the labels of steps below a chart whose columns share ``room``."""
    labels = run.labels[first:stop]
    if run.text is not None:
        labels = tuple(str(step) for step in range(first, stop))
    each = room / len(labels)
    return [
        text(label, left + (at + 0.5) * each, y, "mid small muted")
        for at, label in period_ticks(labels, room)
    ]


def _letters(run: Run, first: int, stop: int, left: float, y: float, room: float) -> list[Element]:
    letters = visible((run.text or "")[first:stop])
    each = room / len(letters)
    if each < 6.5:
        # Too many for one letter a column: the text is shown where it begins.
        stride = int(np.ceil(44 / each))
        starts = [(at, left + at * each) for at in range(0, len(letters) - 4, stride)]
        return [
            text(
                shorten(letters[at : at + 6], min(40, left + room - x), 11), x, y + 14, "small mono"
            )
            for at, x in starts
            if left + room - x > 20
        ]
    return [
        text(letter, left + (at + 0.5) * each, y + 14, "mid mono")
        for at, letter in enumerate(letters)
    ]
