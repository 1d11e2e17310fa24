"""A text as a sequence of its characters, one a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.recognize.features.base import Features

MOST_CHARACTERS = 2**16


@dataclass(frozen=True)
class Characters(Features):
    """Each character a step, 1 in its own channel and 0 in all others.

    Channel 0 is for characters that are not known.

    Args:
        known: the characters, each once; ``Characters.of`` takes them from texts.

    Raises:
        OptionError: when a character is there twice.
        DataError: when called with a text that is empty.

    Example:
        >>> Characters("ab")("cab").tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    known: str

    kind: ClassVar[str] = "characters"
    reads: ClassVar[str] = "text"

    def __post_init__(self) -> None:
        if not isinstance(self.known, str) or not self.known:
            raise OptionError(f"known must be a text of at least a character, got {self.known!r}")
        if len(set(self.known)) < len(self.known) or len(self.known) > MOST_CHARACTERS:
            raise OptionError("known must have each character once, and at most 65,536")

    @classmethod
    def of(cls, texts: Iterable[str], *, most: int = 256) -> Self:
        """Return the characters of some texts, the ``most`` frequent ones."""
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(text)
        ranked = sorted(counts, key=lambda character: (-counts[character], character))
        return cls("".join(sorted(ranked[:most])))

    @property
    def channels(self) -> int:
        """Return the characters, and one for those that are not known."""
        return len(self.known) + 1

    @cached_property
    def _places(self) -> dict[str, int]:
        return {character: place for place, character in enumerate(self.known, start=1)}

    def __call__(self, content: str) -> np.ndarray:
        """Return the characters of a text, (T, C), float32."""
        if not content:
            raise DataError("the text has no character", hint="leave it out")
        look = self._places.get
        steps = np.zeros((len(content), self.channels), np.float32)
        steps[np.arange(len(content)), [look(character, 0) for character in content]] = 1
        return steps
