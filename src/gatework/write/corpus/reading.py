"""Reading texts from files and folders, with errors that name the byte."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable
from pathlib import Path

from gatework.checks import one_of, refuse
from gatework.errors import DataError, OptionError
from gatework.storage.reading import read_bytes
from gatework.tabular.encoding import likely_encodings
from gatework.write.corpus.corpus import UNITS, Corpus


def read_corpus(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    unit: str = "file",
    encoding: str = "utf-8",
    pattern: str = "*",
    without: Iterable[str | os.PathLike[str]] = (),
) -> Corpus:
    r"""Return the documents in some files and folders.

    A folder stands for all files in it and in its folders, in the order of their names; hidden
    ones are left out. Line ends of Windows become "\n" and a byte order mark is dropped.

    Args:
        paths: files or folders, one or several.
        unit: a document is a whole "file" or a single "line".
        encoding: of the files, any that Python knows.
        pattern: of the names of files that are taken from folders, for instance ``"*.txt"``.
        without: files that are left out of folders, for instance the model that is written there.

    Raises:
        OptionError: when an argument is out of range.
        InputFileError: when a file or folder is not there or cannot be read.
        DataError: when a file is not of that encoding, with the offset of the first wrong byte;
            or when there is no text.
    """
    refuse(one_of(UNITS)("unit", unit))
    try:
        "".encode(encoding)
    except LookupError:
        raise OptionError(
            f"encoding {encoding!r} is not known", hint="utf-8, gb18030, big5, latin-1, utf-16"
        ) from None
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    if not given:
        raise DataError("no file was given to learn from", hint="gatework write train FILE")
    left_out = {Path(path).resolve() for path in without}
    files = [file for path in given for file in _files(Path(path), pattern, left_out)]
    texts = [_read(file, encoding) for file in files]
    if unit == "line":
        texts = [line for text in texts for line in text.split("\n")]
    if not any(text.strip() for text in texts):
        names = ", ".join(str(file) for file in files[:3]) + (" ..." if len(files) > 3 else "")
        raise DataError(f"there is no text to learn from: {names} is empty")
    return Corpus.of(texts, unit)


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
        said = "is empty" if pattern == "*" else f"has no files named {pattern}"
        raise DataError(f"the folder {str(path)!r} {said}")
    return found


def _read(path: Path, encoding: str) -> str:
    data = read_bytes(path, pipes=True)
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
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _other_encoding(data: bytes, tried: str) -> str:
    """Return the option that may read the file."""
    found = [name for name in likely_encodings(data) if name != tried]
    if b"\0" in data[:4096] and not any(name.startswith("utf-") for name in found):
        return "it looks like no text; leave it out, or choose files with --pattern '*.txt'"
    return f"--encoding {found[0]}" if found else "--encoding latin-1, or cp1252"
