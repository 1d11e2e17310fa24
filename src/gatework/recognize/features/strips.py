"""A line of text or of music as a sequence of strips, from the left to the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gatework.checks import checked, one_of, optional, whole
from gatework.errors import ShapeError
from gatework.recognize.features.base import Features
from gatework.recognize.features.images import MOST_PIXELS


@dataclass(frozen=True)
class Strips(Features):
    """A window of a few columns a step, slid over a picture of any width.

    A picture is brought to ``height``, its width in proportion; T = ceil(width / hop) steps. The
    last windows are filled up with the background, the colour that is most frequent on the border.

    Args:
        height: rows of pixels.
        columns: of a window.
        hop: columns from one window to the next; ``columns`` where left out, so that windows
            touch.
        colour: three values a pixel in place of its brightness.

    Raises:
        OptionError: when a number is out of range.
        ShapeError: when called with a picture of another height.

    Example:
        >>> Strips(height=8, columns=4, hop=2)(np.zeros((8, 10))).shape
        (5, 32)
    """

    height: int = checked(28, whole(1, MOST_PIXELS))
    columns: int = checked(4, whole(1, MOST_PIXELS))
    hop: int | None = checked(None, optional(whole(1, MOST_PIXELS)))
    colour: bool = checked(False, one_of((False, True)))

    kind: ClassVar[str] = "strips"
    reads: ClassVar[str] = "image"

    @property
    def channels(self) -> int:
        """Return the values of a window."""
        return self.height * self.columns * (3 if self.colour else 1)

    def size_for(self, height: int, width: int) -> tuple[int, int]:
        """Return the height and width that a picture of any size is brought to."""
        return self.height, max(1, round(width * self.height / height))

    def __call__(self, content: np.ndarray) -> np.ndarray:
        """Return the windows of a picture, (T, C), float32 from 0 (black) to 1.

        Within a window the values go column by column, each from the top.
        """
        content = np.asarray(content)
        wanted = 3 if self.colour else 2
        if content.ndim != wanted or content.shape[0] != self.height or not content.shape[1]:
            what = f"({self.height}, any width{', 3' if self.colour else ''})"
            raise ShapeError(f"the picture must have the shape {what}, got {content.shape}")
        picture = content.astype(np.float32).reshape(*content.shape[:2], -1) / np.float32(255)
        hop = self.hop or self.columns
        steps = -(-picture.shape[1] // hop)
        missing = max(0, (steps - 1) * hop + self.columns - picture.shape[1])
        fill = np.broadcast_to(_background(picture), (self.height, missing, picture.shape[2]))
        columns = np.concatenate([picture, fill], axis=1).transpose(1, 0, 2)
        windows = np.lib.stride_tricks.sliding_window_view(columns, self.columns, axis=0)
        return windows[::hop][:steps].transpose(0, 3, 1, 2).reshape(steps, -1).copy()


def _background(picture: np.ndarray) -> np.ndarray:
    """Return the value (values) that is most frequent on the border of a picture (H, W, values)."""
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    found, counts = np.unique(border, axis=0, return_counts=True)
    return found[counts.argmax()]
