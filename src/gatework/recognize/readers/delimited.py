"""The cells of a CSV file, each with its line, before anything is made of them."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

from gatework.errors import DataError
from gatework.recognize.readers.bad import text_of

DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Cells:
    """A table of text.

    Attributes:
        columns: their names, stripped, each once.
        rows: of cells, as many as there are columns.
        lines: where each row begins in the file, from 1.
        delimiter: between cells.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str

    def at(self, name: str) -> list[str]:
        """Return the cells of a column, stripped."""
        place = self.columns.index(name)
        return [row[place].strip() for row in self.rows]


def read_cells(path: Path, *, ragged: bool = False) -> Cells:
    """Return the cells of a CSV file with a header; comma, semicolon or tab, whichever it has.

    Args:
        path: of the file, in UTF-8.
        ragged: rows may be shorter than the header, and are filled up with empty cells.

    Raises:
        InputFileError: when it cannot be read.
        DataError: when it has no header, a name twice, or a row of another length.
    """
    text = text_of(path)
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    columns: tuple[str, ...] = ()
    try:
        columns = tuple(name.strip() for name in next(reader, []))
        begin = reader.line_num + 1
        for row in reader:
            if row:
                rows.append(_fitting(row, columns, path, begin, ragged=ragged))
                lines.append(begin)
            begin = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"'{path}', line {reader.line_num}: {error}") from error
    if not any(columns):
        raise DataError(f"'{path}' has no header", hint="names of the columns in its first line")
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise DataError(f"'{path}' has the column {twice!r} twice", hint="rename one")
    return Cells(columns, tuple(rows), tuple(lines), delimiter)


def number(cell: str, where: str, delimiter: str = ",") -> float:
    """Return a cell as a number; the decimal comma is read where cells are parted by semicolons.

    Raises:
        DataError: when it is none, or not finite; ``where`` begins the message.
    """
    try:
        value = float(cell.strip().replace(",", ".") if delimiter == ";" else cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        what = "the value is missing" if not cell.strip() else f"{cell.strip()!r} is not a number"
        raise DataError(f"{where}: {what}", hint="fill the value, or leave the sequence out")
    return value


def _fitting(
    row: list[str], columns: tuple[str, ...], path: Path, line: int, *, ragged: bool
) -> tuple[str, ...]:
    if len(row) > len(columns) or (len(row) < len(columns) and not ragged):
        raise DataError(
            f"'{path}', line {line} has {len(row)} cells, but the header has {len(columns)}"
        )
    return (*row, *("",) * (len(columns) - len(row)))
