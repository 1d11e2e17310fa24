"""What a language model made of tokens that came: one by one, and in sum."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gatework.write.vocabulary import Vocabulary


class Judged(NamedTuple):
    """What a model made of some tokens in a row.

    Attributes:
        tokens: the tokens that came, (T), int64.
        logs: their log-probabilities in nats, (T), float64.
        ranks: how many tokens were as likely or likelier, themselves counted; 1 is the most likely
            token, (T), int64. Of equally likely ones the lower number goes first.
        alternatives: the most likely token other than the one that came, (T), int64.
        alternative_logs: their log-probabilities, (T), float64.
    """

    tokens: np.ndarray
    logs: np.ndarray
    ranks: np.ndarray
    alternatives: np.ndarray
    alternative_logs: np.ndarray


@dataclass(frozen=True)
class Total:
    """How well a model foresaw a whole text.

    Attributes:
        tokens: how many were read; END counts where it was scored.
        characters: how many characters the text has.
        nats: minus the log-probability of the text, natural logarithm.
        unknown: how many tokens were read as UNKNOWN. They are scored by the probability of that
            mark, which flatters a model that knows few tokens.

    Example:
        >>> total = Total(tokens=100, characters=100, nats=138.63, unknown=0)
        >>> round(total.perplexity, 2), round(total.bits_per_character, 2)
        (4.0, 2.0)
    """

    tokens: int
    characters: int
    nats: float
    unknown: int

    @property
    def bits(self) -> float:
        """The surprise of the whole text."""
        return self.nats / math.log(2)

    @property
    def nats_per_token(self) -> float:
        """The mean loss, as training shows it; nan for an empty text."""
        return self.nats / self.tokens if self.tokens else math.nan

    @property
    def perplexity(self) -> float:
        """Among how many equally likely tokens the model wavered, in the geometric mean."""
        mean = self.nats_per_token
        return math.inf if mean > 709 else math.exp(mean)

    @property
    def bits_per_character(self) -> float:
        """The mean surprise of a character: comparable between levels and vocabularies."""
        return self.bits / self.characters if self.characters else math.nan

    def figures(self) -> dict[str, int | float | None]:
        """Return all of it by name, fit for JSON: None where there is no number."""
        names = ("nats", "bits", "nats_per_token", "perplexity", "bits_per_character")
        measured = {name: getattr(self, name) for name in names}
        return {
            "tokens": self.tokens,
            "characters": self.characters,
            "unknown": self.unknown,
            **{name: one if math.isfinite(one) else None for name, one in measured.items()},
        }


class Piece(NamedTuple):
    """A stretch of a text with one surprise: a character, or a word.

    Attributes:
        text: as it stands in the text; "" is its end.
        bits: the surprise.
        known: whether the vocabulary has it.
    """

    text: str
    bits: float
    known: bool


def judged(logs: np.ndarray, tokens: np.ndarray) -> Judged:
    """Return what log-probabilities (T, V) make of the tokens (T) that came."""
    logs = logs.astype(np.float64)
    places = np.arange(len(tokens))
    own = logs[places, tokens]
    likelier = logs > own[:, None]
    tied = (logs == own[:, None]) & (np.arange(logs.shape[1]) < tokens[:, None])
    others = logs.copy()
    others[places, tokens] = -np.inf
    alternatives = others.argmax(axis=1)
    ranks = 1 + (likelier | tied).sum(axis=1)
    return Judged(tokens, own, ranks, alternatives, logs[places, alternatives])


def joined(blocks: Iterable[Judged]) -> Judged:
    """Return blocks, one after the other, as one."""
    found = [*blocks]
    if not found:
        whole, real = np.zeros(0, np.int64), np.zeros(0)
        return Judged(whole, real, whole, whole, real)
    return Judged(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def total_of(blocks: Iterable[Judged], characters: int) -> Total:
    """Return the sums over blocks, which are looked at one by one and not kept."""
    tokens, unknown, nats = 0, 0, 0.0
    for block in blocks:
        tokens += len(block.tokens)
        unknown += int((block.tokens == Vocabulary.UNKNOWN).sum())
        nats -= float(block.logs.sum())
    return Total(tokens, characters, nats + 0.0, unknown)
