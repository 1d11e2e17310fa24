"""Cells that come alone, after others or without them, as numbers."""

from __future__ import annotations

import math

from gatework.tabular.column import Cell
from gatework.tabular.marks import missing_mark
from gatework.tabular.numerals import Numeral, bare, numeral, tidy
from gatework.tabular.numeric import number
from gatework.tabular.style import ReadingStyle


def read_cell(cell: Cell, style: ReadingStyle, column: str, delimiter: str = ",") -> float | None:
    """Return a cell that comes alone as a number of a column that was read before, in its style.

    nan stands for a missing value, None for what is no number of that column. Where the style does
    not know how decimals begin, a comma does so in a table whose delimiter is the semicolon, and a
    dot in one whose delimiter is the comma; other numbers that can be read both ways are none.

    Example:
        >>> german = ReadingStyle(decimals={"load": ","}, units={"load": "%"})
        >>> read_cell("1.241 %", german, "load"), read_cell("1.5 %", german, "load")
        (1241.0, None)
        >>> read_cell("3,5", ReadingStyle(), "load"), read_cell("1,250", ReadingStyle(), "load")
        (3.5, None)
    """
    mark, unit = style.decimal(column), style.units.get(column, "")
    text = tidy(cell).strip() if isinstance(cell, str) else ""
    if missing_mark(cell) or text.casefold() in {one.casefold() for one in style.missing} - {""}:
        return math.nan
    found = numeral(text)
    if found is None:
        value = number(cell)
    else:
        mark = mark or _likely(found, delimiter)
        if found.unit != unit or mark is None or not found.fits(mark):
            return None
        value = float(bare(text, unit, mark))
    return math.nan if value in {number(one, mark or ".") for one in style.missing} else value


def read_alone(cell: Cell, delimiter: str = ",") -> float | None:
    """Return a cell as a number where no others tell how it is written, as ``number`` does.

    A comma begins decimals where semicolons part the cells, and is no part of a number elsewhere.

    Example:
        >>> read_alone("3,5", ";"), read_alone("3,5"), read_alone("n/a")
        (3.5, None, nan)
    """
    if missing_mark(cell):
        return math.nan
    if isinstance(cell, str) and "," in cell:
        return number(cell, ",") if delimiter == ";" else None
    return number(cell)


def _likely(found: Numeral, delimiter: str) -> str | None:
    """Return the mark that begins the decimals of one number alone; None where both may."""
    marks = [mark for mark in (".", ",") if found.fits(mark)]
    there = next((mark for mark in ",." if mark in found.body), None)
    if len(marks) == 2 and there:
        return there if delimiter == {",": ";", ".": ","}[there] else None
    return marks[0] if marks else None
