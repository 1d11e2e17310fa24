"""Files that cannot be used: all are named and counted, and none is left out unasked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from gatework.errors import DataError, InputFileError
from gatework.storage.reading import beside, read_bytes
from gatework.tabular.encoding import decode

NAMED = 5
"""Files that a message names; the others are counted."""
_SAVE_AS = "save it as UTF-8, or name its encoding: --encoding cp1252, or latin-1"
_LEAVE_OUT = ", or leave them out with --skip-bad (skip_bad=True)"


class BadFile(Exception):
    """A file cannot be used; the text says why, ``cure`` what to do. Never leaves the readers."""

    def __init__(self, why: str, cure: str = "mend them") -> None:
        super().__init__(why)
        self.cure = cure


class NotThere(BadFile):
    """There is no such file."""

    def __init__(self) -> None:
        super().__init__("is not there")


def unreadable(error: InputFileError | DataError, path: Path) -> BadFile:
    """Return why a file cannot be opened, without its path, which stands before it already."""
    if isinstance(error.__cause__, FileNotFoundError) or not path.exists():
        return NotThere()
    said = error.message.removeprefix(f"'{path}' ").removeprefix(f"{path} ")
    return BadFile(said)


def check_there(path: Path) -> None:
    """Check that there is a file or folder.

    Raises:
        InputFileError: when there is none; the name beside it that is most like its own is named.
    """
    if not path.exists():
        raise InputFileError(
            f"'{path}' cannot be read: there is no such file or folder", hint=where_to_look(path)
        )


def where_to_look(path: Path) -> str:
    """Return the hint for a path where nothing is: the name beside it that is most like its own."""
    close = beside(path)
    return f"is '{close}' meant?" if close else "check the name and the folder"


def text_of(path: Path, encoding: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, its line ends as newlines, and what is to be said of it.

    Byte order marks, which stand inside where files were put together, are left out, and letters
    are composed with their combining marks (NFC), so that one written in two ways is one.

    Raises:
        InputFileError: when it cannot be read. DataError: when it is no text.
    """
    check_there(path)
    text, _, note = decode(read_bytes(path), str(path), encoding, _SAVE_AS)
    text = text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")
    notes = (note,) if note else ()
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
        notes += ("letters and their combining marks were composed (NFC)",)
    return text, notes


def settle(bad: Sequence[tuple[Path, BadFile]], count: int, *, skip_bad: bool) -> tuple[str, ...]:
    """Return a remark on the files that were left out, () where none was.

    Raises:
        DataError: when there are any and ``skip_bad`` is False, or no file is left.
    """
    if not bad:
        return ()
    said = "; ".join(f"'{path}' {why}" for path, why in bad[:NAMED])
    more = f"; and {len(bad) - NAMED} more" if len(bad) > NAMED else ""
    if len(bad) == count and skip_bad:
        raise DataError(f"none of {_files(count)} can be used: {said}{more}", hint=_cure(bad))
    if not skip_bad:
        raise DataError(
            f"{len(bad)} of {_files(count)} cannot be used: {said}{more}",
            hint=_cure(bad) + (_LEAVE_OUT if len(bad) < count else ""),
        )
    return (f"{len(bad)} of {_files(count)} cannot be used and were left out: {said}{more}",)


def _cure(bad: Sequence[tuple[Path, BadFile]]) -> str:
    """Return what to do about bad files: each cure once, and of the missing files the first."""
    gone = [path for path, error in bad if isinstance(error, NotThere)]
    cures = [where_to_look(gone[0])] if gone else []
    cures += dict.fromkeys(error.cure for _, error in bad if not isinstance(error, NotThere))
    return ", or ".join(cures)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
