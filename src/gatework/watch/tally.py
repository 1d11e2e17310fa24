"""How far a file was read or written, and what stood there: a length and a digest."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Any, BinaryIO

from gatework.errors import OptionError
from gatework.storage.reading import open_to_read

_PIECE = 1 << 20


class Tally:
    """Counts bytes and keeps their SHA-256.

    Example:
        >>> tally = Tally()
        >>> tally.add(b"abc")
        >>> tally.to_config()["bytes"]
        3
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """Count more bytes."""
        self.bytes += len(data)
        self._hash.update(data)

    def to_config(self) -> dict[str, Any]:
        """Return length and digest as JSON values."""
        return {"bytes": self.bytes, "sha256": self._hash.hexdigest()}


def recount(file: BinaryIO, expected: Any) -> Tally | None:
    """Return the tally of the beginning of ``file`` if it is as ``expected``, else None.

    The file is left at the end of that beginning.

    Raises:
        OptionError: what is expected is nothing that ``Tally.to_config`` returns.
    """
    length = expected.get("bytes") if isinstance(expected, dict) else None
    if type(length) is not int or length < 0 or not isinstance(expected.get("sha256"), str):
        raise OptionError("a position must be a length in bytes and a digest")
    tally = Tally()
    while tally.bytes < length and (piece := file.read(min(_PIECE, length - tally.bytes))):
        tally.add(piece)
    return tally if tally.to_config() == expected else None


def find_moved(path: Path, expected: Any) -> Path | None:
    """Return the file beside ``path`` that it was renamed or copied to, such as ``path``.1.

    Its name begins with that of ``path``, and it begins with what was read.
    """
    if not expected["bytes"]:
        return None
    for other in sorted(path.parent.glob("*")):
        if not other.name.startswith(path.name) or other == path or not other.is_file():
            continue
        with contextlib.suppress(OSError):  # it may not be ours to read, or be gone by now
            if other.stat().st_size < expected["bytes"]:
                continue
            with open_to_read(other) as (file, _):
                if recount(file, expected) is not None:
                    return other
    return None
