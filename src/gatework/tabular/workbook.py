"""Sheets of Excel and OpenDocument workbooks, their dates and numbers as they are kept."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from datetime import time
from functools import reduce
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from gatework.errors import DataError, InputFileError, nearest
from gatework.storage.limits import PIECE, check_memory
from gatework.tabular.column import Cell, is_empty
from gatework.tabular.delimited import arranged
from gatework.tabular.grid import Grid
from gatework.tabular.layout import without_extras
from gatework.tabular.sources import UNZIPPED_BADLY
from gatework.tabular.style import ReadingStyle

_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,8})(\d{1,12})"[^>]*(?<!/)>')
_LONGEST_CELL = 300
_ROOM = 40  # bytes that an empty cell takes


def read_workbook(
    data: bytes, name: str, style: ReadingStyle, *, any_names: bool = False, example: str = ""
) -> Grid:
    """Return the table in a sheet of a workbook: the one that is named, else the first with rows.

    Raises:
        DataError: it is no workbook, has no such sheet, or the sheet holds no table.
    """
    try:
        _check_extent(data, name)
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        names = book.sheet_names
        sheet, rows = _sheet(book, names, name, style.sheet)
    except InputFileError as error:
        raise DataError(error.message, hint=error.hint) from None
    except (CalamineError, *UNZIPPED_BADLY) as error:
        raise DataError(
            f"'{name}' is no readable workbook: {error}",
            hint="save it anew as .xlsx, or the sheet as 'CSV UTF-8'",
        ) from None
    there = [n for n, row in enumerate(rows) if not all(map(is_empty, row))]
    whose = f"{name}, sheet {sheet}" if len(names) > 1 else name
    grid = arranged(
        [rows[n] for n in there],
        [n + 1 for n in there],
        whose,
        any_names=any_names,
        example=example,
        empty=None,
    )
    grid.style["sheet"] = sheet if len(names) > 1 else None
    if len(names) > 1 and style.sheet is None:
        others = ", ".join(repr(one) for one in names if one != sheet)
        grid.notes.insert(0, f"sheet {sheet!r} is read; --sheet names another: {others}")
    return grid if any_names else without_extras(grid, whose, style.totals)


def _check_extent(data: bytes, name: str) -> None:
    """Refuse a workbook whose cells are few and lie so far apart that no memory holds the sheet.

    Raises:
        InputFileError: what lies between them would take more memory than is allowed.
    """
    if not data.startswith(b"PK"):
        return
    with zipfile.ZipFile(BytesIO(data)) as archive:
        for part in archive.infolist():
            rows = columns = 1
            with archive.open(part) as file:
                before = b""
                while piece := file.read(PIECE):
                    for letters, digits in _FILLED_CELL.findall(before + piece):
                        columns = max(columns, _number_of(letters))
                        rows = max(rows, int(digits))
                    before = (before + piece)[-_LONGEST_CELL:]
            check_memory(f"'{name}', {rows:,} rows of {columns:,} columns,", rows * columns * _ROOM)


def _number_of(letters: bytes) -> int:
    """Return the number of a column, of A 1 and of AA 27."""
    return reduce(lambda number, letter: 26 * number + letter - 64, letters, 0)


def _sheet(
    book: CalamineWorkbook, names: Sequence[str], name: str, wanted: str | None
) -> tuple[str, list[list[Cell]]]:
    if wanted is not None:
        found = [one for one in names if one.casefold() == wanted.strip().casefold()]
        if not found:
            raise DataError(
                f"'{name}' has no sheet {wanted!r}, but {', '.join(map(repr, names))}",
                hint=f"--sheet {nearest(wanted, names) or names[0]}",
            )
        names = found
    for one in names:
        rows = [[_cell(value) for value in row] for row in _values(book, one)]
        if rows or one == names[-1]:
            return one, rows
    return "", []


def _values(book: CalamineWorkbook, sheet: str) -> list[list[Any]]:
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def _cell(value: Any) -> Cell:
    """Return a cell as those of other tables are: nothing is None, whole numbers are int."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return str(value) if isinstance(value, time) else value
