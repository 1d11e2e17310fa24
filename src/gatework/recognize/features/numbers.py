"""Numbers that are a sequence already: rows of a table, arrays, measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gatework.errors import OptionError, ShapeError
from gatework.recognize.features.base import Features


@dataclass(frozen=True)
class Numbers(Features):
    """The channels of a table by name, taken as they are.

    Args:
        names: of the channels.

    Raises:
        OptionError: when there is no name, or one is there twice.
        ShapeError: when called with other channels.

    Example:
        >>> Numbers(("heat", "load"))(np.ones((5, 2))).shape
        (5, 2)
    """

    names: tuple[str, ...]

    kind: ClassVar[str] = "numbers"
    reads: ClassVar[str] = "table"

    def __post_init__(self) -> None:
        names = self.names
        if not isinstance(names, tuple) or not names or not all(isinstance(n, str) for n in names):
            raise OptionError(f"names must be a tuple of names, got {names!r}")
        if len(set(names)) < len(names):
            raise OptionError("names must be different, one is there twice")

    @property
    def channels(self) -> int:
        """Return how many there are."""
        return len(self.names)

    def __call__(self, content: np.ndarray) -> np.ndarray:
        """Return a content (T, C) as float32."""
        content = np.asarray(content, np.float32)
        if content.ndim != 2 or content.shape[1] != self.channels:
            raise ShapeError(
                f"the sequence must have the {self.channels} channels {', '.join(self.names)}, "
                f"got the shape {content.shape}"
            )
        return content
