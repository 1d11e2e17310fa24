"""Prefix beam search: the most probable transcript over all its paths, with a language model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from gatework.errors import OptionError
from gatework.recognize.ctc.greedy import BLANK

LEAST_SHARE = 1e-4
"""Labels that are less probable at a step do not extend a prefix there."""

Prefix = tuple[int, ...]


class LanguageModel(Protocol):
    """What tells how a text goes on: a token model of gatework.write.

    Attributes:
        vocabulary: with ``encode(text)``, the numbers of its tokens; number 0 begins a text, and
            number 1 stands for what it does not know.
    """

    vocabulary: Any

    def start(self, rows: int) -> Any:
        """Begin so many texts."""
        ...

    def step(self, tokens: np.ndarray) -> np.ndarray:
        """Read a token in each row; return log-probabilities of what follows, (B, V)."""
        ...


def beam_search(
    logits: np.ndarray, width: int, *, judge: Judge | None = None
) -> list[tuple[list[int], float]]:
    """Return the best transcripts, each with its score, the best first.

    Each prefix of a transcript carries the probability of all paths that read as it, those that
    end in a blank and those that end in its last label apart; the best ``width`` are kept a step.

    Args:
        logits: (T, K), number 0 is the blank.
        width: prefixes that are kept.
        judge: weighs every label that is added; None for the network alone.

    Equations:
        score = log p(labels | input) + alpha log p(labels) + beta |labels|

    Example:
        >>> logits = np.log([[0.6, 0.4], [0.6, 0.4]])  # no label is the best path, with 0.36
        >>> beam_search(logits, 4)[0][0]  # but the paths that read 1 have 0.64 together
        [1]

    Source: Hannun, Maas, Jurafsky, Ng 2014, arXiv:1408.2873, algorithm 1, in logarithms; there
        the bonus is beta log |labels|.
    """
    shares = _log_softmax(logits)
    beams: dict[Prefix, tuple[float, float]] = {(): (0.0, -math.inf)}  # ends in blank, in label
    given: dict[Prefix, float] = {(): 0.0}
    for row in shares:
        following: dict[Prefix, tuple[float, float]] = {}
        labels = [int(k) for k in np.flatnonzero(row >= math.log(LEAST_SHARE)) if k != BLANK]
        row = row.tolist()
        for prefix, (blank, label) in beams.items():
            whole = _add(blank, label)
            old = following.get(prefix, _NONE)
            stays = label + row[prefix[-1]] if prefix else -math.inf
            following[prefix] = (_add(old[0], whole + row[BLANK]), _add(old[1], stays))
            for k in labels:
                longer = (*prefix, k)
                reached = blank if prefix and k == prefix[-1] else whole
                old = following.get(longer, _NONE)
                following[longer] = (old[0], _add(old[1], reached + row[k]))
                if longer not in given:
                    added = 0.0 if judge is None else judge(prefix, k)
                    given[longer] = given[prefix] + added
        ranked = sorted(following, key=lambda p: _add(*following[p]) + given[p], reverse=True)
        beams = {prefix: following[prefix] for prefix in ranked[:width]}
        given = {prefix: given[prefix] for prefix in beams}
        if judge is not None:
            judge.keep(list(beams))
    return [(list(p), _add(*beams[p]) + given[p]) for p in beams]


class Judge:
    """Weighs what a label adds to a transcript, by a language model and by its length.

    Args:
        texts: of each label, the blank being the first.
        model: of language; None for the bonus alone.
        alpha: weight of its log-probabilities.
        beta: bonus of a label.

    Raises:
        OptionError: when the model does not know a label as one token.
    """

    def __init__(
        self, texts: Sequence[str], model: LanguageModel | None, alpha: float, beta: float
    ) -> None:
        self.model, self.alpha, self.beta = model, alpha, beta
        self._known: dict[Prefix, np.ndarray] = {}
        self._numbers = [0] * len(texts)
        if model is None:
            return
        for label, text in enumerate(texts[1:], 1):
            numbers = model.vocabulary.encode(text)
            if len(numbers) != 1 or int(numbers[0]) <= 1:
                raise OptionError(
                    f"the language model does not know the label {text!r} as one token",
                    hint="a language model of characters that was trained on such transcripts",
                )
            self._numbers[label] = int(numbers[0])

    def __call__(self, prefix: Prefix, label: int) -> float:
        """Return what a label behind a prefix adds to the score."""
        if self.model is None:
            return self.beta
        if prefix not in self._known:
            self._read([prefix])
        return self.alpha * float(self._known[prefix][self._numbers[label]]) + self.beta

    def keep(self, prefixes: list[Prefix]) -> None:
        """Read the prefixes that are new, all of a length at once, and forget all others."""
        if self.model is None:
            return
        self._known = {p: self._known[p] for p in prefixes if p in self._known}
        new: dict[int, list[Prefix]] = {}
        for prefix in prefixes:
            if prefix not in self._known:
                new.setdefault(len(prefix), []).append(prefix)
        for alike in new.values():
            self._read(alike)

    def _read(self, prefixes: list[Prefix]) -> None:
        """Let the language model read prefixes of one length from their beginning."""
        assert self.model is not None
        self.model.start(len(prefixes))
        found = self.model.step(np.zeros(len(prefixes), np.int64))
        for place in range(len(prefixes[0])):
            tokens = [self._numbers[prefix[place]] for prefix in prefixes]
            found = self.model.step(np.array(tokens, np.int64))
        for row, prefix in enumerate(prefixes):
            self._known[prefix] = np.array(found[row], np.float64)


_NONE = (-math.inf, -math.inf)


def _add(a: float, b: float) -> float:
    """Return log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    scaled = logits.astype(np.float64)
    scaled -= scaled.max(axis=1, keepdims=True)
    return scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
