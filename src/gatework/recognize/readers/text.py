"""A text file as one sequence of characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gatework.errors import DataError, InputFileError
from gatework.recognize.readers.bad import BadFile, text_of, unreadable

SUFFIXES = frozenset({".txt", ".md"})
MOST_CHARACTERS = 100_000


def read_text(path: Path, features: Any = None) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file; ``features`` ask nothing of it.

    Raises:
        BadFile: when it cannot be read, is no text, is empty or very long.
    """
    try:
        text, remarks = text_of(path)
    except (InputFileError, DataError) as error:
        raise unreadable(error, path) from None
    text = text.strip("\n")
    if not text:
        raise BadFile("has no character")
    if len(text) > MOST_CHARACTERS:
        raise BadFile(f"has {len(text)} characters, more than {MOST_CHARACTERS} in one sequence")
    return text, remarks
