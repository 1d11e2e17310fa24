"""Memory: how long each unit keeps what it has written, beside what the data ask for."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.examine import Memory, Run, memory_of, needed_memory, run_of
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import LINE, Frame, bottom_axis, fitting_ticks, value_axis
from gatework.look.canvas.scales import Linear, Log
from gatework.look.canvas.shapes import polyline, rect, segment, text
from gatework.look.canvas.svg import Element, text_width
from gatework.look.canvas.thinning import evenly, straightened
from gatework.look.language import Words, layer_name, words_in

_TALL, _GAP = 168.0, 78.0
_LONGEST = 1e4
_MOST_LINES = 60


def memory_chart(
    model: Any, data: Any = None, *, most: int = 200, width: float = 920, language: str = "en"
) -> Picture:
    """Draw how long the units of each layer remember.

    Left, for each layer, what share of a cell's content is left after a number of steps: a line
    for each unit, the thick one their median. Right, the half-lives of the units. The dashed line
    is the longest dependency that is seen in the data, or their season where that is longer.

    Raises:
        OptionError: a network without forget gates.
    """
    words = words_in(language)
    run = run_of(model, data)
    needed = needed_memory(run)
    memories = [
        memory_of(run, layer, direction, most=most)
        for layer in range(len(run.sizes))
        for direction in run.directions
    ]
    depth = _shown_steps(memories, needed)
    content = [text(words("How long the units remember"), 0, 16, "strong large")]
    y = 34.0
    content.append(text(_needed(needed, words), 0, y, "muted"))
    y += 22
    split = width * 0.58
    said: list[str] = []
    for memory in memories:
        name = _name(run, memory, words)
        content.append(text(name, 0, y + 10, "strong"))
        median = show(float(np.median(memory.half_life)))
        half = words("median half-life {steps} steps", steps=median)
        said.append(words.labelled(name, half))
        if text_width(name, 13) + text_width(half) > split - 24:
            y += LINE  # beside each other they would overlap
        content.append(text(half, split - 12, y + 10, "end muted"))
        content += _decay(
            memory, depth, needed, Frame(52, y + 24, split - 12, y + 24 + _TALL), words
        )
        content += _halves(
            memory, needed, Frame(split + 40, y + 24, width - 10, y + 24 + _TALL), words
        )
        y += _TALL + _GAP
    return Picture(
        words("Memory"), words("; ").join(said), width, y + 6, tuple(content), language=words.tag
    )


def _needed(needed: int | None, words: Words) -> str:
    if needed is None:
        return words("No dependency between steps is seen in the data.")
    return words.many(
        needed,
        "Dashed: the longest dependency in the data, 1 step.",
        "Dashed: the longest dependency in the data, {count} steps.",
    )


def _name(run: Run, memory: Memory, words: Words) -> str:
    direction = memory.direction if run.bidirectional else None
    return layer_name(words, memory.layer, direction)


def _decay(
    memory: Memory, depth: int, needed: int | None, frame: Frame, words: Words
) -> list[Element]:
    x = Linear(0.0, float(max(depth, 1)), frame.left, frame.right)
    y = Linear(0.0, 1.0, frame.bottom, frame.top)
    ticks = [(value, f"{value * 100:.0f}%") for value in (0.0, 0.25, 0.5, 0.75, 1.0)]
    parts = [value_axis(frame, y, ticks)]
    axis = fitting_ticks(x, whole=True)
    parts.append(bottom_axis(frame, axis, words("steps later")))
    places = [x(float(step)) for step in range(depth + 1)]
    units = np.argsort(memory.half_life)
    most = min(_MOST_LINES, int(frame.width / 8))
    for unit in units[evenly(len(units), most)]:
        half = words("half-life {steps} steps", steps=show(float(memory.half_life[unit])))
        told = words.labelled(words("unit {n}", n=int(unit)), half)
        line = polyline(_heights(places, memory.kept[:, unit], y), "fg thin mark", told=told)
        line.attributes |= {"data_layer": str(memory.layer), "data_unit": str(unit)}
        parts.append(line)
    parts.append(polyline(_heights(places, np.median(memory.kept, axis=1), y), "fg thick"))
    if needed is not None and needed <= depth:
        parts.append(segment(x(needed), frame.top, x(needed), frame.bottom, "cut"))
    return parts


def _heights(places: list[float], kept: np.ndarray, y: Linear) -> list[tuple[float, float]]:
    heights = [(place, y(float(value))) for place, value in zip(places, kept, strict=False)]
    return straightened(heights)


def _shown_steps(memories: list[Memory], needed: int | None) -> int:
    """Return how many steps are drawn: until hardly anything is left, or what is asked for."""
    last = 10
    for memory in memories:
        left = np.flatnonzero(memory.kept.max(axis=1) > 0.01)
        last = max(last, int(left[-1]) + 2)
    last = max(last, int(1.3 * (needed or 0)))
    return min(last, len(memories[0].kept) - 1)


def _halves(memory: Memory, needed: int | None, frame: Frame, words: Words) -> list[Element]:
    """Return a histogram of half-lives on a logarithmic axis."""
    lives = np.clip(memory.half_life, 0.05, _LONGEST)
    shown = [*lives.tolist(), *([float(needed)] if needed else [])]
    low, high = min(0.5, min(shown)), max(10.0, max(shown) * 1.3)
    x = Log(low, high, frame.left, frame.right)
    edges = np.exp(np.linspace(np.log(low), np.log(high), 19))
    counts, _ = np.histogram(lives, edges)
    y = Linear(0.0, 1.08 * max(counts.max(), 1), frame.bottom, frame.top)
    parts = [value_axis(frame, y, y.ticks(3, whole=True))]
    for count, start, end in zip(counts, edges[:-1], edges[1:], strict=True):
        if count:
            told = words(
                "{count} units: half-life from {low} to {high} steps",
                count=int(count),
                low=show(float(start)),
                high=show(float(end)),
            )
            parts.append(
                rect(
                    x(start) + 0.5,
                    y(float(count)),
                    max(x(end) - x(start) - 1, 1),
                    frame.bottom - y(float(count)),
                    "fg fill mark",
                    told=told,
                )
            )
    parts.append(bottom_axis(frame, fitting_ticks(x), words("half-life in steps")))
    parts.append(
        text(words("units"), frame.left - 8 - text_width("0"), frame.top - 6, "muted small")
    )
    if needed is not None:
        parts.append(segment(x(needed), frame.top, x(needed), frame.bottom, "cut"))
    return parts
