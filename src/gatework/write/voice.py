"""What goes on with a text: the one face that networks show to sampling, scoring and poems."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from gatework.write.vocabulary import Vocabulary


class Voice(Protocol):
    """A language model that reads rows of tokens, a step at a time, and tells what may follow.

    Attributes:
        vocabulary: the tokens that it reads and writes.
        rows: B, texts side by side.
    """

    vocabulary: Vocabulary
    rows: int

    def start(self, rows: int) -> None:
        """Begin so many texts; nothing has been read."""
        ...

    def step(self, tokens: np.ndarray) -> np.ndarray:
        """Read a token in each row; return log-probabilities of the token that follows.

        Shapes:
            tokens: (B), int64. returns: (B, V), float32, valid until the next call.
        """
        ...

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows in this order; one may be left out, another taken twice.

        Shapes:
            rows: (any number), int64, each from 0 to B - 1.
        """
        ...
