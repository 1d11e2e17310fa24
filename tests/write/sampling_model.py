"""A token model without a network: what follows is a table by the last two tokens of each row."""

from __future__ import annotations

import numpy as np

from gatework.write.sampling import Sampling, choose
from gatework.write.vocabulary import Vocabulary


class TableModel:
    """Log-probabilities looked up; it notes what it was asked to do.

    Args:
        vocabulary: its tokens.
        table: (V, V, V), log-probabilities by the last token but one, the last, and the next.
    """

    def __init__(self, vocabulary: Vocabulary, table: np.ndarray) -> None:
        self.vocabulary = vocabulary
        self.table = table.astype(np.float32)
        self.rows = 0
        self.steps = 0
        self._last = np.zeros((0, 2), np.int64)

    @classmethod
    def of(cls, vocabulary: Vocabulary, seed: int, *, spread: float = 2.0) -> TableModel:
        size = len(vocabulary)
        scores = np.random.default_rng(seed).normal(0, spread, (size, size, size))
        return cls(vocabulary, scores - np.log(np.exp(scores).sum(axis=2, keepdims=True)))

    def start(self, rows: int) -> None:
        self.rows = rows
        self._last = np.zeros((rows, 2), np.int64)

    def step(self, tokens: np.ndarray) -> np.ndarray:
        assert tokens.shape == (self.rows,)
        self.steps += 1
        self._last = np.stack([self._last[:, 1], tokens], axis=1)
        return self.table[self._last[:, 0], self._last[:, 1]]

    def keep(self, rows: np.ndarray) -> None:
        self._last = self._last[rows]
        self.rows = len(rows)

    @property
    def hidden(self) -> np.ndarray:
        """The last token, one-hot."""
        return np.eye(len(self.vocabulary), dtype=np.float32)[self._last[:, 1]]


class SamplingTableModel(TableModel):
    """The same, drawing its tokens itself."""

    def write(
        self,
        tokens: np.ndarray,
        sampling: Sampling,
        draws: np.ndarray,
        *,
        recent: np.ndarray,
        allow_end: bool,
    ) -> np.ndarray:
        written = np.zeros(draws.shape, np.int64)
        for place in range(draws.shape[1]):
            logs = self.step(tokens)
            tokens = choose(logs, sampling, draws[:, place], recent=recent, allow_end=allow_end)
            if place and (ended := written[:, place - 1] == Vocabulary.END).any():
                tokens = np.where(ended, Vocabulary.END, tokens)
            written[:, place] = tokens
            recent = np.concatenate([recent, tokens[:, None]], axis=1)[:, -recent.shape[1] :]
        return written


def letters(count: int = 5) -> Vocabulary:
    return Vocabulary("char", [chr(ord("a") + k) for k in range(count)])
