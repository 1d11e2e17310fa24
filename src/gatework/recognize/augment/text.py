"""Texts varied by letters that are not read and by pieces instead of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from gatework.checks import checked, number
from gatework.recognize.augment.base import Augmentation


@dataclass(frozen=True)
class TextAugmentation(Augmentation):
    """Leave letters of a text unread, and read a piece of it instead of all.

    Without it a network of few texts learns their words by heart; with it, what every piece of
    a text has in common with its class.

    Args:
        hide: the share of characters that are read as unknown, each by itself.
        piece: the least share of the characters that is read: 0.5 for a run of half of the text
            up to all of it, anywhere; 1 for the whole text.

    Raises:
        OptionError: when an amount is out of range.

    Source:
        hidden words: Iyyer et al. 2015, doi:10.3115/v1/P15-1162, section 3.2 (word dropout), here
        of characters.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> TextAugmentation(hide=0, piece=0.5).vary("a piece of a text", draw)
        ' piece of a text'
    """

    hide: float = checked(0.1, number(0, 0.9))
    piece: float = checked(0.5, number(0.01, 1))

    reads: ClassVar[str] = "text"
    REFUSAL: ClassVar[str] = "text cannot be varied like this"

    @property
    def keeps_steps(self) -> bool:
        """Whether each step stays where it is: pieces move them."""
        return self.piece == 1

    @property
    def keeps_whole(self) -> bool:
        """Whether all of it is still there."""
        return self.piece == 1

    def vary(self, content: str, draw: Generator) -> str:
        """Return a piece of the text, at least a character."""
        least = max(1, round(len(content) * self.piece))
        count = int(draw.integers(least, len(content) + 1))
        begin = int(draw.integers(0, len(content) - count + 1))
        return content[begin : begin + count]

    def vary_features(self, values: np.ndarray, draw: Generator) -> np.ndarray:
        """Return characters (T, C), some of them read as channel 0, which stands for unknown."""
        if not self.hide:
            return values
        unread = draw.random(len(values)) < self.hide
        values = values.copy()
        values[unread] = 0
        values[unread, 0] = 1
        return values
