"""Columns of numbers: how decimals are written, what is missing, and where a cell is no number."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import Cell, Column

MISSING = {"", "na", "nan", "null"}
"""Texts that stand for a missing value, in any case."""

SAID_TO_BE_MISSING = {"n/a", "#n/a", "none", "-"}
"""Texts that stand for one only where the user has said how to fill missing values."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PLAIN = re.compile(r"[-+.0-9eE\n]*", re.ASCII)
_INFINITE = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
_GROUPED = re.compile(r"(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))", re.ASCII)
_GROUPS = {
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII),
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?", re.ASCII),
}
"""Numbers whose thousands are parted by this mark, so that the other one begins the decimals."""


def number(cell: Cell, decimal: str = ".") -> float | None:
    """Return the cell as a number, nan where it is missing, None where it is no number.

    ``decimal`` is the mark that begins the decimals; the other one of comma and dot parts
    thousands, and so do spaces and apostrophes.

    Example:
        >>> number("1.234,5", ","), number("1,234.5"), number("1,5"), number("NA")
        (1234.5, 1234.5, None, nan)
    """
    if cell is None:
        return math.nan
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float | Decimal | np.number):
        try:
            return float(cell)
        except OverflowError:
            return math.inf
    if not isinstance(cell, str):
        return None
    text = _tidy(cell)
    if text.casefold() in MISSING:
        return math.nan
    if _INFINITE.fullmatch(text):
        return math.inf
    thousands = "." if decimal == "," else ","
    if thousands in text:
        if not _GROUPS[thousands].fullmatch(text):
            return None
        text = text.replace(thousands, "")
    text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def find_decimal(columns: Sequence[Column], delimiter: str) -> str | None:
    """Return the mark that begins decimals in these columns, from all their cells; None: no sign.

    A comma before other than three digits begins decimals, and so does one in a file whose
    delimiter is the semicolon, since spreadsheets use that where the comma is taken. A dot between
    groups of three digits parts thousands where the comma begins decimals.

    Raises:
        DataError: the columns can be read both ways; the first such cell is named.
    """
    text = " ".join(cell for one in columns for cell in one.cells if isinstance(cell, str))
    if "," not in text and ("." not in text or delimiter == ","):
        return "." if "." in text else None
    cells = [(one, index) for one in columns for index in range(len(one.cells))]
    texts = [_tidy(c) if isinstance(c := one.cells[index], str) else "" for one, index in cells]
    commas = [text for text in texts if "," in text]
    dots = [text for text in texts if "." in text and "," not in text]
    grouped = all(_GROUPS["."].fullmatch(text) for text in dots)
    if commas and not all(_GROUPS[","].fullmatch(text) for text in commas):
        return ","
    if commas:
        sure = any(text.count(",") > 1 or "." in text for text in commas)
        if sure or not grouped or delimiter == ",":
            return "."
        if delimiter == ";":
            return ","
    elif not dots or delimiter == "," or not grouped:
        return "." if dots else None
    elif any(text.count(".") > 1 for text in dots):
        return ","
    text = (commas or dots)[0]
    column, index = cells[texts.index(text)]
    plain = re.sub("[.,]", "", text)
    raise DataError(
        f"{column.at(index)}: {text!r} may be {plain} or {text.replace(',', '.')}",
        hint=f"write the numbers without separators of thousands: {plain}",
    )


def is_numeric(cells: Sequence[Cell]) -> bool:
    """Return whether at least half of the cells that are not missing are numbers.

    Example:
        >>> is_numeric(["3", "1,5", "n/a", ""]), is_numeric(["2005-03-07", "up", ""])
        (True, False)
    """
    plain = plain_numbers(cells)
    found = [_any_number(cell) for cell in cells] if plain is None else plain.tolist()
    known = [value for value in found if value is None or not math.isnan(value)]
    return bool(known) and 2 * known.count(None) <= len(known)


def read_numbers(
    column: Column, decimal: str, missing: Collection[str] = (), cure: str | None = None
) -> np.ndarray:
    """Return the cells as float64, nan where they are missing.

    ``decimal`` is the mark that begins decimals, ``missing`` those of SAID_TO_BE_MISSING that are
    missing here, ``cure`` the hint for a cell that is no number, in place of those of a forecast.

    Shapes:
        result: (len(column.cells),)

    Raises:
        DataError: a cell is no number, or infinite; its row is named.
    """
    if (plain := plain_numbers(column.cells, decimal)) is not None:
        return plain
    values = np.empty(len(column.cells))
    for index, cell in enumerate(column.cells):
        value = number(cell, decimal)
        mark = missing_mark(cell) if value is None else None
        if mark in missing:
            value = math.nan
        if value is None:
            fill = "--missing interpolate" if mark else "correct the cell, or --column OTHER"
            raise DataError(
                f"{column.at(index)}: {column.shown(index)} is not a number", hint=cure or fill
            )
        if math.isinf(value):
            raise DataError(
                f"{column.at(index)}: {column.shown(index)} is infinite, expected a number",
                hint=cure or "leave the cell empty and use --missing interpolate",
            )
        values[index] = value
    return values


def plain_numbers(cells: Sequence[Any], decimal: str = ".") -> np.ndarray | None:
    """Return numbers that are plain, or empty, all at once; None where one needs a closer look."""
    kinds = set(map(type, cells))
    if kinds == {str} and (decimal == "," or not _PLAIN.fullmatch("\n".join(cells))):
        return None
    if not kinds <= {int, float} and kinds != {str}:
        return None
    try:
        values = np.array([cell if cell != "" else "nan" for cell in cells], dtype=np.float64)
    except (ValueError, OverflowError):
        return None
    return None if np.isinf(values).any() else values


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


def missing_mark(cell: Cell) -> str | None:
    """Return which of SAID_TO_BE_MISSING the cell holds."""
    text = cell.strip().casefold() if isinstance(cell, str) else ""
    return text if text in SAID_TO_BE_MISSING else None


def _any_number(cell: Cell) -> float | None:
    found = number(cell)
    if found is None and isinstance(cell, str):
        found = number(re.sub(r"[.,](?=.*[.,])|,$", "", _tidy(cell)).replace(",", "."))
    return found


def _tidy(text: str) -> str:
    return _GROUPED.sub("", text.strip().replace("\u2212", "-"))
