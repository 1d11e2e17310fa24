"""How well a language model foresaw a text, token by token."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.write.scoring.judged import Judged, Piece, Total, total_of
from gatework.write.vocabulary import Vocabulary, split

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True, eq=False)
class Score:
    """How well a model foresaw a text, token by token.

    Attributes:
        vocabulary: that of the model.
        text: what was scored.
        judged: each token with its log-probability, rank and alternative.
    """

    vocabulary: Vocabulary
    text: str
    judged: Judged

    def __len__(self) -> int:
        return len(self.judged.tokens)

    def __repr__(self) -> str:
        return (
            f"Score({len(self)} tokens, perplexity {self.total.perplexity:.4g}, "
            f"{self.total.bits_per_character:.4g} bits a character)"
        )

    @cached_property
    def total(self) -> Total:
        """The sums: perplexity, bits a character, nats."""
        return total_of([self.judged], len(self.text))

    @property
    def bits(self) -> np.ndarray:
        """The surprise of each token, -log2 of its probability, (T), float64."""
        return self.judged.logs / -math.log(2)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The text in stretches; joined they are the text.

        At the level "bytes" a stretch is a character with the sum over its bytes.
        """
        texts = split(self.text, "char" if self._level == "bytes" else self._level)
        bits, known = self.bits, self.judged.tokens != Vocabulary.UNKNOWN
        if self._level == "bytes" and texts:
            sizes = np.array([len(text.encode()) for text in texts])
            starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
            within = int(sizes.sum())
            bits = np.concatenate([np.add.reduceat(bits[:within], starts), bits[within:]])
            known = np.ones(len(bits), bool)
        if len(bits) > len(texts):
            texts = [*texts, ""]
        return tuple(
            Piece(text, float(one), bool(is_known))
            for text, one, is_known in zip(texts, bits, known, strict=True)
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each token, fit for JSON.

        A token is the text itself, "<e6>" a byte that is no character by itself, and None the end
        of the document; bits are None where a token was impossible.

        Example:
            >>> from gatework.write.scoring import judged
            >>> half = np.log(np.array([[0.125, 0.125, 0.5, 0.25]]))
            >>> Score(Vocabulary("char", "ab"), "b", judged(half, np.array([3]))).rows()
            [{'token': 'b', 'bits': 2.0, 'rank': 2, 'alternative': 'a', 'alternative_bits': 1.0}]
        """
        texts = None if self._level == "bytes" else split(self.text, self._level)
        rows = []
        for place, (token, log, rank, other, other_log) in enumerate(
            zip(*(values.tolist() for values in self.judged), strict=True)
        ):
            inside = texts is not None and place < len(texts)
            rows.append(
                {
                    "token": texts[place] if texts and inside else self._name(token),
                    "bits": _bits(log),
                    "rank": rank,
                    "alternative": self._name(other),
                    "alternative_bits": _bits(other_log),
                }
            )
        return rows

    def coloured(self) -> Text:
        """Return the text for a terminal, each token on the colour of its surprise."""
        from gatework.write.scoring.coloured import coloured_text

        return coloured_text(self.pieces)

    @property
    def _level(self) -> str:
        return self.vocabulary.level

    def _name(self, token: int) -> str | None:
        if token == Vocabulary.END:
            return None
        if self._level == "bytes" and token - 2 >= 0x80:
            return f"<{token - 2:02x}>"
        return self.vocabulary.decode([token])


def _bits(log: float) -> float | None:
    return None if math.isinf(log) else log / -math.log(2) + 0.0
