"""Tokens into text as they are written: at the level of bytes, whole characters only."""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from gatework.write.vocabulary import Vocabulary


class Pieces:
    r"""Turns the tokens of one text into pieces of text.

    At the level "bytes" a character is given out when its last byte is there; bytes that can
    begin no character become U+FFFD.

    Example:
        >>> pieces = Pieces(Vocabulary("bytes"))
        >>> [pieces(number + 2 for number in part) for part in (b"\xe6\x98", b"\xa5!")]
        ['', '春!']
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def __call__(self, tokens: Iterable[int]) -> str:
        """Return the text that some more tokens complete."""
        if self._vocabulary.level != "bytes":
            return self._vocabulary.decode(tokens)
        unknown = "\ufffd".encode()
        parts = (bytes([token - 2]) if token > 1 else unknown if token else b"" for token in tokens)
        return self._decoder.decode(b"".join(parts))
