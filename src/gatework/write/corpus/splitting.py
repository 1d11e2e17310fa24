"""Setting parts of a corpus aside for validation and test, the same parts every time."""

from __future__ import annotations

from dataclasses import dataclass

from gatework.checks import is_number
from gatework.errors import DataError, OptionError
from gatework.write.corpus.corpus import Corpus, fingerprint

LEAST_DOCUMENTS = 20
"""Fewer documents than these are cut, each at its end, and not dealt out."""


@dataclass(frozen=True)
class Split:
    """The parts of a corpus.

    Attributes:
        train, validation, test: their documents.
        how: in words.
    """

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    how: str


def split_corpus(corpus: Corpus, validation: float = 0.1, test: float = 0.0) -> Split:
    """Deal the documents out by a hash of their content, or cut a few long ones at their ends.

    A document lies in the same part whatever else is in the corpus, and in whatever order; so
    a corpus may grow without a text that was tested on coming to be learned.

    Args:
        corpus: without duplicates, as Corpus.of leaves it.
        validation: share of the validation part, at least 0.
        test: share of the test part; together they are below 1.

    Raises:
        OptionError: when a share is out of range.
        DataError: when a part that was asked for would be empty.

    Example:
        >>> split = split_corpus(Corpus.of("to be or not to be" * 5), validation=0.2)
        >>> len(split.train[0]), len(split.validation[0])
        (72, 18)
    """
    for name, share in (("validation", validation), ("test", test)):
        if not is_number(share, 0, 1) or share == 1:
            raise OptionError(f"{name} must be a share, at least 0 and below 1, got {share!r}")
    if validation + test >= 1:
        raise OptionError(f"validation and test take all: {validation} and {test}")
    few = len(corpus) < LEAST_DOCUMENTS
    parts = _cut(corpus, validation, test) if few else _deal(corpus, validation, test)
    shares = (1 - validation - test, validation, test)
    for name, part, share in zip(("train", "validation", "test"), parts, shares, strict=True):
        if share and not part:
            raise DataError(
                f"the {name} part would be empty, with {corpus.words()}",
                hint="give more text, or another share",
            )
    said = "the end of each document" if few else "whole documents, by a hash of their content"
    return Split(parts[0], parts[1], parts[2], said)


def _deal(corpus: Corpus, validation: float, test: float) -> list[tuple[str, ...]]:
    parts: list[list[str]] = [[], [], []]
    for text in corpus.documents:
        place = int.from_bytes(fingerprint(text)[:8], "big") / 2**64
        parts[2 if place < test else 1 if place < test + validation else 0].append(text)
    return [tuple(part) for part in parts]


def _cut(corpus: Corpus, validation: float, test: float) -> list[tuple[str, ...]]:
    parts: list[list[str]] = [[], [], []]
    for text in corpus.documents:
        first = round(len(text) * (1 - validation - test))
        second = round(len(text) * (1 - test))
        for part, piece in zip(
            parts, (text[:first], text[first:second], text[second:]), strict=True
        ):
            if piece and not piece.isspace():
                part.append(piece)
    return [tuple(part) for part in parts]
