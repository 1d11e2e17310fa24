"""Pictures varied by shifts, turns, sizes and elastic bends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from gatework.checks import checked, number
from gatework.recognize.augment.base import Augmentation


@dataclass(frozen=True)
class ImageAugmentation(Augmentation):
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

    shift: float = checked(2.0, number(0, 1000))
    rotation: float = checked(10.0, number(0, 180))
    scale: float = checked(0.1, number(0, 0.9))
    shear: float = checked(0.1, number(0, 2))
    elastic: float = checked(0.0, number(0, 1000))
    smoothness: float = checked(8.0, number(0.5, 1000))

    reads: ClassVar[str] = "image"
    REFUSAL: ClassVar[str] = "pictures cannot be varied like this"

    def vary(self, content: np.ndarray, draw: Generator) -> np.ndarray:
        """Return a picture (H, W) or (H, W, 3) of the same size and kind of numbers."""
        return self.vary_all(content[None], [draw])[0]

    def vary_all(self, contents: np.ndarray, draws: Sequence[Generator]) -> np.ndarray:
        """Return pictures (N, H, W) or (N, H, W, 3) of one size, each as ``vary`` would."""
        height, width = contents.shape[1:3]
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        middle = np.float32((height - 1) / 2), np.float32((width - 1) / 2)
        y, x = rows - middle[0], columns - middle[1]
        amounts = np.array([draw.uniform(-1, 1, 5) for draw in draws], np.float32)
        turn = np.deg2rad(amounts[:, 0] * np.float32(self.rotation))[:, None, None]
        size = 1 + amounts[:, 1, None, None] * np.float32(self.scale)
        lean = amounts[:, 2, None, None] * np.float32(self.shear)
        shift = amounts[:, 3:, None, None] * np.float32(self.shift)
        cos, sin = np.cos(turn) / size, np.sin(turn) / size
        leaning = x + lean * y
        from_y = cos * y - sin * leaning + shift[:, 0] + middle[0]
        from_x = sin * y + cos * leaning + shift[:, 1] + middle[1]
        if self.elastic:
            bends = np.float32(self.elastic) * _bends(height, width, self.smoothness, draws)
            from_y, from_x = from_y + bends[:, 0], from_x + bends[:, 1]
        return _sampled(contents, from_y, from_x)


def _bends(height: int, width: int, smoothness: float, draws: Sequence[Generator]) -> np.ndarray:
    """Return smooth random fields (N, 2, H, W) from -1 to 1: coarse ones, drawn out smoothly."""
    rows, columns = (max(2, round(side / smoothness) + 1) for side in (height, width))
    coarse = np.array([draw.uniform(-1, 1, (2, rows, columns)) for draw in draws], np.float32)
    return _stretch(rows, height) @ coarse @ _stretch(columns, width).T


def _stretch(few: int, many: int) -> np.ndarray:
    """Return weights (many, few) that go smoothly from each of a few points to the next."""
    place = np.linspace(0, few - 1, many)
    before = np.minimum(place.astype(int), few - 2)
    along = place - before
    along = along**2 * (3 - 2 * along)
    weights = np.zeros((many, few), np.float32)
    weights[np.arange(many), before] = 1 - along
    weights[np.arange(many), before + 1] += along
    return weights


def _sampled(pictures: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return pictures (N, H, W, ...) read at places (N, H, W) between their pixels, bilinear."""
    count, height, width = pictures.shape[:3]
    y, x = np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    down, right = (y - top).astype(np.float32), (x - left).astype(np.float32)
    if pictures.ndim == 4:
        down, right = down[..., None], right[..., None]
    flat = pictures.reshape(count * height * width, *pictures.shape[3:])
    first = np.arange(count)[:, None, None] * (height * width) + top * width + left
    beside = (left < width - 1).astype(np.intp)
    below = first + (top < height - 1) * width
    upper = flat[first] * (1 - right) + flat[first + beside] * right
    lower = flat[below] * (1 - right) + flat[below + beside] * right
    mixed = upper * (1 - down) + lower * down
    if np.issubdtype(pictures.dtype, np.integer):
        mixed = np.rint(mixed)
    return mixed.astype(pictures.dtype)
