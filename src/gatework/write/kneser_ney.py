"""NgramBaseline runs of tokens with interpolated modified Kneser-Ney smoothing: the simple model.

Source: Kneser and Ney 1995, doi 10.1109/ICASSP.1995.479394; the three discounts of each order are
those of Chen and Goodman 1999, doi 10.1006/csla.1999.0128, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatework.errors import counted
from gatework.write.vocabulary import Vocabulary

LENGTH = 6
"""Tokens of the longest runs: longer ones gained nothing on a million characters of plays."""

LEAST = 0.1
"""A discount at least, so that something is left for what never came."""

MOST_TOKENS = 1_000_000
"""Tokens that are counted at most, for a larger text would take more memory than training."""


@dataclass(frozen=True)
class NgramBaseline:
    """What a model of counted runs of tokens comes to on texts that it did not count.

    Attributes:
        loss: nats a token.
        length: tokens of the longest runs.
        tokens, total: how many were counted, and how many there were.
    """

    loss: float
    length: int
    tokens: int
    total: int

    def sentence(self, loss: float) -> str:
        """Return what it comes to, and whether it or a network with another loss is better."""
        of = "" if self.tokens == self.total else f" of the last {counted(self.tokens, 'token')}"
        how = "the network is better" if loss < self.loss else "better than the network"
        if f"{loss:.3f}" == f"{self.loss:.3f}":
            how = "as good as the network"
        return (
            f"counting runs of up to {self.length} tokens{of} (Kneser-Ney) comes to "
            f"{self.loss:.4f}: {how}"
        )


def count_runs(
    train: Sequence[np.ndarray], validation: Sequence[np.ndarray], size: int
) -> NgramBaseline | None:
    """Return what counting runs of tokens comes to, None where nothing is to be measured.

    Args:
        train: documents (T) each, of which the last MOST_TOKENS are counted.
        validation: others, (T) each.
        size: V, of the vocabulary.

    Example:
        >>> texts = [np.tile([2, 3, 4], 50)]
        >>> count_runs(texts, texts, 5).loss < 0.2
        True
    """
    if not validation:
        return None
    parts: list[np.ndarray] = []
    left = MOST_TOKENS
    for document in reversed(train):
        if not left:
            break
        parts.append(document[-left:])
        left -= len(parts[-1])
    told = KneserNey(parts, size, LENGTH).log_probabilities([d[:MOST_TOKENS] for d in validation])
    return NgramBaseline(-float(told.mean()), LENGTH, sum(map(len, parts)), sum(map(len, train)))


@dataclass
class Order:
    """The n-grams of one length: the one with key context * V + token, in the order of keys.

    Shapes:
        keys, counts: (n-grams). sums, backoff: (contexts).
    """

    keys: np.ndarray
    counts: np.ndarray
    discounts: np.ndarray
    sums: np.ndarray
    backoff: np.ndarray

    @classmethod
    def of(cls, keys: np.ndarray, counts: np.ndarray, contexts: int, size: int) -> Order:
        """Return n-grams with the discounts, sums and left-over shares that follow from counts."""
        n1, n2, n3, n4 = (max(1, int((counts == c).sum())) for c in (1, 2, 3, 4))
        y = n1 / (n1 + 2 * n2)
        discounts = np.array([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
        discounts = np.clip(discounts, [0, LEAST, LEAST, LEAST], [0, 1, 2, 3])
        context = keys // size
        sums = np.bincount(context, counts, contexts)
        taken = np.minimum(discounts[np.minimum(counts, 3).astype(int)], counts)
        left = np.bincount(context, taken, contexts)
        return cls(keys, counts, discounts, sums, left / np.maximum(sums, 1))

    def find(self, wanted: np.ndarray) -> np.ndarray:
        """Return the places of n-grams by their keys, -1 for those that never came."""
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, place, -1)


class KneserNey:
    """Tells how likely a token is after the tokens before it.

    Args:
        documents: (T) each, one of them not empty; Vocabulary.END is put before and after each.
        size: V, of the vocabulary.
        length: of the longest n-grams.
    """

    def __init__(self, documents: Sequence[np.ndarray], size: int, length: int = 5) -> None:
        self.size, self.length = size, length
        tokens, real = self._padded(documents)
        gram = np.zeros(len(tokens), np.int64)  # which n-gram ends at each token
        found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.orders: list[Order] = []
        for n in range(1, length + 1):
            context = np.concatenate([np.zeros(1, np.int64), gram[:-1]])
            keys, first, longer = np.unique(
                context * size + tokens, return_index=True, return_inverse=True
            )
            counts = np.bincount(longer[real], minlength=len(keys))
            if n > 1:
                self._continue(found[-1], gram[first[counts > 0]])
            gram = longer
            found.append((keys, counts, tokens[np.maximum(first - n + 1, 0)]))
        self._add(found[-1][0], found[-1][1].astype(np.float64))

    def _continue(
        self, shorter: tuple[np.ndarray, np.ndarray, np.ndarray], suffixes: np.ndarray
    ) -> None:
        """Count in how many contexts n-grams came; what begins a document has no other."""
        keys, counts, firsts = shorter
        continuations = np.bincount(suffixes, minlength=len(keys))
        weights = np.where(firsts == Vocabulary.END, counts, continuations)
        self._add(keys, weights.astype(np.float64))

    def _add(self, keys: np.ndarray, weights: np.ndarray) -> None:
        contexts = len(self.orders[-1].keys) if self.orders else 1
        self.orders.append(Order.of(keys, weights, contexts, self.size))

    def log_probabilities(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        """Return the log-probability of every token of documents, and of their ends, in nats."""
        tokens, real = self._padded(documents)
        probability = np.full(len(tokens), 1 / self.size)
        context = np.zeros(len(tokens), np.int64)
        for order in self.orders:
            gram = order.find(np.where(context < 0, -1, context * self.size + tokens))
            sums = np.where(context >= 0, order.sums[context], 0)
            used = sums > 0
            count = np.where(gram >= 0, order.counts[gram], 0)
            kept = np.maximum(count - order.discounts[np.minimum(count, 3).astype(int)], 0)
            share = np.where(used, order.backoff[context], 1)
            probability = kept / np.where(used, sums, 1) + share * probability
            context = np.concatenate([np.zeros(1, np.int64), gram[:-1]])
        return np.log(probability[real])

    def _padded(self, documents: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return documents one behind the other, and the places that count: not those before."""
        before = np.full(self.length - 1, Vocabulary.END)
        parts = [part for d in documents for part in (before, d, [Vocabulary.END])]
        counts = [np.r_[np.zeros(len(before), bool), np.ones(len(d) + 1, bool)] for d in documents]
        return np.concatenate(parts).astype(np.int64), np.flatnonzero(np.concatenate(counts))
