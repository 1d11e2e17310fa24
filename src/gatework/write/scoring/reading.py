"""Scoring a text: it is read token by token, and each is judged before it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import getattr_static
from itertools import chain
from typing import cast

import numpy as np

from gatework.errors import OptionError
from gatework.write.scoring.cache import CacheMemory, NeuralCache
from gatework.write.scoring.judged import Judged, Total, joined, judged, total_of
from gatework.write.scoring.score import Score
from gatework.write.token_model import HiddenTokenModel, TokenModel
from gatework.write.vocabulary import Vocabulary, split

_BLOCK = 2**21
"""Log-probabilities that are held at once."""


def score(
    model: TokenModel, text: str, *, cache: NeuralCache | None = None, with_end: bool = False
) -> Score:
    """Return how well a language model foresaw a text, token by token.

    The text is read as a document: its first token is judged by what the model expects at the
    beginning of one. Tokens that are not in the vocabulary are read as UNKNOWN.

    Args:
        model: the language model.
        text: what is read.
        cache: a neural cache to mix in; None for plain scoring.
        with_end: whether the end of the document is judged as well, as a last token.

    Raises:
        OptionError: a cache for a model that does not show its hidden state.
    """
    found = joined(_blocks(model, [text], cache, with_end))
    return Score(model.vocabulary, text, found)


def score_long(
    model: TokenModel,
    pieces: Iterable[str],
    *,
    cache: NeuralCache | None = None,
    with_end: bool = False,
) -> Total:
    """Return how well a language model foresaw a text of any length, in sum.

    The text comes in pieces, cut anywhere, and none is kept once it is read.

    Args:
        model: the language model.
        pieces: the text; an open text file will do.
        cache: a neural cache to mix in; None for plain scoring.
        with_end: whether the end of the document is judged as well.

    Raises:
        OptionError: a cache for a model that does not show its hidden state.
    """
    characters = 0

    def counted() -> Iterator[str]:
        nonlocal characters
        for piece in pieces:
            characters += len(piece)
            yield piece

    found = total_of(_blocks(model, counted(), cache, with_end), 0)
    return Total(found.tokens, characters, found.nats, found.unknown)


def encoded(vocabulary: Vocabulary, pieces: Iterable[str]) -> Iterator[np.ndarray]:
    """Yield the tokens of a text that comes in pieces, (some), int64.

    The tokens are those of the whole text, wherever it is cut: the last word of a piece waits for
    the next one.
    """
    waiting = ""
    for piece in pieces:
        text = waiting + piece
        waiting = (split(text, "word") or [""])[-1] if vocabulary.level == "word" else ""
        if text := text[: len(text) - len(waiting)]:
            yield vocabulary.encode(text)
    if waiting:
        yield vocabulary.encode(waiting)


def _open(model: TokenModel) -> HiddenTokenModel:
    """Return the model as one that shows its hidden state, which is not looked at before a step.

    Raises:
        OptionError: when it is none.
    """
    if getattr_static(model, "hidden", None) is None:
        raise OptionError(
            f"a neural cache needs the hidden state, which {type(model).__name__} does not show",
            hint="cache=None",
        )
    return cast(HiddenTokenModel, model)


def _blocks(
    model: TokenModel, pieces: Iterable[str], cache: NeuralCache | None, with_end: bool
) -> Iterator[Judged]:
    """Read a text and yield what the model made of it, some tokens at a time."""
    memory = None if cache is None else CacheMemory(cache)
    shown = _open(model) if memory else None
    vocabulary = model.vocabulary
    size = max(1, _BLOCK // len(vocabulary))
    before = np.array([Vocabulary.END])
    model.start(1)
    last = [before] if with_end else []
    for tokens in chain(encoded(vocabulary, pieces), last):
        for first in range(0, len(tokens), size):
            part = tokens[first : first + size]
            logs = np.empty((len(part), len(vocabulary)), np.float64 if memory else np.float32)
            for place, token in enumerate(part.tolist()):
                logs[place] = model.step(before)[0]
                if memory and shown:
                    hidden = shown.hidden[0]
                    logs[place] = memory.mixed(logs[place], hidden)
                    memory.add(hidden, token)
                before = part[place : place + 1]
            yield judged(logs, part)
