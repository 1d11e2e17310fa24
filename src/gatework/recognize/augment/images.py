"""Pictures varied by shifts, turns, sizes and elastic bends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from gatework.recognize.features.checking import number, refuse


@dataclass(frozen=True)
class ImageAugmentation:
    """Move, turn, scale, shear and bend a picture by amounts drawn anew each time.

    Each amount is drawn evenly from minus to plus what is given here; 0 leaves it out. What comes
    in from outside is the picture's border, continued.

    Args:
        shift: in pixels.
        rotation: in degrees.
        scale: as a share: 0.1 for 0.9 to 1.1 times the size.
        shear: as a share of the height, sidewards.
        elastic: largest bend, in pixels; fields of bends are smooth over ``smoothness`` pixels.
        smoothness: of the bends, in pixels.

    Raises:
        OptionError: when an amount is out of range.

    Source:
        elastic bends: Simard, Steinkraus, Platt 2003, doi:10.1109/ICDAR.2003.1227801.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> ImageAugmentation(shift=2).vary(np.zeros((8, 8), np.uint8), draw).shape
        (8, 8)
    """

    shift: float = 2.0
    rotation: float = 10.0
    scale: float = 0.1
    shear: float = 0.1
    elastic: float = 0.0
    smoothness: float = 8.0

    reads: ClassVar[str] = "image"

    def __post_init__(self) -> None:
        refuse(
            "pictures cannot be varied like this",
            [
                number("shift", self.shift, 0, 1000),
                number("rotation", self.rotation, 0, 180),
                number("scale", self.scale, 0, 0.9),
                number("shear", self.shear, 0, 2),
                number("elastic", self.elastic, 0, 1000),
                number("smoothness", self.smoothness, 0.5, 1000),
            ],
        )

    def vary(self, content: np.ndarray, draw: Generator) -> np.ndarray:
        """Return a picture (H, W) or (H, W, 3) of the same size and kind of numbers."""
        height, width = content.shape[:2]
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        y, x = rows - (height - 1) / 2, columns - (width - 1) / 2
        turn = np.deg2rad(draw.uniform(-1, 1) * self.rotation)
        size = 1 + draw.uniform(-1, 1) * self.scale
        lean = draw.uniform(-1, 1) * self.shear
        down, right = draw.uniform(-1, 1, 2) * self.shift
        cos, sin = np.cos(turn) / size, np.sin(turn) / size
        from_y = cos * y - sin * (x + lean * y) + down + (height - 1) / 2
        from_x = sin * y + cos * (x + lean * y) + right + (width - 1) / 2
        if self.elastic:
            from_y = from_y + self.elastic * _bends(height, width, self.smoothness, draw)
            from_x = from_x + self.elastic * _bends(height, width, self.smoothness, draw)
        return _sampled(content, from_y, from_x)

    def vary_features(self, values: np.ndarray, draw: Generator) -> np.ndarray:
        """Return the features as they are: pictures are varied before these are taken."""
        return values


def _bends(height: int, width: int, smoothness: float, draw: Generator) -> np.ndarray:
    """Return a smooth random field (H, W) from -1 to 1: a coarse one, drawn out by cubic curves."""
    rows, columns = (max(2, round(side / smoothness) + 1) for side in (height, width))
    coarse = draw.uniform(-1, 1, (rows, columns))
    return _stretch(rows, height) @ coarse @ _stretch(columns, width).T


def _stretch(few: int, many: int) -> np.ndarray:
    """Return weights (many, few) that go smoothly from each of a few points to the next."""
    place = np.linspace(0, few - 1, many)
    before = np.minimum(place.astype(int), few - 2)
    along = place - before
    along = along**2 * (3 - 2 * along)
    weights = np.zeros((many, few))
    weights[np.arange(many), before] = 1 - along
    weights[np.arange(many), before + 1] += along
    return weights


def _sampled(picture: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return a picture read at places (H, W) between its pixels, bilinear."""
    height, width = picture.shape[:2]
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    top, left = np.floor(y).astype(np.intp), np.floor(x).astype(np.intp)
    below, beside = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, right = y - top, x - left
    if picture.ndim == 3:
        down, right = down[..., None], right[..., None]
    upper = picture[top, left] * (1 - right) + picture[top, beside] * right
    lower = picture[below, left] * (1 - right) + picture[below, beside] * right
    mixed = upper * (1 - down) + lower * down
    if np.issubdtype(picture.dtype, np.integer):
        mixed = np.rint(mixed)
    return mixed.astype(picture.dtype)
