"""What goes on with a text: the one face that networks show to sampling, scoring and poems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from gatework.write.vocabulary import Vocabulary

if TYPE_CHECKING:
    from gatework.write.sampling.settings import Sampling


class TokenModel(Protocol):
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


class HiddenTokenModel(Protocol):
    """A token model that shows what its last layer gave: the neural cache of scoring needs it."""

    @property
    def hidden(self) -> np.ndarray:
        """What the last step handed to the head, (B, O), float32, valid until the next call."""
        ...


@runtime_checkable
class SamplingTokenModel(Protocol):
    """A token model that also draws its tokens itself, many steps in one call."""

    def write(
        self,
        tokens: np.ndarray,
        sampling: Sampling,
        draws: np.ndarray,
        *,
        recent: np.ndarray,
        allow_end: bool,
    ) -> np.ndarray:
        """Read a token in each row, choose the next, read that one, and so on.

        It chooses as ``gatework.write.sampling.choose`` does, the n-th token of a row by the n-th
        of its draws. The last tokens have been chosen and not read. A row that comes to END has
        END from there on; what it would go on with is of no account.

        Shapes:
            tokens: (B), int64, to be read first. draws: (B, N), float64.
            recent: (B, W), int64, the last W tokens of each row including ``tokens``, the oldest
            first, filled up with END in front; W is sampling.repetition_window, or 0 where
            there is no penalty. returns: (B, N), int64.
        """
        ...
