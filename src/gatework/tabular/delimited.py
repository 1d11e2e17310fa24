"""Text tables as spreadsheets write them: their encoding, their delimiter, their rows."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from gatework.errors import DataError
from gatework.tabular.column import shown
from gatework.tabular.dates import holds_dates
from gatework.tabular.numeric import is_numeric

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_ROWS = 100
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_SAVE_AS = "save it from the spreadsheet as 'CSV UTF-8'"
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_delimited(
    data: bytes, name: str, *, any_names: bool = False, example: str = "date,faults"
) -> tuple[list[str], list[Any], list[int], str]:
    r"""Return the names of the columns, their cells, the numbers of the rows, and the delimiter.

    Rows are numbered as a spreadsheet shows them: the header is row 1, a blank line counts. Blank
    lines are left out of the result, and so are rows of empty fields at the end. Short rows end in
    empty cells; a list of numbers needs no header. ``any_names`` says that the first row holds
    names even where they look like numbers or dates; ``example`` is a header, for hints.

    Raises:
        DataError: the file is empty, no text, its quotes do not close, a row is longer than the
            header, or the header is none; the row is named.

    Example:
        >>> read_delimited("date;faults\r\n2005-03;3,5\r\n".encode(), "faults.csv")
        (['date', 'faults'], [['2005-03'], ['3,5']], [2], ';')
    """
    text = decode(data, name)
    separator = _SEPARATOR_LINE.match(text)
    if separator:
        text = text[separator.end() :]
    delimiter = separator[1] if separator else find_delimiter(text)
    rows = [(number, row) for number, row in _records(text, delimiter, name) if row]
    while rows and not any(field.strip() for field in rows[-1][1]):
        rows.pop()
    if not rows:
        raise DataError(f"'{name}' is empty", hint=f"a first row such as: {example}")
    header, body = [field.strip() for field in rows[0][1]], rows[1:]
    if not any_names and len(header) == 1 and is_numeric(header):
        header, body = [""], rows
    elif not any_names and all(_is_value(field) for field in header):
        raise DataError(
            f"'{name}' begins with {', '.join(shown(field) for field in header)}: "
            "expected the names of the columns in the first row",
            hint=f"a first row such as: {example}",
        )
    for number, row in body:
        if any(field.strip() for field in row[len(header) :]):
            raise DataError(
                f"'{name}', row {number} has {len(row)} fields, the header has {len(header)}",
                hint="quote fields that hold the delimiter, or complete the header",
            )
    width = len(header)
    whole = [row[:width] + [""] * (width - len(row)) for _, row in body]
    columns = [[row[index] for row in whole] for index in range(width)]
    used = [i for i, cells in enumerate(columns) if header[i] or any(map(str.strip, cells))]
    names = [header[index] or f"column {index + 1}" for index in used]
    return names, [columns[index] for index in used], [number for number, _ in body], delimiter


def decode(data: bytes, name: str, save_as: str = _SAVE_AS) -> str:
    """Return the text of a file, in UTF-8 or, with its mark, UTF-16; ``save_as`` is the hint else.

    Raises:
        DataError: it is neither, or no text.
    """
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


def find_delimiter(text: str) -> str:
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


def read_line(text: str, delimiter: str) -> list[str] | None:
    """Return the fields of a row that is one line, None where a quoted one does not end.

    Example:
        >>> read_line('a;"b;c"', ";"), read_line('a;"b', ";")
        (['a', 'b;c'], None)
    """
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


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


def _is_value(field: str) -> bool:
    """Whether a field of the first row is no name, but the first period's date or number."""
    return not field or holds_dates([field]) or is_numeric([field])


def _lines(text: str) -> Iterator[str]:
    """Cut at the ends of lines of every system, and nowhere else; keep the ends."""
    return (match[0] for match in re.finditer(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text))
