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
from gatework.storage.limits import PIECE, check_memory, most_bytes
from gatework.tabular.column import Cell, is_empty
from gatework.tabular.delimited import arranged
from gatework.tabular.grid import Grid
from gatework.tabular.layout import without_extras
from gatework.tabular.sources import UNZIPPED_BADLY
from gatework.tabular.style import ReadingStyle
from gatework.tabular.workbook_apart import ApartWorkbook

_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,8})(\d{1,12})"[^>]*(?<!/)>')
_LONGEST_CELL = 300
_TEXT_END = re.compile(rb"</(?:\w+:)?si>")
_Workbook = CalamineWorkbook | ApartWorkbook
_ROOM = 40  # bytes that an empty cell takes


def read_workbook(
    data: bytes, name: str, style: ReadingStyle, *, any_names: bool = False, example: str = ""
) -> Grid:
    """Return the table in a sheet of a workbook: the one that is named, else the first with rows.

    Raises:
        DataError: it is no workbook, has no such sheet, or the sheet holds no table.
    """
    try:
        book = _opened(data, name)
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


def _opened(data: bytes, name: str) -> _Workbook:
    """Open a workbook; one that may take more memory than it tells, by a process of its own.

    Raises:
        InputFileError: its cells are few and lie so far apart that no memory holds the sheet.
    """
    if not data.startswith(b"PK"):
        return ApartWorkbook(data, name)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        if not {"xl/workbook.bin", "content.xml"}.isdisjoint(archive.namelist()):
            return ApartWorkbook(data, name)  # .xlsb, and .ods with its repeated cells
        longest = references = 0
        for part in archive.infolist():
            rows, columns, shared, text = _extent(archive, part)
            check_memory(f"'{name}', {rows:,} rows of {columns:,} columns,", rows * columns * _ROOM)
            references, longest = references + shared, max(longest, text)
    if references * longest > most_bytes():
        return ApartWorkbook(data, name)
    return CalamineWorkbook.from_filelike(BytesIO(data))


def _extent(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, int, int, int]:
    """Return rows, columns and references to texts of a sheet, and bytes of the longest text."""
    rows = columns = 1
    references = longest = begin = position = 0
    before = b""
    with archive.open(part) as file:
        while piece := file.read(PIECE):
            for letters, digits in _FILLED_CELL.findall(before + piece):
                columns = max(columns, _number_of(letters))
                rows = max(rows, int(digits))
            references += piece.count(b't="s"')
            for end in _TEXT_END.finditer(piece):
                longest = max(longest, position + end.start() - begin)
                begin = position + end.start()
            position += len(piece)
            before = (before + piece)[-_LONGEST_CELL:]
    return rows, columns, references, longest


def _number_of(letters: bytes) -> int:
    """Return the number of a column, of A 1 and of AA 27."""
    return reduce(lambda number, letter: 26 * number + letter - 64, letters, 0)


def _sheet(
    book: _Workbook, names: Sequence[str], name: str, wanted: str | None
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


def _values(book: _Workbook, sheet: str) -> list[list[Any]]:
    if isinstance(book, ApartWorkbook):
        return book.rows(sheet)
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def _cell(value: Any) -> Cell:
    """Return a cell as those of other tables are: nothing is None, whole numbers are int."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return str(value) if isinstance(value, time) else value
