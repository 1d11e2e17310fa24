"""A heat map: an array of units by steps as an image, with its colour key."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from gatework.look.numerals import show
from gatework.look.plot import text
from gatework.look.raster import DIVERGING, SEQUENTIAL, SHADES, data_address, palette, png, shades
from gatework.look.svg import Element

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
        most = float(np.abs(values).max(initial=0.0)) or 1.0
        return cls(-most, most, True)

    @property
    def table(self) -> np.ndarray:
        """Return the palette."""
        return palette(DIVERGING if self.diverging else SEQUENTIAL)


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
) -> Element:
    """Return an image of values (rows, columns), the first row at the top.

    A script may read the values back from ``data-heat`` to show the one under the pointer.
    """
    indices = shades(thin_columns(values, MOST_PIXELS), colours.low, colours.high)
    image = data_address(png(indices, colours.table))
    return Element(
        "image",
        href=image,
        x=x,
        y=y,
        width=width,
        height=height,
        preserveAspectRatio="none",
        class_="heat",
        data_heat=base64.b64encode(indices.tobytes()).decode(),
        data_columns=str(indices.shape[1]),
        data_rows=str(indices.shape[0]),
        data_steps=str(values.shape[1]),
        data_low=repr(colours.low),
        data_high=repr(colours.high),
        data_names="\n".join(row_names or [str(n) for n in range(len(values))]),
        data_what=what,
    )


def thin_columns(values: np.ndarray, most: int) -> np.ndarray:
    """Return at most ``most`` columns: of each group the value farthest from the row's median."""
    rows, columns = values.shape
    if columns <= most:
        return values
    edges = np.linspace(0, columns, most + 1).astype(int)
    middle = np.median(values, axis=1, keepdims=True)
    kept = np.empty((rows, most))
    for at, (start, stop) in enumerate(pairwise(edges.tolist())):
        part = values[:, start:stop]
        far = np.abs(part - middle).argmax(axis=1)
        kept[:, at] = part[np.arange(rows), far]
    return kept


def colour_key(colours: Colours, x: float, y: float, width: float, label: str = "") -> Element:
    """Return the key of a heat map: a bar of all colours with the values at its ends and middle."""
    bar = png(np.arange(SHADES, dtype=np.uint8)[None], colours.table)
    middle = (colours.low + colours.high) / 2
    return Element(
        "g",
        Element(
            "image",
            href=data_address(bar),
            x=x,
            y=y,
            width=width,
            height=9,
            preserveAspectRatio="none",
        ),
        text(show(colours.low), x, y + 22, "small muted"),
        text(show(middle), x + width / 2, y + 22, "small muted mid"),
        text(show(colours.high), x + width, y + 22, "small muted end"),
        *([text(label, x, y - 5, "small muted")] if label else []),
    )
