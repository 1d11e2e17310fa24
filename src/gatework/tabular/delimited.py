"""Text tables as spreadsheets write them: their encoding, their delimiter, their rows."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import islice

from gatework.errors import DataError

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 100
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_rows(data: bytes, name: str) -> tuple[list[tuple[int, list[str]]], str]:
    r"""Return the rows of a text table, each with its number, and the delimiter.

    Rows are numbered as a spreadsheet shows them: the header is row 1, a blank line counts. Blank
    lines are left out of the result, and so are rows of empty fields at the end.

    Raises:
        DataError: the file is empty, no text, or its quotes do not close; the row is named.

    Example:
        >>> read_rows("date;faults\r\n2005-03;3,5\r\n".encode(), "faults.csv")
        ([(1, ['date', 'faults']), (2, ['2005-03', '3,5'])], ';')
    """
    text = _decode(data, name)
    separator = _SEPARATOR_LINE.match(text)
    if separator:
        text = text[separator.end() :]
    delimiter = separator[1] if separator else _delimiter(text)
    rows = [(number, row) for number, row in _records(text, delimiter, name) if row]
    while rows and not any(field.strip() for field in rows[-1][1]):
        rows.pop()
    if not rows:
        raise DataError(f"'{name}' is empty", hint="a first row such as: date,faults")
    return rows, delimiter


def _decode(data: bytes, name: str) -> str:
    save_as = "save it from the spreadsheet as 'CSV UTF-8'"
    if data.startswith(_SPREADSHEETS):
        raise DataError(f"'{name}' is a spreadsheet or an archive, not a text table", hint=save_as)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"'{name}' is not {'UTF-16' if wide else 'UTF-8'} text: "
            f"byte 0x{data[error.start]:02x} at offset {error.start} fits no character",
            hint=save_as,
        ) from None
    if "\0" in text:
        raise DataError(
            f"'{name}' is not a text table: character {text.index(chr(0)) + 1} is zero",
            hint=save_as,
        )
    return text


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the most rows into as many fields as the header."""
    best, delimiter = (0.0, 1), DELIMITERS[0]
    for candidate in DELIMITERS:
        try:
            reader = csv.reader(_lines(text), delimiter=candidate)
            widths = [len(row) for row in islice(reader, _SAMPLE_ROWS) if row]
        except csv.Error:
            continue
        if not widths or widths[0] == 1:
            continue
        same = sum(width == widths[0] for width in widths) / len(widths)
        if (same, widths[0]) > best:
            best, delimiter = (same, widths[0]), candidate
    return delimiter


def _records(text: str, delimiter: str, name: str) -> Iterator[tuple[int, list[str]]]:
    number = 0
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    while True:
        number += 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "limit" in str(error):
                problem = f"a field is longer than {csv.field_size_limit()} characters"
            else:
                problem = f"a quoted field does not end as it should ({error})"
            raise DataError(
                f"'{name}', row {number}: {problem}",
                hint="look for a stray or missing quotation mark in that row",
            ) from None


def _lines(text: str) -> Iterator[str]:
    """Cut at the ends of lines of every system, and nowhere else; keep the ends."""
    return (match[0] for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text))
