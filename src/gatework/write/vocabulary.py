"""The vocabulary of a language model: numbered characters, words or bytes, frequent ones first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from gatework.checks import one_of, optional, refuse, takes_old_names, whole
from gatework.errors import DataError, counted
from gatework.runtime import words

_PIECE = 1 << 20
"""Characters that are numbered at a time."""

LEVELS = ("char", "word", "bytes")

_BY_ITSELF = r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"  # kana and Chinese
_WORD = re.compile(rf" ?(?:{_BY_ITSELF}|(?:(?!{_BY_ITSELF})[\w'’])+|[^\w\s])|\s")


class Vocabulary:
    r"""Tokens and their numbers.

    Number 0, END, begins and ends each document; number 1, UNKNOWN, stands for what is not in the
    vocabulary. Both are marks and no text. A word takes the space before it along, so that the
    tokens of a text, one after the other, are the text; a character of Chinese or Japanese is a
    word by itself.

    Args:
        level: "char", "word" or "bytes".
        tokens: all tokens without the two marks, the most frequent first; at the level "bytes"
            there are always 256, and none are given.

    Raises:
        OptionError: the level is none of these.
        DataError: a token is there twice, is empty, or is not one of its level.

    Example:
        >>> vocabulary = Vocabulary.of(["to be, or not to be"], "word")
        >>> vocabulary.tokens[2:]
        (' be', ' not', ' or', ' to', ',', 'to')
        >>> vocabulary.decode(vocabulary.encode("to be, to do"))
        'to be, to\ufffd'
    """

    END: ClassVar[int] = words.END
    UNKNOWN: ClassVar[int] = words.UNKNOWN

    def __init__(self, level: str, tokens: Sequence[str] = ()) -> None:
        check_level(level)
        if level == "bytes":
            tokens = [chr(byte) for byte in range(256)]
        self.level = level
        self.tokens = ("", "", *tokens)
        self.index = {token: number for number, token in enumerate(self.tokens) if number > 1}
        if len(self.index) != len(tokens) or "" in self.index:
            raise DataError("a vocabulary must have each token once, and none that is empty")
        wrong = [token for token in tokens if level != "bytes" and split(token, level) != [token]]
        if wrong:
            raise DataError(f"{wrong[0]!r} is no token of the level {level!r}")

    @classmethod
    @takes_old_names("Vocabulary.of", {"least": "min_count"})
    def of(
        cls,
        texts: Iterable[str],
        level: str = "char",
        *,
        size: int | None = None,
        min_count: int = 1,
    ) -> Vocabulary:
        """Return the vocabulary of some texts.

        Args:
            texts: documents.
            level: "char", "word" or "bytes".
            size: of the vocabulary at most, both marks counted; the rarest tokens are left out.
            min_count: how often a token must come to be in it.

        Raises:
            OptionError: when an argument is out of range.
            DataError: when no token comes so often.
        """
        check_level(level)
        refuse(optional(whole(3))("size", size) + whole(1)("min_count", min_count))
        if level == "bytes":
            return cls(level)
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(tokens_of(text, level))
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        kept = [token for token, count in ranked if count >= min_count]
        if counts and not kept:
            raise DataError(
                f"no token comes {counted(min_count, 'time')}: the most frequent, "
                f"{ranked[0][0]!r}, comes {counted(ranked[0][1], 'time')}",
                hint="give a smaller min_count",
            )
        return cls(level, kept[: None if size is None else size - 2])

    def __len__(self) -> int:
        return len(self.tokens)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return (self.level, self.tokens) == (other.level, other.tokens)

    def __hash__(self) -> int:
        return hash((self.level, self.tokens))

    def __repr__(self) -> str:
        return f"Vocabulary({self.level!r}, {len(self)} tokens)"

    def encode(self, text: str, dtype: type[np.integer[Any]] = np.int64) -> np.ndarray:
        """Return the numbers of the tokens of a text, (T), int64 or another type that holds them.

        It needs little more memory than its result.
        """
        if self.level == "bytes":
            codes = bytearray()  # grows in place
            for start in range(0, len(text), _PIECE):
                codes += text[start : start + _PIECE].encode()
            found = np.frombuffer(codes, np.uint8).astype(dtype, copy=False)
            return np.add(found, 2, out=found)
        if self.level == "word":
            look = self.index.get
            return np.fromiter(
                (look(part, self.UNKNOWN) for part in tokens_of(text, "word")), dtype
            )
        found = np.empty(len(text), dtype)
        for start in range(0, len(text), _PIECE):
            piece = text[start : start + _PIECE].encode("utf-32-le", "surrogatepass")
            codes = np.minimum(np.frombuffer(piece, np.uint32), len(self._fast) - 1)
            found[start : start + _PIECE] = self._fast[codes]
        return found

    @property
    def smallest_dtype(self) -> type[np.integer[Any]]:
        """The smallest type, of those that torch has, in which the numbers of a text's tokens fit.

        Those of bytes fit into a byte: UTF-8 never has the greatest, 0xF5 to 0xFF.
        """
        fitting = (np.uint8, np.int16, np.int32)
        if self.level == "bytes":
            return np.uint8
        return next(kind for kind in fitting if len(self) - 1 <= np.iinfo(kind).max)

    def decode(self, numbers: Iterable[int]) -> str:
        """Return the text of some tokens; END is nothing, UNKNOWN and broken bytes are U+FFFD."""
        if self.level == "bytes":
            parts: list[bytes] = []
            for number in numbers:
                unknown = "\ufffd".encode()
                parts.append(bytes([number - 2]) if number > 1 else unknown if number else b"")
            return b"".join(parts).decode("utf-8", "replace")
        return "".join(
            "\ufffd" if number == self.UNKNOWN else self.tokens[number] for number in numbers
        )

    def unknown_in(self, text: str) -> list[str]:
        """Return the tokens of a text that are not in the vocabulary, each once, in their order."""
        if self.level == "bytes":
            return []
        return [part for part in dict.fromkeys(split(text, self.level)) if part not in self.index]

    @cached_property
    def _fast(self) -> np.ndarray:
        """The number of each code point; the last stands for all that are larger."""
        table = np.full(max(map(ord, self.index), default=0) + 2, self.UNKNOWN, np.int64)
        for token, number in self.index.items():
            table[ord(token)] = number
        return table


def split(text: str, level: str) -> list[str]:
    """Return the tokens of a text at a level; joined they are the text, except at "bytes".

    Example:
        >>> split("Wait, don't!  春眠", "word")
        ['Wait', ',', " don't", '!', ' ', ' 春', '眠']
    """
    if level == "word":
        return _WORD.findall(text)
    if level == "char":
        return list(text)
    return [chr(byte) for byte in text.encode()]


def tokens_of(text: str, level: str) -> Iterator[str]:
    """Yield the tokens of a text one by one, as ``split`` returns them."""
    if level == "word":
        return (found[0] for found in _WORD.finditer(text))
    return iter(text) if level == "char" else iter(split(text, level))


def check_level(level: object) -> None:
    """Check the name of a level.

    Raises:
        OptionError: when it is none.
    """
    refuse(one_of(LEVELS)("level", level))
