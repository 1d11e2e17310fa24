"""What the file of a language model holds: a vocabulary in front of the layers and behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatework.runtime.architecture import Architecture, EnsembleMember, stack_of

KEYS = frozenset({"format", "level", "tokens", "network", "settings", "training"})
KEPT_TEXT = "novelty"
"""What tells copies of the text that was learned from: tensors of this prefix, not used here."""

NETWORK_KEYS = frozenset({"embedding_size", "lstm", "tied", "cutoffs"})
END, UNKNOWN = 0, 1
"""The marks that every vocabulary begins with: between documents, and of what is not in it."""

FORMAT = 1
LEVELS = ("char", "word", "bytes")
MOST_TOKENS = 5_000_000
DIVISOR = 4
"""Each cluster of an adaptive softmax looks at a fourth of the values of the one before."""


@dataclass(frozen=True)
class TokenArchitecture:
    """A language model, all but the weights.

    Attributes:
        level: what its tokens are: "char", "word" or "bytes".
        tokens: all of them, by their numbers; the first two are the marks END and UNKNOWN.
        architecture: of the layers.
        embedding_size: E, values of each token.
        tied: the embedding also is the weight of the head.
        cutoffs: where the clusters of an adaptive softmax begin; empty without one.
    """

    level: str
    tokens: tuple[str, ...]
    architecture: Architecture
    embedding_size: int
    tied: bool
    cutoffs: tuple[int, ...]

    @property
    def output_size(self) -> int:
        """O: values that the head looks at."""
        return self.architecture.stack.output_size

    def tails(self) -> list[tuple[int, int]]:
        """Return tokens of each rare cluster and the values that it looks at."""
        ends = [*self.cutoffs[1:], len(self.tokens)]
        sizes = [end - begin for begin, end in zip(self.cutoffs, ends, strict=True)]
        return [(size, self.output_size // DIVISOR ** (i + 1)) for i, size in enumerate(sizes)]

    def expected(self) -> dict[str, tuple[int, ...]]:
        """Return name and shape of every tensor in the file."""
        V, O = len(self.tokens), self.output_size  # noqa: E741
        shapes = self.architecture.expected() | {"embedding.weight": (V, self.embedding_size)}
        if not self.cutoffs:
            return shapes | {"head.bias": (V,)} | ({} if self.tied else {"head.weight": (V, O)})
        shapes["head.head.weight"] = (self.cutoffs[0] + len(self.cutoffs), O)
        for i, (size, values) in enumerate(self.tails()):
            shapes[f"head.tail.{i}.0.weight"] = (values, O)
            shapes[f"head.tail.{i}.1.weight"] = (size, values)
        return shapes


def words_of(config: Mapping[str, Any]) -> TokenArchitecture:
    """Return the language model that the configuration of a file asks for.

    Raises:
        ValueError: telling what is not sound in it.
    """
    if set(config) - {KEPT_TEXT} != KEYS or config["format"] != FORMAT:
        raise ValueError(f"it must have {', '.join(sorted(KEYS))}, with the format {FORMAT}")
    level, tokens, network = config["level"], config["tokens"], config["network"]
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, got {level!r}")
    if not isinstance(tokens, list) or not all(isinstance(token, str) for token in tokens):
        raise ValueError("tokens must be a list of texts")
    if not 2 <= len(tokens) <= MOST_TOKENS or tokens[:2] != ["", ""]:
        raise ValueError("tokens must begin with the two marks, which are empty")
    if not isinstance(network, dict) or set(network) != NETWORK_KEYS:
        raise ValueError(f"the network must have {', '.join(sorted(NETWORK_KEYS))}")
    if not isinstance(network["lstm"], dict):
        raise ValueError("lstm must be the configuration of an LSTM")
    size, tied = network["embedding_size"], network["tied"]
    stack = stack_of(network["lstm"])
    if stack.bidirectional or stack.layers[0].input_size != size:
        raise ValueError("the LSTM must read forward what is embedded")
    outputs = stack.output_size
    if not isinstance(tied, bool) or (tied and outputs != size):
        raise ValueError("tied weights need as many outputs as values of an embedding")
    architecture = Architecture("writer", (EnsembleMember(stack, lstm_prefix="lstm."),))
    cutoffs = _cutoffs(network["cutoffs"], len(tokens), outputs, tied)
    return TokenArchitecture(level, tuple(tokens), architecture, size, tied, cutoffs)


def _cutoffs(given: Any, tokens: int, outputs: int, tied: bool) -> tuple[int, ...]:
    if given is None:
        return ()
    rising = (
        isinstance(given, list)
        and given != []
        and all(type(end) is int and 0 < end < tokens for end in given)
        and given == sorted(set(given))
    )
    if not rising or tied:
        raise ValueError(f"cutoffs must rise within the vocabulary, untied, got {given!r}")
    if outputs < DIVISOR ** len(given):
        raise ValueError("the last layer has too few outputs for so many cutoffs")
    return tuple(given)
