"""Columns of numbers: how decimals are written, what is missing, and where a cell is no number."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from gatework.errors import DataError

Cell = object
"""What a table holds in one place: text, a number, a date, or None."""

MISSING = {"", "na", "nan", "null"}
"""Texts that stand for a missing value, in any case."""

SAID_TO_BE_MISSING = {"n/a", "#n/a", "none", "-"}
"""Texts that stand for one only where the user has said how to fill missing values."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
_GROUPED = re.compile(r"(?<=\d)[ \u00a0\u202f'’](?=\d{3}(?!\d))", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)


@dataclass(frozen=True)
class Style:
    """How a column writes its numbers: which sign begins the decimals, which parts thousands."""

    decimal: str = "."
    thousands: str = ""

    def number(self, cell: Cell) -> float | None:
        """Return the cell as a number, nan where it is missing, None where it is no number."""
        if cell is None:
            return math.nan
        if isinstance(cell, bool):
            return None
        if isinstance(cell, int | float | Decimal | np.number):
            return float(cell)
        if not isinstance(cell, str):
            return None
        text = _tidy(cell)
        if text.casefold() in MISSING:
            return math.nan
        if _INFINITE.fullmatch(text):
            return math.inf
        if self.thousands:
            text = text.replace(self.thousands, "")
        if self.decimal == ",":
            if "." in text:
                return None
            text = text.replace(",", ".")
        return float(text) if _NUMBER.fullmatch(text) else None


def find_style(cells: Sequence[Cell], rows: Sequence[int], column: str, delimiter: str) -> Style:
    """Return how the column writes its numbers, from all its cells.

    A comma before other than three digits begins decimals, and so does one in a file whose
    delimiter is the semicolon, since spreadsheets use that where the comma is taken. A dot between
    groups of three digits parts thousands where the comma begins decimals.

    Raises:
        DataError: the column can be read both ways; the first such cell is named.
    """
    texts = [_tidy(cell) if isinstance(cell, str) else "" for cell in cells]
    commas = [text for text in texts if "," in text]
    dots = [text for text in texts if "." in text and "," not in text]
    if commas and not all(_COMMA_GROUPS.fullmatch(text) for text in commas):
        return Style(",", "." if all(_DOT_GROUPS.fullmatch(text) for text in dots) else "")
    if commas:
        sure = any(text.count(",") > 1 or "." in text for text in commas)
        odd_dots = any(not _DOT_GROUPS.fullmatch(text) for text in dots)
        if sure or odd_dots or delimiter == ",":
            return Style(".", ",")
        if delimiter == ";":
            return Style(",", "." if dots else "")
        raise _two_ways(texts.index(commas[0]), texts, rows, column)
    if dots and delimiter != "," and all(_DOT_GROUPS.fullmatch(text) for text in dots):
        if any(text.count(".") > 1 for text in dots):
            return Style(",", ".")
        raise _two_ways(texts.index(dots[0]), texts, rows, column)
    return Style()


def is_numeric(cells: Sequence[Cell]) -> bool:
    """Return whether at least half of the cells that are not missing are numbers.

    Example:
        >>> is_numeric(["3", "1,5", "n/a", ""]), is_numeric(["2005-03-07", "up", ""])
        (True, False)
    """
    known = [number for cell in cells if not _is_nan(number := _any_number(cell))]
    return bool(known) and sum(number is not None for number in known) * 2 >= len(known)


def read_numbers(
    cells: Sequence[Cell], rows: Sequence[int], column: str, style: Style, *, fill: bool
) -> np.ndarray:
    """Return the cells as float64, nan where they are missing.

    ``fill`` says that missing values will be filled, so that 'n/a' and its like are missing too.

    Shapes:
        result: (len(cells),)

    Raises:
        DataError: a cell is no number, or infinite; its row is named.
    """
    values = np.empty(len(cells))
    for index, (row, cell) in enumerate(zip(rows, cells, strict=True)):
        number = style.number(cell)
        marker = isinstance(cell, str) and cell.strip().casefold() in SAID_TO_BE_MISSING
        if number is None and marker and fill:
            number = math.nan
        if number is None:
            raise DataError(
                f"column {column!r}, row {row}: {shown(cell)} is not a number",
                hint="--missing interpolate" if marker else "correct the cell, or --column OTHER",
            )
        if math.isinf(number):
            raise DataError(
                f"column {column!r}, row {row}: {shown(cell)} is infinite, expected a number",
                hint="leave the cell empty and use --missing interpolate",
            )
        values[index] = number
    return values


def shown(cell: Cell) -> str:
    """Return the cell as messages show it: quoted, and cut where it is long."""
    text = str(cell) if not isinstance(cell, str) else cell
    return repr(text if len(text) <= 40 else text[:37] + "...")


def _any_number(cell: Cell) -> float | None:
    number = Style().number(cell)
    if number is None and isinstance(cell, str):
        number = Style().number(re.sub(r"[.,](?=.*[.,])|,$", "", _tidy(cell)).replace(",", "."))
    return number


def _is_nan(number: float | None) -> bool:
    return number is not None and math.isnan(number)


def _tidy(text: str) -> str:
    return _GROUPED.sub("", text.strip().replace("\u2212", "-"))


def _two_ways(index: int, texts: list[str], rows: Sequence[int], column: str) -> DataError:
    plain = re.sub("[.,]", "", texts[index])
    fraction = texts[index].replace(",", ".")
    return DataError(
        f"column {column!r}, row {rows[index]}: {texts[index]!r} may be {plain} or {fraction}",
        hint=f"write the numbers without separators of thousands: {plain}",
    )
