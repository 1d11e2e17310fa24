"""The baseline of a classification: the label of the sequence that is nearest."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from gatework.recognize.evaluation import Share, wilson
from gatework.recognize.scaling import Scaling
from gatework.recognize.sequences import Sequences

MOST_STEPS = 256
"""Steps that sequences are brought to at most."""
MOST_NUMBERS = 2**27
"""Numbers that all sequences to be compared with may hold; of more some are taken, drawn evenly."""
_BLOCK = 1024
CHANCE = 6
"""Sequences that one must be ahead of the other to be better by more than chance.

Fewer are no surprise at 5 % in the sign test, even if both fail at no sequence in common.
"""


@dataclass(frozen=True)
class Nearest:
    """What the nearest neighbour recognises.

    Attributes:
        share: of the sequences.
        among: sequences that it was looked for in.
        total: sequences that there were.
    """

    share: Share
    among: int
    total: int

    def sentence(self, share: Share) -> str:
        """Return what it comes to, and which of it and a model that got ``share`` is better."""
        mine, other = share.right, self.share.right
        how = "better than the model" if other > mine else "as good as the model"
        how = "the model is better" if other < mine else how
        if 0 < abs(mine - other) < CHANCE:
            how += f" by {abs(mine - other)} of {share.total:,}, which may be chance"
        of = "" if self.among == self.total else f" among {self.among:,} of {self.total:,}"
        return f"the nearest neighbour{of} recognises {self.share.told()[0]}: {how}"


def nearest(known: Sequences, asked: Sequences) -> Nearest:
    """Return how many sequences have the label of the one that is nearest among those known.

    The distance is Euclid's, of all channels, each standardised by those known, after sequences
    were brought to one length: the median of those known. Texts are compared by how often they have
    each character.

    Args:
        known: sequences with labels.
        asked: others, of as many channels, with labels.

    Example:
        >>> X = tuple(np.full((3, 1), value, np.float32) for value in (0, 1, 5, 6))
        >>> both = Sequences(X, tuple("abcd"), ("low", "low", "high", "high"))
        >>> nearest(both.rows([0, 2]), both.rows([1, 3])).share.value
        1.0

    Source: Cover and Hart 1967, doi:10.1109/TIT.1967.1053964.
    """
    steps = min(MOST_STEPS, int(np.median(known.lengths)))
    total, most = len(known), max(1, MOST_NUMBERS // (steps * known.channels))
    if total > most:
        known = known.rows(np.sort(np.random.default_rng(0).permutation(total)[:most]))
    how = "none" if known.kind == "text" else "auto"
    scaling = Scaling.of(known.values, how, known.kind)
    labels, wanted = known.labels or (), asked.labels or ()
    there = np.stack([_alike(part, known.kind, steps, scaling) for part in known.values])
    sizes, right = np.square(there).sum(axis=1), 0
    for begin in range(0, len(asked), _BLOCK):
        rows = range(begin, min(begin + _BLOCK, len(asked)))
        here = np.stack([_alike(asked.values[row], known.kind, steps, scaling) for row in rows])
        closest = (sizes - 2 * here @ there.T).argmin(axis=1)  # less what is alike for all
        right += sum(labels[n] == wanted[m] for n, m in zip(closest, rows, strict=True))
    return Nearest(wilson(right, len(asked)), len(known), total)


def also_learned(known: Sequences, asked: Sequences) -> int:
    """Return how many of the sequences asked for stand among those known, number for number.

    Example:
        >>> four = Sequences(tuple(np.full((3, 1), n) for n in (0, 1, 1, 2)), tuple("abcd"))
        >>> also_learned(four.rows([0, 1]), four.rows([2, 3]))
        1
    """
    there = {_numbers(part) for part in known.values}
    return sum(_numbers(part) in there for part in asked.values)


def also_learned_note(count: int, total: int) -> str:
    """Return a sentence on so many of the sequences of a test that were learned, too."""
    stand = "stands" if count == 1 else "stand"
    return (
        f"{count:,} of {total:,} sequences {stand} among those that the model learned from, and "
        "cannot tell how it recognises new ones"
    )


def _numbers(values: np.ndarray) -> tuple[int, bytes]:
    return len(values), sha256(values.tobytes()).digest()


def _alike(values: np.ndarray, kind: str, steps: int, scaling: Scaling) -> np.ndarray:
    """Return a sequence (T, C) as a vector of a length that is the same for all."""
    values = scaling.apply(values)
    if kind == "text":
        return values.mean(axis=0)
    if len(values) != steps:
        places = np.linspace(0, len(values) - 1, steps)
        low = np.floor(places).astype(int)
        share = (places - low)[:, None].astype(np.float32)
        values = values[low] * (1 - share) + values[np.minimum(low + 1, len(values) - 1)] * share
    return values.ravel()
