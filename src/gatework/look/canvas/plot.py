"""The frame of a chart: the area that values are drawn in, its axes, and labels that keep apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from gatework.look.canvas.scales import Scale
from gatework.look.canvas.shapes import segment, text
from gatework.look.canvas.svg import Element, text_width

LINE = 15.0
"""Height of a line of text."""


@dataclass(frozen=True)
class Frame:
    """The edges of the area in which values are drawn; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From the left edge to the right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From the top edge to the bottom."""
        return self.bottom - self.top


def value_axis(frame: Frame, scale: Scale, ticks: Sequence[tuple[float, str]]) -> Element:
    """Return the vertical axis at the left: grid lines across the frame, and the ticks' texts."""
    group = Element("g")
    for value, label in ticks:
        y = scale(value)
        group.add(segment(frame.left, y, frame.right, y, "grid"))
        group.add(text(label, frame.left - 8, y + 4, "muted end tick-y"))
    return group


def bottom_axis(
    frame: Frame,
    ticks: Iterable[tuple[float, str]],
    title: str = "",
    *,
    grid: bool = False,
    most: float = math.inf,
) -> Element:
    """Return the horizontal axis; each tick is a position and its text, which ends by ``most``."""
    group = Element("g")
    y = frame.bottom
    for x, label in ticks:
        if grid:
            group.add(segment(x, frame.top, x, y, "grid"))
        group.add(segment(x, y, x, y + 4, "axis"))
        group.add(text(label, min(x, most - text_width(label) / 2), y + 18, "muted mid tick-x"))
    group.add(segment(frame.left, y, frame.right, y, "axis"))
    if title:
        group.add(text(title, (frame.left + frame.right) / 2, y + 36, "muted mid"))
    return group


def fitting_ticks(scale: Scale, *, whole: bool = False) -> list[tuple[float, str]]:
    """Return the most ticks of a horizontal scale whose texts keep off one another, placed."""
    for count in range(10, 1, -1):
        ticks = [(scale(value), label) for value, label in scale.ticks(count, whole=whole)]
        needed = [
            (text_width(one) + text_width(other)) / 2 + 8
            for (_, one), (_, other) in pairwise(ticks)
        ]
        rooms = [other - one for (one, _), (other, _) in pairwise(ticks)]
        if rooms and all(room >= need for room, need in zip(rooms, needed, strict=True)):
            return ticks
    ticks = [(scale(value), label) for value, label in scale.ticks(5, whole=whole)]
    kept = ticks[:1]
    for place, label in ticks[1:]:
        if place - kept[-1][0] >= (text_width(label) + text_width(kept[-1][1])) / 2 + 8:
            kept.append((place, label))
    return kept


def left_room(ticks: Sequence[tuple[float, str]], least: float = 36.0) -> float:
    """Return how much room the texts of a vertical axis need at its left."""
    return max([least, *(text_width(label) + 14 for _, label in ticks)])


def spread(positions: Sequence[float], low: float, high: float, gap: float = LINE) -> list[float]:
    """Move positions as little as needed so that they lie ``gap`` apart, between low and high.

    Where they do not all fit they overlap evenly.

    Example:
        >>> spread([10.0, 11.0, 50.0], 0.0, 100.0, 10.0)
        [5.5, 15.5, 50.0]
    """
    if not positions:
        return []
    gap = min(gap, (high - low) / len(positions))
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    blocks: list[tuple[float, int]] = []  # the middle of each block of labels, and its size
    for index in order:
        middle, size = positions[index], 1
        while True:
            half = gap * (size - 1) / 2
            middle = min(max(middle, low + half), high - half)
            if not blocks or blocks[-1][0] + gap * (blocks[-1][1] + size) / 2 <= middle + 1e-9:
                break
            before, count = blocks.pop()
            middle = (middle * size + before * count) / (size + count)
            size += count
        blocks.append((middle, size))
    places = [
        middle + gap * (place - (size - 1) / 2) for middle, size in blocks for place in range(size)
    ]
    spreaded = [0.0] * len(positions)
    for place, index in zip(places, order, strict=True):
        spreaded[index] = place
    return spreaded


def side_by_side(
    labels: Sequence[str], middles: Sequence[float], low: float, high: float
) -> list[float]:
    """Return where labels in a row go, in order: near their middles, and off one another.

    Labels give way to the left, so that the last one, at the edge, stays whole.

    Example:
        >>> side_by_side(["ab", "cd"], [50.0, 99.0], 0.0, 100.0)
        [50.0, 93.16]
    """
    places: list[float] = []
    edge = high
    for label, middle in zip(reversed(labels), reversed(middles), strict=True):
        half = text_width(label) / 2
        places.append(max(min(middle, edge - half), low + half))
        edge = places[-1] - half - 8
    return places[::-1]


def stroke(classes: str) -> list[Element]:
    """Return the sample of a line in a key."""
    return [segment(0, 0, 22, 0, classes)]


def muted_lines(
    lines: Iterable[str], x: float, y: float, gap: float = LINE
) -> tuple[list[Element], float]:
    """Return lines of muted text from the height ``y`` on, and the y below them."""
    content = [text(line, x, y + gap * at, "muted") for at, line in enumerate(lines)]
    return content, y + gap * len(content)


class Entry(NamedTuple):
    """An entry of a key: its text, its sample around (0, 0) to (22, 0), and the part it hides."""

    label: str
    sample: Sequence[Element]
    part: str | None = None


def key_line(
    entries: Iterable[tuple[str, Sequence[Element]]] | Iterable[Entry],
    left: float,
    width: float,
    y: float,
) -> tuple[Element, float]:
    """Lay out a key. Returns the key and the y below it."""
    group = Element("g")
    x = left
    for label, sample, *hidden in entries:
        wide = 28 + text_width(label)
        if x > left and x + wide > left + width:
            x, y = left, y + LINE + 3
        place = f"translate({round(x, 2)} {round(y - 4, 2)})"
        drawn = Element("g", *sample, transform=place)
        group.add(Element("g", drawn, text(label, x + 28, y), data_toggle=next(iter(hidden), None)))
        x += wide + 20
    return group, y + LINE
