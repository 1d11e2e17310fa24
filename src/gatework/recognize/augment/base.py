"""What all augmentations are: amounts within bounds, and what they leave as it is."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from gatework.recognize.bounds import Bounded


class Augmentation(Bounded):
    """How a sequence is varied while training, before and after the features are taken.

    One that has ``vary_all(contents, draws)`` is given contents of one shape together.

    Attributes:
        reads: what contents it varies, one of gatework.recognize.sequences.KINDS; "array" for the
            features of every kind.
    """

    reads: ClassVar[str]

    @property
    def keeps_steps(self) -> bool:
        """Whether each step stays where it is, so that its label stays true."""
        return True

    @property
    def keeps_whole(self) -> bool:
        """Whether all of a sequence is still there, so that its transcript stays true."""
        return True

    def vary(self, content: Any, draw: Generator) -> Any:
        """Return a content that means the same."""
        return content

    def vary_features(self, values: np.ndarray, draw: Generator) -> np.ndarray:
        """Return features (T, C) that mean the same, T possibly not as before."""
        return values
