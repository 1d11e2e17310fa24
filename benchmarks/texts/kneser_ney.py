"""An n-gram model with interpolated modified Kneser-Ney smoothing, the classic rival.

Source: Kneser and Ney 1995, doi 10.1109/ICASSP.1995.479394; the three discounts of each order are
those of Chen and Goodman 1999, doi 10.1006/csla.1999.0128, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

END = 0


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


class KneserNey:
    """Tells how likely a token is after the tokens before it.

    Args:
        documents: (T) each; END is put before and after each.
        size: V, of the vocabulary.
        length: of the longest n-grams.
    """

    def __init__(self, documents: Sequence[np.ndarray], size: int, length: int = 5) -> None:
        self.size, self.length = size, length
        tokens = self._padded(documents)
        grams, firsts, suffixes = [np.zeros(len(tokens), np.int64)], [], []
        keys: list[np.ndarray] = []
        counts: list[np.ndarray] = []
        real = self._real(documents)
        for n in range(1, length + 1):
            context = np.concatenate([np.zeros(1, np.int64), grams[-1][:-1]])
            found, first, inverse, count = np.unique(
                context * size + tokens, return_index=True, return_inverse=True, return_counts=True
            )
            grams.append(inverse)
            keys.append(found)
            counts.append(np.bincount(inverse[real], minlength=len(found)))
            firsts.append(tokens[np.maximum(first - n + 1, 0)])
            suffixes.append(first)
            del count
        self.orders = []
        for n in range(1, length + 1):
            weights = counts[n - 1].astype(np.float64)
            if n < length:  # in how many contexts; what begins a document has no other
                longer = counts[n] > 0
                suffix = grams[n][suffixes[n][longer]]
                continuations = np.bincount(suffix, minlength=len(weights)).astype(np.float64)
                weights = np.where(firsts[n - 1] == END, weights, continuations)
            contexts = 1 if n == 1 else len(keys[n - 2])
            self.orders.append(_order(keys[n - 1], weights, contexts, size))

    def log_probabilities(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        """Return the log-probability of every token of documents, and of their ends, in nats."""
        tokens = self._padded(documents)
        real = self._real(documents)
        probability = np.full(len(tokens), 1 / self.size)
        context = np.zeros(len(tokens), np.int64)
        for order in self.orders:
            gram = _find(order.keys, np.where(context < 0, -1, context * self.size + tokens))
            known = context >= 0
            sums = np.where(known, order.sums[context], 0)
            used = sums > 0
            count = np.where(gram >= 0, order.counts[gram], 0)
            kept = np.maximum(count - order.discounts[np.minimum(count, 3).astype(int)], 0)
            share = np.where(used, order.backoff[context], 1)
            probability = kept / np.where(used, sums, 1) * used + share * probability
            context = np.concatenate([np.zeros(1, np.int64), gram[:-1]])
        return np.log(probability[real])

    def _padded(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        pad = np.full(self.length - 1, END)
        parts = [part for document in documents for part in (pad, document, pad[:1])]
        return np.concatenate(parts)

    def _real(self, documents: Sequence[np.ndarray]) -> np.ndarray:
        """Return the places of the tokens that count: all but those before a document."""
        pad = self.length - 1
        kept = [np.r_[np.zeros(pad, bool), np.ones(len(d) + 1, bool)] for d in documents]
        return np.flatnonzero(np.concatenate(kept))


def _order(keys: np.ndarray, counts: np.ndarray, contexts: int, size: int) -> Order:
    """Return n-grams with the discounts, sums and left-over shares that follow from counts."""
    n1, n2, n3, n4 = (max(1, int((counts == c).sum())) for c in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    discounts = np.array([0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3])
    discounts = np.clip(discounts, 0, [0, 1, 2, 3])
    context = keys // size
    sums = np.bincount(context, counts, contexts)
    taken = discounts[np.minimum(counts, 3).astype(int)]
    left = np.bincount(context, np.minimum(taken, counts), contexts)
    return Order(keys, counts, discounts, sums, left / np.maximum(sums, 1))


def _find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return where keys are, -1 where they are not."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)
