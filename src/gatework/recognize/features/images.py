"""A picture of fixed size as a sequence of its rows, its columns or its single pixels."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gatework.checks import checked, one_of, whole
from gatework.errors import ShapeError
from gatework.recognize.features.base import Features

MOST_PIXELS = 4096
"""Of a side."""


@dataclass(frozen=True)
class ImageFeatures(Features):
    """What rows, columns and pixels share: a size that all pictures are brought to.

    Args:
        height: rows of pixels.
        width: pixels in a row.
        colour: three values a pixel (red, green, blue) in place of its brightness.

    Raises:
        OptionError: when a side is not from 1 to 4096.
    """

    height: int = checked(28, whole(1, MOST_PIXELS))
    width: int = checked(28, whole(1, MOST_PIXELS))
    colour: bool = checked(False, one_of((False, True)))

    reads: ClassVar[str] = "image"

    def size_for(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and width that a picture of any size is brought to."""
        return self.height, self.width

    def __call__(self, content: np.ndarray) -> np.ndarray:
        """Return the sequence of a picture, float32 from 0 (black) to 1.

        Shapes:
            content: (height, width), or (height, width, 3) where colour is True; 0 to 255.
            returns: (T, C).

        Raises:
            ShapeError: when the picture has another size.
        """
        shape = (self.height, self.width, 3) if self.colour else (self.height, self.width)
        content = np.asarray(content)
        if content.shape != shape:
            raise ShapeError(
                f"the picture must have the shape {shape}, got {content.shape}",
                hint="gatework.recognize.readers.read_files scales pictures to size",
            )
        scaled = content.astype(np.float32) / np.float32(255)
        return np.ascontiguousarray(self._steps(scaled.reshape(self.height, self.width, -1)))

    @property
    def channels(self) -> int:
        """Return the values of a step."""
        return self._steps(np.broadcast_to(0.0, (self.height, self.width, self.values))).shape[1]

    @abstractmethod
    def _steps(self, picture: np.ndarray) -> np.ndarray:
        """Return the sequence (T, C) of a picture (height, width, values)."""

    @property
    def values(self) -> int:
        """Return the values of a pixel."""
        return 3 if self.colour else 1


class Rows(ImageFeatures):
    """A row of pixels a step, from the top.

    Example:
        >>> Rows(height=4, width=3)(np.full((4, 3), 255)).shape
        (4, 3)
    """

    kind: ClassVar[str] = "rows"

    def _steps(self, picture: np.ndarray) -> np.ndarray:
        return picture.reshape(self.height, -1)


class Columns(ImageFeatures):
    """A column of pixels a step, from the left.

    Example:
        >>> Columns(height=4, width=3)(np.full((4, 3), 255)).shape
        (3, 4)
    """

    kind: ClassVar[str] = "columns"

    def _steps(self, picture: np.ndarray) -> np.ndarray:
        return picture.transpose(1, 0, 2).reshape(self.width, -1)


class Pixels(ImageFeatures):
    """A pixel a step, row by row: the longest way to read a picture, a test of memory.

    Example:
        >>> Pixels(height=4, width=3)(np.full((4, 3), 255)).shape
        (12, 1)
    """

    kind: ClassVar[str] = "pixels"

    def _steps(self, picture: np.ndarray) -> np.ndarray:
        return picture.reshape(-1, self.values)
