"""Reading texts from files and folders, with errors that name the byte."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import replace
from pathlib import Path

from gatework.checks import one_of, refuse
from gatework.errors import DataError, OptionError, counted
from gatework.storage.reading import passed_over, read_bytes
from gatework.tabular.encoding import (
    encoding_by_signs,
    encoding_name,
    likely_encodings,
    nearly_utf_8,
)
from gatework.write.corpus.corpus import UNITS, Corpus


def read_corpus(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    unit: str = "file",
    encoding: str = "utf-8",
    pattern: str = "*",
    without: Iterable[str | os.PathLike[str]] = (),
    normalize: bool = True,
) -> Corpus:
    r"""Return the documents in some files and folders.

    A folder stands for all files in it and in its folders, in the order of their names; hidden
    ones are left out. Line ends of Windows become "\n", and byte order marks are dropped. A mark of
    UTF-16 or UTF-8 at the beginning of a file, or the zeros of UTF-16, stand above ``encoding``.

    Args:
        paths: files or folders, one or several.
        unit: a document is a whole "file" or a single "line".
        encoding: of the files, any that Python knows.
        pattern: of the names of files that are taken from folders, for instance ``"*.txt"``.
        without: files that are left out of folders, for instance the model that is written there.
        normalize: compose letters and their combining marks (NFC), so that a letter that was
            written in two ways is one.

    Raises:
        OptionError: when an argument is out of range.
        InputFileError: when a file or folder is not there or cannot be read.
        DataError: when a file is not of that encoding or has a zero in it, with the offset of the
            first wrong byte; or when there is no text.
    """
    refuse(one_of(UNITS)("unit", unit))
    encoding_name(encoding)
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not given:
        raise DataError("no file was given to learn from", hint="gatework write train FILE")
    left_out = {Path(path).resolve() for path in without}
    files = [file for path in given for file in _files(Path(path), pattern, left_out)]
    read = TextReading(encoding, normalize)
    texts = [read(file) for file in files]
    if unit == "line":
        texts = [line for text in texts for line in text.split("\n")]
    if not any(text and not text.isspace() for text in texts):
        names = ", ".join(str(file) for file in files[:3]) + (" ..." if len(files) > 3 else "")
        raise DataError(f"there is no text to learn from: {names} is empty")
    beside = [told for path in given if (told := _beside(Path(path), pattern))]
    notes = tuple(f"passed over what is no ordinary file: {told}" for told in beside)
    return replace(Corpus.of(texts, unit), notes=read.notes() + notes)


def _beside(path: Path, pattern: str) -> str:
    """Return what of a folder cannot be read, in words."""
    return passed_over(path.rglob(pattern)) if path.is_dir() else ""


def _files(path: Path, pattern: str, left_out: Container[Path]) -> list[Path]:
    """Return the file, or the files in the folder.

    Raises:
        OptionError, DataError: as read_corpus does.
    """
    if not path.is_dir():
        return [path]
    try:
        if not pattern:
            raise ValueError("it is empty")
        named = list(path.rglob(pattern))
    except (NotImplementedError, ValueError) as error:
        raise OptionError(
            f"pattern {pattern!r} is no pattern of names: {error}", hint="--pattern '*.txt'"
        ) from None
    found = sorted(
        file
        for file in named
        if file.is_file()
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
        and file.resolve() not in left_out
    )
    if not found:
        told = passed_over(named)
        said = "is empty" if pattern == "*" else f"has no files named {pattern}"
        said = f"holds no file to learn from, only {told}" if told else said
        raise DataError(f"the folder {str(path)!r} {said}")
    return found


class TextReading:
    """Reads files as texts, and counts what it changes in them."""

    def __init__(self, encoding: str, normalize: bool) -> None:
        self.encoding, self.normalize = encoding, normalize
        self.found: dict[str, int] = {}
        self.marks = self.composed = self.fewer = 0

    def __call__(self, path: Path) -> str:
        """Return the text of a file.

        Raises:
            DataError, InputFileError: as read_corpus does.
        """
        data = read_bytes(path, pipes=True)
        encoding = encoding_by_signs(data) or self.encoding
        text = _decoded(data, path, encoding).removeprefix("\ufeff")
        if _family(encoding) != _family(self.encoding):
            self.found[encoding] = self.found.get(encoding, 0) + 1
        del data
        if "\ufeff" in text:
            self.marks += text.count("\ufeff")
        text = with_plain_ends(text)
        if self.normalize and not unicodedata.is_normalized("NFC", text):
            before, text = len(text), unicodedata.normalize("NFC", text)
            self.composed, self.fewer = self.composed + 1, self.fewer + before - len(text)
        return text

    def notes(self) -> tuple[str, ...]:
        """Return what was changed, in sentences without a point."""
        said = [f"{_files_read(many)} as {name}" for name, many in self.found.items()]
        if self.marks:
            were = "mark was" if self.marks == 1 else "marks were"
            said.append(f"{self.marks:,} byte order {were} inside and left out")
        if self.composed:
            said.append(
                f"letters were composed (NFC), which makes {counted(self.fewer, 'character')} "
                "fewer; --no-normalize keeps them"
            )
        return tuple(said)


def with_plain_ends(text: str) -> str:
    r"""Return a text without byte order marks, whose lines end as those of Unix do.

    Example:
        >>> with_plain_ends("\ufeffone\r\ntwo")
        'one\ntwo'
    """
    text = text.replace("\ufeff", "")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _family(encoding: str) -> str:
    return "-".join(encoding_name(encoding).split("-")[:2])  # without the order, without "sig"


def _files_read(many: int) -> str:
    return "1 file was read" if many == 1 else f"{many:,} files were read"


def _decoded(data: bytes, path: Path, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start
        line = data.count(b"\n", 0, at) + 1
        raise DataError(
            f"{path} is not {encoding}: byte 0x{data[at]:02x} at offset {at} (line {line}) "
            f"cannot be read ({error.reason})",
            hint=_other_encoding(data, encoding),
        ) from error
    if "\0" in text:
        at = text.index("\0")
        line = text.count("\n", 0, at) + 1
        raise DataError(
            f"{path} is no text: character {at + 1} (line {line}) is zero",
            hint="leave the file out, or write it again without zeros",
        )
    return text


def _other_encoding(data: bytes, tried: str) -> str:
    """Return the option that may read the file, or what else may be done."""
    if encoding_by_signs(data):  # stands above the option
        return "it looks damaged; leave it out, or write it again as UTF-8"
    if tried == "utf-8" and (damage := nearly_utf_8(data)):
        return damage
    found = [name for name in likely_encodings(data) if name != tried]
    if b"\0" in data[:4096] and not any(name.startswith("utf-") for name in found):
        return "it looks like no text; leave it out, or choose files with --pattern '*.txt'"
    return f"--encoding {found[0]}" if found else "--encoding cp1252, or latin-1"
