"""A small picture of what a network read: the image, the spectrogram, the text, the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.look.canvas.numerals import show
from gatework.look.canvas.plot import LINE
from gatework.look.canvas.raster import (
    SEQUENTIAL,
    grey_png,
    palette,
    png,
    rgb_png,
    shades,
)
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.shapes import bitmap, polyline, text
from gatework.look.canvas.svg import Element, shorten, wrap
from gatework.look.language import ENGLISH, Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatework.recognize import Sequences

MOST_SIDE = 256
"""Pixels of a side that are kept of an image."""
MOST_STEPS = 400
MOST_CURVES = 6


def thumbnail(
    sequences: Sequences,
    row: int,
    x: float,
    y: float,
    width: float,
    height: float,
    words: Words = ENGLISH,
) -> Element:
    """Return a picture of a sequence inside a box."""
    content = sequences.content(row)
    if isinstance(content, str):
        return _lines(content, x, y, width, height)
    if sequences.kind == "image" and content.dtype == np.uint8:
        return _image(content, x, y, width, height)
    if sequences.kind == "sound" and content.ndim == 1:
        return _spectrogram(content, sequences.features, x, y, width, height)
    return _curves(np.asarray(sequences.values[row], np.float64), x, y, width, height, words)


def height_of(sequences: Sequences, rows: Sequence[int], width: float, most: float) -> float:
    """Return how high a box must be for any of the sequences; texts take what their lines take."""
    contents = [sequences.content(row) for row in rows]
    texts = [content for content in contents if isinstance(content, str)]
    if len(texts) < len(contents):
        return most
    lines = max(len(_wrapped(content, width)) for content in texts)
    return min(most, LINE * lines + 6)


def _image(pixels: np.ndarray, x: float, y: float, width: float, height: float) -> Element:
    """Return an image, as large as its box allows, in its proportions."""
    stride = max(1, -(-max(pixels.shape[:2]) // MOST_SIDE))
    rows, columns = pixels.shape[:2]
    pixels = pixels[::stride, ::stride]
    scale = min(width / columns, height / rows)
    file = grey_png(pixels) if pixels.ndim == 2 else rgb_png(pixels)
    return bitmap(file, x, y, columns * scale, rows * scale)


def _spectrogram(
    samples: np.ndarray, features: Any, x: float, y: float, width: float, height: float
) -> Element:
    """Return log-mel energies over time, low pitches at the bottom, 60 decibels from the top."""
    from gatework.recognize.features.sound import LogMel

    energies = LogMel(rate=features.rate, mels=min(40, features.mels))(samples)
    energies = energies[:: max(1, -(-len(energies) // MOST_STEPS))]
    top = float(energies.max())
    image = shades(energies.T[::-1], top - 60 / 10 * np.log(10), top)
    return bitmap(png(image, palette(SEQUENTIAL)), x, y, width, height)


def _curves(
    values: np.ndarray, x: float, y: float, width: float, height: float, words: Words
) -> Element:
    """Return the first channels of a sequence (T, C) as lines on one scale, which is written."""
    steps, values = len(values), values[:, :MOST_CURVES]
    low, high = (show(float(end), 2) for end in (values.min(), values.max()))
    said = words.many(
        steps, "1 step, {low} to {high}", "{count} steps, {low} to {high}", low=low, high=high
    )
    values = values[:: max(1, steps // MOST_STEPS)]
    height -= LINE
    across = Linear(0.0, max(1.0, len(values) - 1.0), x, x + width)
    up = Linear.over(values.ravel().tolist(), y + height, y)
    group = Element("g", text(shorten(said, width, 11), x, y + height + LINE - 3, "small muted"))
    for channel in range(values.shape[1]):
        points = [(across(float(t)), up(float(v))) for t, v in enumerate(values[:, channel])]
        points = points if len(points) > 1 else [points[0], (x + width, points[0][1])]
        kind = "lstm" if channel == 0 else f"m{(channel - 1) % 5 + 1}"
        group.add(polyline(points, kind))
    return group


def _lines(content: str, x: float, y: float, width: float, height: float) -> Element:
    """Return the beginning of a text, in lines that fit the box."""
    lines, room = _wrapped(content, width), int(height // LINE)
    if len(lines) > room:
        lines[room - 1] += " …"
    group = Element("g")
    for place, line in enumerate(lines[:room]):
        group.add(text(shorten(line, width), x, y + 12 + LINE * place))
    return group


def _wrapped(content: str, width: float) -> list[str]:
    """Return the beginning of a text in lines."""
    return wrap(content[:MOST_STEPS].split(), width, joint=" ")
