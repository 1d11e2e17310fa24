"""Lines as they come: from a pipe, or from a file that grows, is rotated, is truncated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gatework.errors import DataError, InputFileError
from gatework.storage.reading import open_to_read
from gatework.system import descriptors
from gatework.watch.records import MOST_BYTES, Plain, Quoting, Records

_PIECE = 1 << 16
STDIN = 0


@dataclass(frozen=True)
class Line:
    """A row with its end, of one line or more, or the last one of a file, which may have none."""

    data: bytes


@dataclass(frozen=True)
class Change:
    """The file is another one from here on; ``reason`` tells what happened."""

    reason: str


def pipe_lines(reader: Quoting | None = None, begin: bytes = b"") -> Iterator[Line]:
    """Yield the rows of the standard input until it ends, waiting for each.

    Args:
        reader: tells rows of several lines; each line is a row where it is left out.
        begin: what was read of it already.

    Raises:
        DataError: a row is longer than 1 MiB. InputFileError: it cannot be read.
    """
    records = Records(reader or Plain())
    records.feed(begin)
    yield from map(Line, records.whole())
    while piece := read_pipe():
        records.feed(piece)
        yield from map(Line, records.whole())
        _check(records, "the standard input")
    yield from map(Line, records.whole(last=True))


def read_pipe() -> bytes:
    """Return some of the standard input, nothing at its end.

    Raises:
        InputFileError: it cannot be read.
    """
    try:
        return os.read(STDIN, _PIECE)
    except OSError as error:
        raise InputFileError(
            f"the standard input cannot be read: {error.strerror or error}",
            hint="gatework watch MODEL FILE, or pass the values through a pipe",
        ) from error


class FileLines:
    """Iterate over the rows of a file as it grows: rows, changes, and None when there is no more.

    After None the caller waits, or stops. A file that was renamed is read to its end before the
    one that took its name is begun; one that shrank is begun again.

    Args:
        path: of the file.
        offset: bytes to leave out at its beginning.
        moved: a file to finish first: ``path`` was renamed to it; ``offset`` is in this one.
        follow: the rows are waited for.
        reader: tells rows of several lines; each line is a row where it is left out.

    Raises:
        InputFileError: the file is not there, is no ordinary file, or cannot be read.
    """

    def __init__(
        self,
        path: Path,
        offset: int = 0,
        moved: Path | None = None,
        *,
        follow: bool = True,
        reader: Quoting | None = None,
    ) -> None:
        self.follow = follow
        self.path, self.offset, self.records = path, offset, Records(reader or Plain())
        self.moved = moved
        self._open(path if moved is None else moved)

    def __iter__(self) -> Iterator[Line | Change | None]:
        while True:
            yield from self._lines()
            if os.fstat(self.descriptor).st_size < self.offset + len(self.buffer):
                lost = ", with an unfinished row" if self.buffer else ""
                self._begin()
                yield Change(f"{self.path} was truncated{lost}; it is read from its beginning")
            elif self._replaced():
                if self.follow:
                    yield None  # what writes it may still finish the old file
                yield from self._lines()
                yield from self.rest()
                os.close(self.descriptor)
                self.moved = None
                self._open(self.path)
                self._begin()
                yield Change(f"{self.path} was rotated; the new file is read from its beginning")
            else:
                yield None

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)

    @property
    def buffer(self) -> bytes:
        """The last row, as far as it has come: its end is not there yet."""
        return self.records.buffer

    def rest(self) -> Iterator[Line]:
        """Yield what is left, whose end is not there, as rows."""
        yield from self._whole(last=True)

    def _lines(self) -> Iterator[Line]:
        while piece := os.read(self.descriptor, _PIECE):
            self.records.feed(piece)
            yield from self._whole()
            _check(self.records, str(self.path))
        yield from self._whole(idle=True)

    def _whole(self, **ended: bool) -> Iterator[Line]:
        for data in self.records.whole(**ended):
            self.offset += len(data)
            yield Line(data)

    def _begin(self) -> None:
        self.offset = 0
        self.records.clear()
        os.lseek(self.descriptor, 0, os.SEEK_SET)

    def _replaced(self) -> bool:
        """Whether the name belongs to another file by now; a missing one may come yet."""
        if self.moved is not None:
            return self.path.is_file()
        try:
            now = self.path.stat()
        except OSError:
            return False
        here = os.fstat(self.descriptor)
        return (now.st_dev, now.st_ino) != (here.st_dev, here.st_ino)

    def _open(self, path: Path) -> None:
        try:
            with open_to_read(path):
                self.descriptor = descriptors.follow(path)
        except InputFileError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                error.hint = "check the name, or create the file first"
            elif path.is_fifo():
                error.hint = f"gatework watch MODEL < {path}"
            raise
        except OSError as error:
            raise InputFileError(f"{path} cannot be read: {error.strerror or error}") from error
        os.lseek(self.descriptor, self.offset, os.SEEK_SET)


def _check(records: Records, name: str) -> None:
    if len(records.buffer) > MOST_BYTES:
        raise DataError(f"{name} has a line of more than {MOST_BYTES} bytes: these are no rows")
