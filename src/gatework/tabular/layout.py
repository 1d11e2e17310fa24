"""What stands around the data of a table: remarks before the header, units, totals, footers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import Cell, is_empty, shown
from gatework.tabular.dates import holds_dates
from gatework.tabular.grid import Grid, plural
from gatework.tabular.marks import MISSING, SAID_TO_BE_MISSING
from gatework.tabular.numeric import is_numeric
from gatework.tabular.texts import Texts, has_words, taken
from gatework.tabular.words import REMARK, is_total, is_unit

SAMPLE = 100
"""Rows that are looked at to find the header."""
_MOST_BEFORE = 40
_LOOKED_AT = 50  # columns; one of thousands of numbers is like the next
_COMMENT = ("#", "//")
_SIGNS = re.compile(r"\s*[-+]?\d[-\d.,:/ ]*")


@dataclass
class Head:
    """Where a table begins, by index of its first rows, and how many of units follow its header."""

    header: int
    units: int = 0
    width: int = 0


def is_value(cell: Cell) -> bool:
    """Return whether a cell is no name, but a date or number, or empty."""
    if not isinstance(cell, str) or not cell.strip():
        return not isinstance(cell, bool)
    return bool(_SIGNS.fullmatch(cell)) or (any(map(str.isdigit, cell)) and _is_value(cell))


@lru_cache(1000)
def _is_value(text: str) -> bool:
    return holds_dates([text]) or is_numeric([text])


def find_head(rows: Sequence[Sequence[Cell]], any_names: bool = False) -> Head:
    """Return which of the first rows of a table is its header, and whether units follow it.

    Before the header may stand remarks: rows of fewer cells, or of a name and what it is. With
    ``any_names`` the header may hold numbers and dates, so that only narrow rows are remarks.

    Example:
        >>> find_head([["# by hand"], ["day", "faults"], ["", "(count)"], ["2005-03-07", "3"]])
        Head(header=1, units=1, width=2)
    """
    widths = [_width(row) for row in rows]
    later = Counter(width for width in widths[len(rows) // 2 :] if width)
    width = max(later, key=lambda one: (later[one], one), default=1)
    if width == 1:
        plain = [i for i, row in enumerate(rows) if row and not _is_comment(row[0])]
        return Head(plain[0] if plain else 0, width=1)
    wide = [i for i, row in enumerate(rows) if len(row) > 1 and 2 * _filled(row) > width]
    if not wide:
        return Head(0, width=max(widths))
    first = next((i for i in wide if not _is_comment(rows[i][0])), wide[0])
    if any_names:
        return Head(first, width=width)
    before = [i for i in wide if i < first]
    if before and any(map(is_value, rows[first][:_LOOKED_AT])):
        return Head(before[-1], width=width)  # the names are a comment
    header = _later_header(rows, wide, first, width)
    units = next((n for n in range(3, 0, -1) if _are_units(rows, header + 1, n, width)), 0)
    return Head(header, units, width)


def _later_header(
    rows: Sequence[Sequence[Cell]], wide: Sequence[int], first: int, width: int
) -> int:
    """Return the row of names that follows rows of a name and what it is; else the first one."""
    for place in (i for i in wide if first < i <= first + _MOST_BEFORE):
        row = rows[place][:_LOOKED_AT]
        said = [cell for cell in row if not is_empty(cell)]
        if len(said) < min(width, _LOOKED_AT) or any(map(is_value, said)):
            continue
        numbered = _value_columns(rows[place + 1 :], len(row))
        if len(numbered) < 2 or any(_mark(row[n]) for n in numbered) or row == rows[first]:
            continue
        if all(is_unit(str(cell)) for cell in said):
            continue
        above = [rows[i] for i in wide if first <= i < place]
        if not any(all(n < len(one) and is_value(one[n]) for n in numbered) for one in above):
            return place
    return first


def _value_columns(rows: Sequence[Sequence[Cell]], width: int) -> list[int]:
    """Return the columns in which most of the next cells are dates or numbers."""
    found = []
    for n in range(min(width, _LOOKED_AT)):
        cells = [row[n] for row in rows[:20] if n < len(row) and not is_empty(row[n])]
        if cells and sum(map(is_value, cells)) * 3 >= len(cells) * 2:
            found.append(n)
    return found


def _are_units(rows: Sequence[Sequence[Cell]], place: int, count: int, width: int) -> bool:
    """Return whether so many rows from a place on are of units, and others follow."""
    if place + count >= len(rows):
        return False
    numbered = _value_columns(rows[place + count :], width)
    for row in rows[place : place + count]:
        said = [row[n] for n in numbered if n < len(row) and not is_empty(row[n])]
        words = [str(cell) for cell in row[:_LOOKED_AT] if not is_empty(cell)]
        if not said or any(is_value(cell) or _mark(cell) for cell in said):
            return False
        if 2 * sum(map(is_unit, words)) < len(words):
            return False
    return True


def remarks(before: Sequence[tuple[int, Sequence[Cell]]]) -> list[str]:
    """Return the note on rows before the header, by their numbers; none where there is none."""
    said = [(number, row) for number, row in before if _filled(row)]
    if not said:
        return []
    first = next(cell for cell in said[0][1] if not is_empty(cell))
    as_what = "a remark" if len(said) == 1 else "remarks"
    numbers = [number for number, _ in said]
    return [f"{plural(numbers, 'line')} passed over as {as_what}: {shown(first)}"]


def count_footers(rows: Sequence[Sequence[Cell]], width: int, values: Sequence[Cell]) -> int:
    """Return how many rows at the end are remarks, or blank; ``values`` are some of column 1."""
    dated = 2 * sum(map(is_value, values)) > len(values)
    count = 0
    for place, row in enumerate(reversed(rows), 1):
        if not _filled(row):
            continue
        cell = row[0] if row else None
        if is_empty(cell) or not isinstance(cell, str) or is_total(cell) or is_value(cell):
            break
        alone = dated and width > 1 and _filled(row) == 1
        says = REMARK.match(cell) and all(is_empty(one) or not is_value(one) for one in row[1:])
        if not (alone or says):
            break
        count = place
    return count


def without_extras(grid: Grid, name: str, totals: bool | None) -> Grid:
    """Return a grid without rows that repeat the header, and those of totals; notes name them.

    Raises:
        DataError: there are totals, and nobody has said that they are to be left out.
    """
    again = _repeats(grid)
    if again.size:
        grid.notes.append(f"{_named(grid, again)} passed over, for the header stands there again")
    found = _totals(grid)
    found = found[~np.isin(found, again)] if totals is not False else found[:0]
    if found.size:
        place = int(found[0])
        cell = next(filter(is_total, (str(cells[place]) for cells in grid.columns)))
        if totals is None:
            more = f", and {found.size - 1} more are" if found.size > 1 else ""
            raise DataError(
                f"'{name}', row {grid.rows[place]} is a total{more}: {shown(cell)}",
                hint="--drop-totals, to leave such rows out",
            )
        what = "a total" if found.size == 1 else "totals"
        grid.notes.append(f"{_named(grid, found)} left out as {what}: {shown(cell)}")
    gone = np.union1d(again, found)
    return _kept(grid, np.setdiff1d(np.arange(len(grid.rows)), gone)) if gone.size else grid


def _named(grid: Grid, places: np.ndarray) -> str:
    return plural([grid.rows[place] for place in places.tolist()])


def _kept(grid: Grid, places: np.ndarray) -> Grid:
    kept = places.tolist()
    grid.columns = [taken(cells, kept) for cells in grid.columns]
    grid.rows = [grid.rows[place] for place in kept]
    return grid


def _repeats(grid: Grid) -> np.ndarray:
    """Return the rows that say the header again, by index."""
    found: np.ndarray | None = None
    for head, cells in zip(grid.header[:_LOOKED_AT], grid.columns, strict=False):
        if found is None:
            found = _places(cells, lambda text, head=head: text.strip() == head, head)
        else:
            found = found[[str(cells[place] or "").strip() == head for place in found.tolist()]]
        if not found.size:
            break
    return np.array([], np.intp) if found is None or len(grid.header) < 2 else found


def _totals(grid: Grid) -> np.ndarray:
    """Return the rows of totals, by index.

    A word such as "Total" says so where it stands among dates or numbers, or where the date lacks:
    of many series one may be called Total.
    """
    if len(grid.header) < 2:
        return np.array([], np.intp)
    looked_at = enumerate(grid.columns[:_LOOKED_AT])
    called = {n: _places(cells, is_total, "total") for n, cells in looked_at}
    called = {n: found for n, found in called.items() if found.size}
    if not called:
        return np.array([], np.intp)
    firsts = {n: _first(grid.columns[n]) for n in range(min(len(grid.columns), _LOOKED_AT))}
    dated = [n for n, cells in firsts.items() if holds_dates(cells)]
    rows: set[int] = set()
    for n, found in called.items():
        if len(firsts[n]) and sum(map(is_value, firsts[n])) * 5 >= len(firsts[n]) * 4:
            rows.update(found.tolist())
            continue
        last = len(grid.rows) - 1
        for place in found.tolist():
            undated = dated and all(is_empty(grid.columns[one][place]) for one in dated)
            if undated or (not dated and n == 0 and place == last and found.size == 1):
                rows.add(place)
    return np.array(sorted(rows), np.intp)


def _first(cells: Sequence[Cell]) -> list[Cell]:
    """Return some of the first cells that are not empty, but for what totals are called."""
    some = [cell for cell in cells[:SAMPLE] if not is_empty(cell)]
    return [cell for cell in some if not (isinstance(cell, str) and is_total(cell))]


def _places(cells: Sequence[Any], wanted: Any, such_as: str) -> np.ndarray:
    """Return where the texts stand that are wanted, of which one is told; numbers and dates not."""
    none = np.array([], np.intp)
    if has_words([such_as]) and not has_words(cells):
        return none
    if isinstance(cells, Texts):
        known, codes = cells.distinct
        yes = [at for at, cell in enumerate(known) if wanted(cell)]
        return np.flatnonzero(np.isin(codes, yes)) if yes else none
    words = {c for c in set(cells) if isinstance(c, str) and not (c[:1] + c[-1:]).isdigit()}
    if not (found := set(filter(wanted, words))):
        return none
    return np.array([place for place, cell in enumerate(cells) if cell in found])


def _width(row: Sequence[Cell]) -> int:
    """Return how wide a row is up to its last cell that is not empty."""
    return next((n for n in range(len(row), 0, -1) if not is_empty(row[n - 1])), 0)


def _filled(row: Sequence[Cell]) -> int:
    return sum(not is_empty(cell) for cell in row)


def _is_comment(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.lstrip().startswith(_COMMENT)


def _mark(cell: Cell) -> bool:
    """Return whether a cell says that a value is missing."""
    return isinstance(cell, str) and cell.strip().casefold() in MISSING | SAID_TO_BE_MISSING
