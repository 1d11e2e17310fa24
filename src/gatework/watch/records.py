"""Bytes cut into rows as they come: lines of every system, and of several where quotes are open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

import numpy as np

MOST_BYTES = 1 << 20
_END = re.compile(rb"\r\n|\n|\r")
_WIDTHS = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}


class Quoting(Protocol):
    """What tells rows of several lines: a reader of rows, which knows their format."""

    def encoding_of(self, data: bytes) -> str:
        """Return the encoding of the rows, of which these are the first bytes to come."""
        ...

    def is_open(self, data: bytes) -> bool:
        """Return whether a quoted field goes on after these lines."""
        ...

    def is_row(self, data: bytes) -> bool:
        """Return whether a line is a whole row by itself."""
        ...


class Plain:
    """Of lines that are what they are."""

    def encoding_of(self, data: bytes) -> str:
        """Return an encoding in which ends of lines are single bytes."""
        return "utf-8"

    def is_open(self, data: bytes) -> bool:
        """Return that no row goes on."""
        return False

    def is_row(self, data: bytes) -> bool:
        """Return that each line is a row."""
        return True


class Records:
    r"""Cut what was fed into rows.

    A row ends with its line, or where a quoted field is open with the line that closes it. Where
    none does before a line that is a whole row, or within 1 MiB, the quotation mark was a slip, and
    its line is a row of its own.

    Example:
        >>> records = Records(Plain())
        >>> records.feed(b"1\r2\r\n3")
        >>> list(records.whole()), records.buffer
        ([b'1\r', b'2\r\n'], b'3')
    """

    def __init__(self, reader: Quoting) -> None:
        self.reader = reader
        self.clear()

    def clear(self) -> None:
        """Forget what was fed and not cut."""
        self._data, self._view, self._width = b"", b"", 0
        self._at = 0
        self.alone = False  # whether a line ended with a carriage return alone

    @property
    def buffer(self) -> bytes:
        """What is not cut yet."""
        return self._data[self._at * self._width :]

    def feed(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._data, self._at, self._width = self.buffer + data, 0, 0

    def whole(self, *, idle: bool = False, last: bool = False) -> Iterator[bytes]:
        """Yield the rows that are whole, each after what became of those before.

        ``idle`` says that nothing more comes for now, so that a carriage return at the end is one
        of a line; ``last`` that nothing ever does, so that what is left is rows, too.
        """
        while self._at < len(self._look()):
            end = self._end(idle=idle, last=last)
            if end is None:
                return
            begin, self._at = self._at, end
            yield self._data[begin * self._width : end * self._width]

    def _look(self) -> bytes:
        """Return the data with a byte a character, each as ASCII or x."""
        if not self._width:
            kind = _WIDTHS.get(self.reader.encoding_of(self._data))
            self._width = 1 if kind is None else int(kind[-1])
            self._view = self._data
            if kind is not None:
                whole = len(self._data) // self._width * self._width
                wide = np.frombuffer(self._data[:whole], kind)
                self._view = np.where(wide < 128, wide, ord("x")).astype(np.uint8).tobytes()
        return self._view

    def _end(self, *, idle: bool, last: bool) -> int | None:
        """Return where the next row ends, None where that is not known yet."""
        view, begin, at = self._view, self._at, self._at
        first, before = None, at
        while match := _END.search(view, at):
            at, line = match.end(), match.start()
            if match[0] == b"\r":
                if at == len(view) and not (idle or last or self.alone):
                    return None
                self.alone = self.alone or at < len(view)
            row = slice(begin * self._width, at * self._width)
            if first is None:
                if b'"' not in view[begin:line] or not self.reader.is_open(self._data[row]):
                    return at
                first = at
            elif b'"' in view[before:line] and not self.reader.is_open(self._data[row]):
                return at
            elif self.reader.is_row(self._data[before * self._width : at * self._width]):
                return first
            before = at
        if first is not None and (last or (len(view) - begin) * self._width > MOST_BYTES):
            return first
        return len(view) if last else None
