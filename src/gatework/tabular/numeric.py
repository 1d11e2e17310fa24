"""Columns of numbers: how decimals are written, what is missing, and where a cell is no number."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal
from functools import cached_property
from shlex import quote
from typing import Any, NamedTuple

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import Cell, Column, is_empty
from gatework.tabular.marks import MISSING, SAID_TO_BE_MISSING, missing_mark
from gatework.tabular.numerals import Numeral, bare, numeral, shapes, tidy
from gatework.tabular.texts import Texts

_PLAIN = re.compile(r"[-+.0-9eE\n]*", re.ASCII)
_INFINITE = re.compile(r"[+-]?(inf|infinity|∞)", re.IGNORECASE)
_NUMBERS = (int, float, np.integer, np.floating, type(None))
_MOST_UNITS = 3
_SAMPLE = 2000
_LONGEST_MARK = 16
_OTHER = "correct the cell, or --column OTHER"


class NumberColumn:
    """The cells of a column, judged by how they are written before they become numbers.

    Args:
        column: whose cells they are.
        missing: marks for a missing value beside those that always are: words, or numbers.

    Attributes:
        said: marks among ``missing`` that were found, with the places of each, (n,).
    """

    def __init__(self, column: Column, missing: Collection[str] = ()) -> None:
        self.column, self.missing = column, missing
        self.said: dict[str, np.ndarray] = {}
        self._plain = plain_numbers(column.cells)

    @cached_property
    def _all_text(self) -> bool:
        cells = self.column.cells
        return isinstance(cells, Texts) or set(map(type, cells)) == {str}

    @cached_property
    def _written(self) -> tuple[list[str], list[str]]:
        """The cells that are text, tidy, and their shapes; empty where a value is missing."""
        texts: Sequence[Any] = self.column.cells
        if not self._all_text:
            texts = [cell if isinstance(cell, str) else "" for cell in texts]
        text = "\n".join(texts)
        if text.count("\n") != len(texts) - 1 or "\r" in text:
            text = "\n".join(" ".join(cell.split()) for cell in texts)
        lines = (text := tidy(text)).split("\n")
        if " " in text or "\t" in text:
            lines = [line.strip() for line in lines]
            text = "\n".join(lines)
        shaped = shapes(text).split("\n")
        allowed = {tidy(mark).strip().casefold() for mark in self.missing} - MISSING
        odd = {shape for shape in set(shaped) if shape and numeral(shape) is None}
        words: dict[str, list[int]] = {}
        for place in [at for at, shape in enumerate(shaped) if shape in odd] if odd else ():
            word = lines[place].casefold()
            if word in MISSING or word in allowed:
                lines[place] = shaped[place] = ""
                words.setdefault(word, []).append(place)
        self.said |= {word: np.array(at) for word, at in words.items() if word in allowed}
        return lines, shaped

    @cached_property
    def numerals(self) -> dict[str, Numeral]:
        """What the cells consist of that are numbers, by their shapes; none of plain numbers."""
        if self._plain is not None and not self.has_dots:
            return {}
        found = {shape: numeral(shape) for shape in set(self._written[1])}
        return {shape: one for shape, one in found.items() if one}

    @property
    def is_plain(self) -> bool:
        """Return whether the cells are numbers, or written as programs write them."""
        return self._plain is not None

    @cached_property
    def has_dots(self) -> bool:
        """Whether dots stand in cells that are text."""
        cells = self.column.cells
        if isinstance(cells, Texts | np.ndarray):
            return isinstance(cells, Texts) and cells.hold(".")
        return any("." in cell for cell in cells if isinstance(cell, str))

    def place(self, numerals: Collection[Numeral]) -> int:
        """Return the place of the first cell that is one of these."""
        shaped = self._written[1]
        return next(at for at, one in enumerate(shaped) if self.numerals.get(one) in numerals)

    def body(self, place: int) -> str:
        """Return the digits and marks of the cell at a place, which holds a number."""
        found = numeral(self._written[0][place])
        return found.body if found else ""

    def unit(self, given: str | None = None) -> str:
        """Return what stands beside every number; ``given`` is what is expected there.

        Raises:
            DataError: numbers have different units; the first that differs is named.
        """
        if (self.is_plain and not given) or not self._written[1]:
            return given or ""
        known = {shape for shape in set(self._written[1]) if numeral(shape)}
        places = (at for at, shape in enumerate(self._written[1]) if shape in known)
        if (first := next(places, None)) is None:
            return given or ""
        expected = self._unit_at(first) if given is None else given
        units = {one.unit for one in self.numerals.values()}
        if units == {expected} and not any(map(str.isdigit, expected)):  # m2 and m3 look alike
            return expected
        for place in (first, *places):
            if (unit := self._unit_at(place)) != expected:
                said = "as before" if given else f"as in row {self.column.rows[first]}"
                raise DataError(
                    f"{self.column.at(place)}: {self.column.shown(place)} has "
                    f"{_unit_told(unit)}, expected {_unit_told(expected)} {said}",
                    hint="write all numbers of the column in one unit",
                )
        return expected

    def read(self, decimal: str, unit: str = "", cure: str | None = None) -> np.ndarray:
        """Return the numbers, nan where they are missing.

        ``decimal`` is the mark that begins decimals, ``unit`` what stands beside every number, and
        ``cure`` the hint for a cell that is no number, in place of those of a forecast.

        Shapes:
            result: (len(column.cells),)

        Raises:
            DataError: a cell is no number, or infinite; its row is named.
        """
        values = self._plain
        if values is None or (decimal == "," and self.has_dots):
            lines, shaped = self._written
            fitting = {
                shape
                for shape, one in self.numerals.items()
                if one.fits(decimal) and one.unit == shapes(unit)
            }
            wrong = set(shaped) - fitting - {""}
            text = bare("\n".join(lines), unit, decimal) if not wrong else ""
            others = self._others()
            if wrong or None in others.values():
                places = [at for at, value in others.items() if value is None]
                places += [at for at, shape in enumerate(shaped) if shape in wrong]
                raise self._not_a_number(min(places), decimal, unit, cure)
            found = text.split("\n")
            values = np.array([line or "nan" for line in found] if "" in found else found, float)
            values[list(others)] = list(others.values())
        infinite = np.flatnonzero(np.isinf(values))
        if infinite.size:
            raise _infinite(self.column, int(infinite[0]), cure)
        for mark in self.missing:
            measured = number(mark, decimal)
            if measured is not None and (values == measured).any():
                self.said[mark] = np.flatnonzero(values == measured)
                values = np.where(values == measured, math.nan, values)
        return values

    def prevail(self) -> bool:
        """Return whether at least half of the cells that are not missing are numbers."""
        if self._plain is not None:
            return bool(np.isfinite(self._plain).any())
        counts = Counter(shape for shape in self._written[1] if shape)
        fitting = {s: one for s, one in self.numerals.items() if one.fits(".") or one.fits(",")}
        words = {one.unit for one in fitting.values() if any(map(str.isalpha, one.unit))}
        others = [value for value in self._others().values() if value is None or value == value]
        told, count = sum(counts.values()) + len(others), sum(counts[shape] for shape in fitting)
        if len(words) > _MOST_UNITS or (words and told == 1):
            return False
        return told > 0 and 2 * (count + len(others) - others.count(None)) >= told

    def _unit_at(self, place: int) -> str:
        found = numeral(self._written[0][place])
        return found.unit if found else ""

    def _others(self) -> dict[int, float | None]:
        """Return the cells that are no text, as numbers, by their places; None for no number."""
        cells = self.column.cells
        if self._all_text:
            return {}
        return {at: number(c) for at, c in enumerate(cells) if not isinstance(c, str)}

    def _not_a_number(self, place: int, decimal: str, unit: str, cure: str | None) -> DataError:
        column, cell = self.column, self.column.cells[place]
        if isinstance(cell, str) and _INFINITE.fullmatch(cell.strip()):
            return _infinite(column, place, cure)
        fill = "--missing interpolate" if missing_mark(cell) else _cure(cell)
        return DataError(
            f"{column.at(place)}: {column.shown(place)} {not_a_number(cell, decimal, unit)}",
            hint=cure or fill,
        )


class Decimals(NamedTuple):
    """Which mark begins decimals, and how sure that is.

    ``mark`` is None where no sign was found, or the numbers can be read both ways; ``numbers`` and
    ``place`` are where the first number stands that could be read otherwise, None where none could.
    """

    mark: str | None
    numbers: NumberColumn | None = None
    place: int = 0


def find_decimal(columns: Sequence[NumberColumn], delimiter: str) -> Decimals:
    """Return the mark that begins decimals in these columns, from all their cells.

    A comma before other than three digits begins decimals, and so does one in a file whose
    delimiter is the semicolon, since spreadsheets use that where the comma is taken. A dot between
    groups of three digits parts thousands where the comma begins decimals.
    """
    if delimiter == "," and all(one.is_plain for one in columns):
        return Decimals("." if any(one.has_dots for one in columns) else None)
    found = [one for column in columns for one in column.numerals.values()]
    commas = {one for one in found if "," in one.body}
    dots = {one for one in found if "." in one.body} - commas
    grouped = all(one.parts_thousands(".") for one in dots)
    doubt, mark = commas or dots, None
    if not doubt:
        return Decimals(None)
    if commas and not all(one.parts_thousands(",") for one in commas):
        return Decimals(",")
    if commas:
        if not grouped or any(one.body.count(",") > 1 or "." in one.body for one in commas):
            return Decimals(".")
        mark = {",": ".", ";": ","}.get(delimiter)
    elif not grouped:
        return Decimals(".")
    elif any(one.body.count(".") > 1 for one in dots):
        return Decimals(",")
    elif delimiter == ",":
        return Decimals(".")
    numbers = next(one for one in columns if doubt & set(one.numerals.values()))
    return Decimals(mark, numbers, numbers.place(doubt))


def is_numeric(cells: Sequence[Cell]) -> bool:
    """Return whether at least half of the cells that are not missing are numbers.

    Units may stand beside them; words do so in more than one cell, and few of them. Of many cells
    some are looked at.

    Example:
        >>> is_numeric(["3", "1,5", "n/a", ""]), is_numeric(["2005-03-07", "up", ""])
        (True, False)
    """
    some = _sample(cells) or _sample([cell for cell in cells if not is_empty(cell)])
    return NumberColumn(Column("", some, ()), SAID_TO_BE_MISSING).prevail()


def _sample(cells: Sequence[Cell]) -> list[Cell]:
    """Return cells that are not empty, from all over the column."""
    return [cell for cell in cells[:: len(cells) // _SAMPLE + 1] if not is_empty(cell)]


def plain_numbers(cells: Sequence[Any]) -> np.ndarray | None:
    """Return numbers that are plain, or empty, all at once; None where one needs a closer look."""
    if isinstance(cells, Texts):
        return cells.floats
    if isinstance(cells, np.ndarray):
        return cells.astype(np.float64) if cells.dtype.kind in "iuf" else None
    kinds = set(map(type, cells))
    if kinds == {str}:
        text = "\n".join(cells)
        if not _PLAIN.fullmatch(text) or text.count("\n") != len(cells) - 1:
            return None
        cells = [cell or "nan" for cell in cells] if "" in cells else cells
    elif any(not issubclass(kind, _NUMBERS) or kind is bool for kind in kinds):
        return None
    try:
        if kinds == {str}:
            return np.fromiter(map(float, cells), np.float64, len(cells))
        return np.array(cells, dtype=np.float64)
    except (ValueError, OverflowError):
        return None


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
    if isinstance(cell, int | float | Decimal | np.number) and not isinstance(cell, bool):
        try:
            return float(cell)
        except OverflowError:
            return math.inf
    text = tidy(cell).strip() if isinstance(cell, str) else "no"
    if text.casefold() in MISSING:
        return math.nan
    if _INFINITE.fullmatch(text):
        return math.inf
    found = numeral(text)
    if found is None or found.unit or not found.fits(decimal):
        return None
    return float(bare(text, "", decimal))


def not_a_number(cell: Cell, decimal: str | None, unit: str = "") -> str:
    """Return what is said of a cell that is no number of a column written like this.

    Example:
        >>> not_a_number("1.5", ","), not_a_number("many", ",")
        ("is not a number where ',' begins the decimals", 'is not a number')
        >>> not_a_number("1.251", None)
        'may be 1251 or 1.251: --decimal comma or --decimal point says which'
    """
    found = numeral(tidy(cell).strip()) if isinstance(cell, str) else None
    if found and found.unit != unit:
        return f"has {_unit_told(found.unit)}, expected {_unit_told(unit)}"
    if found and not decimal and found.fits(".") and found.fits(","):
        readings = (bare(found.body, "", mark) for mark in ",.")
        return f"may be {' or '.join(readings)}: --decimal comma or --decimal point says which"
    if found and decimal and found.fits("." if decimal == "," else ","):
        return f"is not a number where {decimal!r} begins the decimals"
    return "is not a number"


def _cure(cell: Cell) -> str:
    """Return what helps where a cell is no number; a short text may say that there is none."""
    text = cell.strip() if isinstance(cell, str) else ""
    if not text or len(text) > _LONGEST_MARK or numeral(tidy(text)):
        return _OTHER
    mark = f"--missing-mark {quote(text)} where it stands for a missing value"
    return f"correct the cell, or {mark}, or --column OTHER"


def _unit_told(unit: str) -> str:
    return f"the unit {unit!r}" if unit else "no unit"


def _infinite(column: Column, place: int, cure: str | None) -> DataError:
    return DataError(
        f"{column.at(place)}: {column.shown(place)} is infinite, expected a number",
        hint=cure or "leave the cell empty and use --missing interpolate",
    )
