"""A heat map: an array of units by steps as an image, with its colour key."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatework.look.canvas.numerals import show
from gatework.look.canvas.raster import (
    DIVERGING,
    SEQUENTIAL,
    SHADES,
    palette,
    palette_of_heat,
    png,
    shades,
)
from gatework.look.canvas.shapes import bitmap, text
from gatework.look.canvas.svg import Element

_KEY_STEPS = 51
_KEPT = ("data_names", "data_values", "data_rest", "data_labels")
_MIDDLE = 0.18
"""Luminance on which white and black text have the same contrast, 4.6."""
MOST_VALUES = 12_000
"""Pixels up to which an image has its values with it, as float32; of larger ones shades tell."""
MOST_PIXELS = 1200
"""Columns of an image; longer runs are thinned to their extremes, column by column."""


@dataclass(frozen=True)
class Colours:
    """How values become colours, from ``low`` to ``high``."""

    low: float
    high: float
    diverging: bool

    @classmethod
    def of(cls, values: np.ndarray, *, gate: bool) -> Colours:
        """Return 0 to 1 for a gate, otherwise as far from 0 as the values go on both sides."""
        if gate:
            return cls(0.0, 1.0, False)
        most = float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) or 1.0
        return cls(-most, most, True)

    @property
    def table(self) -> np.ndarray:
        """Return the palette."""
        return palette(DIVERGING if self.diverging else SEQUENTIAL)

    @property
    def with_gap(self) -> np.ndarray:
        """Return the palette, and last the colour of what is no finite number."""
        return palette_of_heat(DIVERGING if self.diverging else SEQUENTIAL)

    def tile(self, shade: int) -> tuple[str, str]:
        """Return the colour of a shade, and the class of text that is read best on it."""
        red, green, blue = (int(channel) for channel in self.table[shade])
        dark = _luminance(red, green, blue) < _MIDDLE
        return f"rgb({red},{green},{blue})", "ondark" if dark else "onlight"


def heat(
    values: np.ndarray,
    colours: Colours,
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    row_names: list[str] | None = None,
    what: str = "",
    labels: Sequence[str] | None = None,
    exact: bool = True,
    most: int = MOST_PIXELS,
) -> Element:
    """Return an image of values (rows, columns), the first row at the top.

    A script shows the value under the pointer: as it is where there are at most MOST_VALUES, else
    about, by its shade. Not ``exact``, a byte for each value stands beside its shade, whatever
    their number, which tells four digits in a quarter of the room. Steps are called as the first
    image of a picture that has ``labels`` names them. Of more than ``most`` steps, so many columns
    are drawn.
    """
    thinned = thin_columns(values, most)
    indices = shades(thinned, colours.low, colours.high)
    told = thinned.astype("<f4").tobytes() if exact and thinned.size <= MOST_VALUES else b""
    rest = b"" if exact else _beside(thinned, indices, colours).tobytes()
    return bitmap(
        png(indices, colours.with_gap),
        x,
        y,
        width,
        height,
        class_="heat",
        data_columns=str(indices.shape[1]),
        data_rows=str(indices.shape[0]),
        data_steps=str(values.shape[1]),
        data_low=repr(colours.low),
        data_high=repr(colours.high),
        data_names="\n".join(row_names or [str(n) for n in range(len(values))]),
        data_what=what,
        data_values=base64.b64encode(told).decode() or None,
        data_rest=base64.b64encode(rest).decode() or None,
        data_labels=None if labels is None or _counted(labels) else "\n".join(labels),
    )


def _counted(labels: Sequence[str]) -> bool:
    """Return whether labels are the numbers of steps, as a script calls them without labels."""
    return all(label == str(step) for step, label in enumerate(labels))


def share_values(one: Element, other: Element) -> None:
    """Leave out of the second drawing of the same heat maps what both would hold."""
    for first, second in zip(_heats(one), _heats(other), strict=True):
        for name in _KEPT:
            if name in first.attributes:
                second.attributes[name] = None


def _heats(element: Element) -> list[Element]:
    found = [element] if element.attributes.get("class_") == "heat" else []
    return found + [
        heat for child in element.children if isinstance(child, Element) for heat in _heats(child)
    ]


def _beside(values: np.ndarray, indices: np.ndarray, colours: Colours) -> np.ndarray:
    """Return how far values are from their shades, uint8: 0 is half a shade below, 255 above."""
    share = np.nan_to_num((values - colours.low) / (colours.high - colours.low), posinf=1, neginf=0)
    apart = np.clip(share, 0.0, 1.0) * (SHADES - 1) - indices
    return np.clip(np.round((apart + 0.5) * 255), 0, 255).astype(np.uint8)


def thin_columns(values: np.ndarray, most: int, middle: np.ndarray | None = None) -> np.ndarray:
    """Return at most ``most`` columns: of each group the value farthest from the row's middle.

    ``middle`` (rows,) is the median of each row where it is not given.
    """
    columns = values.shape[1]
    if columns <= most:
        return values
    edges = np.linspace(0, columns, most + 1).astype(int)
    starts, ends = edges[:-1], edges[1:]
    if middle is None:
        middle = np.median(values, axis=1)
    # Whole steps at a time, as they lie in memory: 30 times as fast as reduceat.
    steps = values.T
    high = low = steps[starts]
    for further in range(1, int((ends - starts).max())):
        part = steps[np.minimum(starts + further, ends - 1)]
        high, low = np.maximum(high, part), np.minimum(low, part)
    return np.where(high - middle >= middle - low, high, low).T


def _luminance(*channels: int) -> float:
    """Return how bright a colour is, from 0 to 1 (W3C, WCAG 2.2, relative luminance)."""
    linear = [
        c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4
        for c in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colour_key(colours: Colours, x: float, y: float, width: float, label: str = "") -> Element:
    """Return the key of a heat map: a bar of all colours with the values at its ends and middle."""
    few = colours.table[:: SHADES // _KEY_STEPS]
    bar = png(np.arange(len(few), dtype=np.uint8)[None], few)
    middle = (colours.low + colours.high) / 2
    return Element(
        "g",
        bitmap(bar, x, y, width, 9),
        text(show(colours.low), x, y + 22, "small muted"),
        text(show(middle), x + width / 2, y + 22, "small muted mid"),
        text(show(colours.high), x + width, y + 22, "small muted end"),
        *([text(label, x, y - 5, "small muted")] if label else []),
    )
