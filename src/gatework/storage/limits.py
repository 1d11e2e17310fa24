"""How much memory what a user opens may take, looked at before it is taken."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from gatework.errors import DataError, InputFileError, OptionError

VARIABLE = "GATEWORK_MOST_GIB"
"""The environment variable that raises the limit."""
USUAL = 2.0
"""GiB that the content of one file may take, unpacked."""
PIECE = 1 << 20
_GIB = 1 << 30
_MOST_PACKED = 1032
"""Times that DEFLATE makes anything smaller, at most."""
_ANY_PACKED = 1 << 28
"""Bytes that every packed file may take, unpacked."""
_USUAL_PACKED = 100
"""Times that larger ones are made smaller at most: what is packed better is all alike."""


def most_bytes() -> int:
    """Return how many bytes the content of one file may take.

    Raises:
        OptionError: when the environment variable is no number above 0.
    """
    said = os.environ.get(VARIABLE, "") or str(USUAL)
    try:
        wanted = float(said)
    except ValueError:
        wanted = 0.0
    if not 0 < wanted < 1 << 20:
        raise OptionError(f"{VARIABLE} must be a number of GiB, got {said!r}", hint=f"{VARIABLE}=8")
    return int(wanted * _GIB)


def check_memory(name: str, size: float) -> None:
    """Refuse a file whose content would take more memory than is allowed.

    Raises:
        InputFileError: it would; ``name`` begins the sentence.
    """
    if size > most_bytes():
        raise too_large(name, size)


def check_packed(name: str, packed: int, size: float) -> None:
    """Refuse a packed file that would take too much memory, or far more than its own size.

    Raises:
        InputFileError: it would; ``name`` begins the sentence.
    """
    check_memory(name, size)
    if size > _most_unpacked(packed):
        raise _without_end(name, packed)


def _most_unpacked(packed: int) -> int:
    """Return the bytes that a packed file of a size may take: all, where it was said how many."""
    usual = max(_ANY_PACKED, _USUAL_PACKED * packed)
    return most_bytes() if os.environ.get(VARIABLE) else min(most_bytes(), usual)


def too_large(name: str, size: float) -> InputFileError:
    """Return the error of a file whose content would take so many bytes."""
    raised = f"{VARIABLE}={size / _GIB + 1:.0f} before the command reads it all the same"
    return InputFileError(
        f"{name} would take {size / _GIB:,.1f} GiB of memory, more than "
        f"{most_bytes() / _GIB:.3g} GiB",
        hint=raised if size < 1000 * _GIB else None,
    )


def read_whole(file: BinaryIO, name: str) -> bytes:
    """Return the rest of a file of any kind, as far as that is allowed.

    Raises:
        InputFileError: there is more of it.
    """
    parts, size = [], 0
    while part := file.read(PIECE):
        size += len(part)
        if size > most_bytes():
            raise _without_end(name, size)
        parts.append(part)
    return b"".join(parts)


def unpack_gzip(data: bytes, name: str) -> bytes:
    """Return what gzip packed, of one part or several; what is too large is found without it.

    Raises:
        InputFileError: it is larger than allowed.
        DataError: it is damaged or cut off.
    """
    most = _most_unpacked(len(data))
    if len(data) * _MOST_PACKED > most:
        size = 0
        for part in _inflated(data, name):
            size += len(part)
            if size > most:
                raise _without_end(f"'{name}'", len(data))
    return b"".join(_inflated(data, name))


def _inflated(data: bytes, name: str) -> Iterator[bytes]:
    whole = memoryview(data)
    try:
        while len(whole) and bytes(whole[:2]) == b"\x1f\x8b":  # zeros may follow the last part
            inflate = zlib.decompressobj(wbits=31)
            start = 0
            while not inflate.eof:
                piece = inflate.unconsumed_tail
                if not piece:
                    piece = whole[start : start + PIECE]
                    start += len(piece)
                part = inflate.decompress(piece, PIECE)
                if not piece and not part and not inflate.eof:
                    raise zlib.error("it ends too early")
                yield part
            whole = whole[start - len(inflate.unused_data) :]
    except zlib.error as error:
        raise DataError(
            f"'{name}' cannot be unpacked: {error}", hint="unpack it, and name the file in it"
        ) from None


def _without_end(name: str, packed: int) -> InputFileError:
    most = _most_unpacked(packed)
    times = f", {most / packed:,.0f} times its size" if most < most_bytes() else ""
    return InputFileError(
        f"{name} holds more than {most / _GIB:.3g} GiB, unpacked{times}",
        hint=f"{VARIABLE}={most / _GIB * 4:.3g} before the command reads more",
    )
