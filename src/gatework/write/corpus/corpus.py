"""A corpus: documents, each of them once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gatework.errors import DataError, counted

UNITS = ("file", "line")
_PIECE = 1 << 20
"""Characters of a text that are looked at together."""


@dataclass(frozen=True)
class Corpus:
    """Documents that a language model learns from.

    Attributes:
        documents: the texts, in the order they were found.
        unit: "file" or "line": what a document was in the files.
        duplicates: how many documents were left out because they had come before.
        notes: what reading the files changed, in sentences.
    """

    documents: tuple[str, ...]
    unit: str = "file"
    duplicates: int = 0
    notes: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, documents: str | Iterable[str], unit: str = "file") -> Corpus:
        """Return the corpus of some texts; what is there twice or is blank is left out.

        Texts are the same when they differ only in the space around them.

        Raises:
            DataError: when a document is no text, or none is left.

        Example:
            >>> Corpus.of(["spring", "autumn", "spring "])
            Corpus(documents=('spring', 'autumn'), unit='file', duplicates=1)
        """
        found = [documents] if isinstance(documents, str) else list(documents)
        for number, text in enumerate(found):
            if not isinstance(text, str):
                raise DataError(
                    f"document {number} must be a text, got {type(text).__name__}",
                    hint='Path(name).read_text(encoding="utf-8") gives the text of a file',
                )
        kept: dict[bytes, str] = {}
        filled = [text for text in found if text and not text.isspace()]
        for text in filled:
            kept.setdefault(fingerprint(text), text)
        if not kept:
            raise DataError("there is no text to learn from: every document is empty")
        return cls(tuple(kept.values()), unit, len(filled) - len(kept))

    def __len__(self) -> int:
        return len(self.documents)

    @property
    def characters(self) -> int:
        """Characters of all documents together."""
        return sum(map(len, self.documents))

    def words(self) -> str:
        """Return what is in the corpus, in words."""
        said = f"{counted(len(self), 'document')}, {counted(self.characters, 'character')}"
        if self.duplicates and len(self) == 1:
            said += f"; all {self.duplicates + 1:,} documents are the same"
        elif self.duplicates:
            many = "document was" if self.duplicates == 1 else "documents were"
            said += f"; {self.duplicates:,} {many} there before and left out"
        return "; ".join([said, *self.notes])


def fingerprint(text: str) -> bytes:
    """Return what is the same for the same text, whatever space is around it.

    It needs little memory beside the text.
    """
    first = re.search(r"\S", text)
    begin = first.start() if first else len(text)
    end = len(text)
    while end > begin and text[end - 1].isspace():
        end -= 1
    digest = hashlib.sha256()
    for start in range(begin, end, _PIECE):
        piece = text[start : min(start + _PIECE, end)]
        digest.update(piece.encode("utf-8", "surrogatepass"))
    return digest.digest()
