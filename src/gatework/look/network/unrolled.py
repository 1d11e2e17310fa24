"""The network unrolled in time: every layer at every step, and what passes between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.checks import is_whole
from gatework.errors import OptionError
from gatework.examine import Run, run_of
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import muted_lines
from gatework.look.canvas.shapes import marked, polyline, rect, segment, text
from gatework.look.canvas.svg import Element, flowed, shorten, visible
from gatework.look.language import SIGNAL_WORDS, Words, layer_name, words_in

_BOX, _TALL, _GAP = 96.0, 46.0, 44.0
_LEFT, _RIGHT = 96.0, 40.0
_COLUMN, _STEPS = 110.0, 5
"""Pixels that a step has at least, and steps at most, where nobody says how many are drawn."""


def fitting_steps(width: float) -> int:
    """Return how many steps are drawn on a picture where nobody says how many.

    Example:
        >>> fitting_steps(920), fitting_steps(380)
        (5, 2)
    """
    return max(1, min(_STEPS, int((width - _LEFT - _RIGHT) // _COLUMN)))


def unrolled_diagram(
    model: Any,
    data: Any = None,
    *,
    first: int = 0,
    steps: int | None = None,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw the network unfolded over ``steps`` steps of its input, from step ``first``.

    Without ``steps`` these are as many as ``fitting_steps`` of the width; the last ones where
    ``first`` is -1.

    A column is a step: input at the bottom, a box for each layer, result at the top. Arrows to
    the right carry hidden state and cell (from right to left for the other direction). A box tells
    the size of its hidden state, the root mean square over its units.

    Raises:
        OptionError: the steps are not in the run.
    """
    words = words_in(language)
    run = run_of(model, data)
    T = len(run)
    if steps is not None and not is_whole(steps, 1, 12):
        raise OptionError(f"steps must be from 1 to 12, got {steps!r}")
    count = steps or fitting_steps(width)
    if first == -1:
        first = max(0, T - count)
    if not 0 <= first < T:
        raise OptionError(f"there is no step {first}: the run has steps 0 to {T - 1}")
    shown = range(first, min(first + count, T))
    layers, both = len(run.sizes), run.bidirectional
    room = (width - _LEFT - _RIGHT) / len(shown)
    grid = _Grid(run, words, room, min(_BOX, room * (0.68 if both else 0.62)), _TALL + 20 * both)
    top = 96.0
    bottom = top + layers * (grid.tall + _GAP) + 44
    content: list[Element] = []
    for layer in range(layers):
        y = top + (layers - 1 - layer) * (grid.tall + _GAP)
        units = words.many(run.sizes[layer], "1 unit", "{count} units")
        content.append(text(layer_name(words, layer), 4, y + grid.tall / 2, "strong"))
        content.append(text(units, 4, y + grid.tall / 2 + 15, "muted small"))
        for at, step in enumerate(shown):
            x = _LEFT + room * (at + 0.5)
            content += _box(grid, layer, step, x, y)
            content += _carry(grid, x, y, first=at == 0, last=at == len(shown) - 1)
            start = y + grid.tall + _GAP - (10 if layer == 0 else 0)
            content.append(_up(x, start, y + grid.tall))
    for at, step in enumerate(shown):
        x = _LEFT + room * (at + 0.5)
        content.append(_up(x, top, top - 26))
        content.append(_result(run, step, x, top - 32, room, words))
        content += _given(run, step, x, bottom - 38, room)
    title = words("The network unrolled in time")
    note = words("Every column is the same network with the same weights, one step later.")
    below, end = muted_lines(flowed(note, width), 0, bottom + 12)
    content += [
        text(words("input"), 4, bottom - 34, "muted"),
        text(words("result"), 4, top - 32, "muted"),
        text(_first_result(run, words), 4, top - 17, "muted small"),
        text(title, 0, 16, "strong large"),
        *below,
    ]
    described = words(
        "{layers} layers over steps {first} to {last}; arrows to the right are the state",
        layers=layers,
        first=run.labels[shown[0]],
        last=run.labels[shown[-1]],
    )
    return Picture(title, described, width, end - 3, tuple(content), language=words.tag)


@dataclass(frozen=True)
class _Grid:
    """What is unrolled, the room of a column, and the size of a box in it."""

    run: Run
    words: Words
    room: float
    wide: float
    tall: float


def _box(grid: _Grid, layer: int, step: int, x: float, y: float) -> list[Element]:
    run, words, wide, tall = grid.run, grid.words, grid.wide, grid.tall
    two = len(run.directions) > 1
    told = [words("{layer}, step {step}", layer=layer_name(words, layer), step=run.labels[step])]
    for direction in run.directions:
        which = f"{words(direction)} " if two else ""
        for name, values in run.cell(layer, direction).items():
            called = which + words(SIGNAL_WORDS[name])
            told.append(words.labelled(called, show(_size(values[step]))))
    shape = rect(x - wide / 2, y, wide, tall, "block", rx=8)
    which = {"data_layer": str(layer), "data_step": str(step)}
    parts = [marked("\n".join(told), shape, classes="layer", **which)]
    for row, direction in enumerate(run.directions):
        arrow = ("→ ", "← ")[row] if two else ""
        label = f"{arrow}|h| {show(_size(run.signal(layer, 'hidden', direction)[step]), 2)}"
        parts.append(text(label, x, y + tall / 2 + 4 + (row * 2 - 1) * 9 * two, "mid"))
    return parts


def _size(values: np.ndarray) -> float:
    return float((values**2).mean() ** 0.5)


def _carry(grid: _Grid, x: float, y: float, *, first: bool, last: bool) -> list[Element]:
    """Return the arrows of the state between this step and the next one."""
    run, wide, middle = grid.run, grid.wide, y + grid.tall / 2
    start, end = x + wide / 2, x + grid.room - wide / 2
    parts: list[Element] = []
    lines = [(middle - 10, 1), (middle + 10, -1)] if run.bidirectional else [(middle, 1)]
    for line, direction in lines:
        stop = start + 22 if last else end
        tip = stop if direction == 1 else start
        parts.append(segment(start, line, stop - 6 if direction == 1 else stop, line, "loop"))
        parts.append(_tip(tip, line, direction))
        if first:
            begin = x - wide / 2 - 22
            parts.append(segment(begin, line, x - wide / 2 - 6, line, "loop"))
            parts.append(_tip(x - wide / 2 if direction == 1 else begin, line, direction))
    if not last and end - start > 34:
        label = "h, c" if run.kind == "lstm" else "h"
        parts.append(text(label, (start + end) / 2, lines[0][0] - 5, "mid small muted"))
    return parts


def _tip(x: float, y: float, direction: int) -> Element:
    points = [(x, y), (x - 8 * direction, y - 4.5), (x - 8 * direction, y + 4.5)]
    return polyline(points, "looptip", closed=True)


def _up(x: float, start: float, end: float) -> Element:
    tip = polyline([(x, end + 1), (x - 4.5, end + 9), (x + 4.5, end + 9)], "tip", closed=True)
    return Element("g", segment(x, start, x, end + 8, "flow"), tip)


def _first_result(run: Run, words: Words) -> str:
    """Return which result is shown, where a network has several with names."""
    if len(run.results) < 2:
        return ""
    name = visible(run.results[0]) if run.text is not None else words.name(run.results[0])
    return shorten(f"“{name}”", _LEFT - 10, 11)


def _result(run: Run, step: int, x: float, y: float, room: float, words: Words) -> Element:
    results = run.output[step]
    if len(results) == 1 or run.results:
        label = show(float(results[0]))
    else:
        label = words.many(len(results), "1 number", "{count} numbers")
    return text(shorten(label, room - 6), x, y, "mid strong")


def _given(run: Run, step: int, x: float, y: float, room: float) -> list[Element]:
    values: Sequence[Any] = run.values[step]
    if run.text is not None:
        label = visible(run.text[step])
    elif len(values) == 1:
        label = show(float(values[0]))
    else:
        label = ", ".join(show(float(v), 2) for v in values[:3]) + ("…" if len(values) > 3 else "")
    above = text(shorten(label, room - 6), x, y + 4, "mid strong")
    if run.text is not None:
        return [above]
    return [above, text(shorten(run.labels[step], room - 8), x, y + 19, "mid small muted")]
