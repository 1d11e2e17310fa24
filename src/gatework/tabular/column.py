"""A column of cells, and what messages call its places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.errors import DataError
from gatework.tabular.texts import taken

Cell = Any
"""What a table holds in one place: text, a number, a date, or None."""


@dataclass(frozen=True)
class Column:
    """The cells of a column, as the file orders them, and the number of each one's row."""

    name: str
    cells: Sequence[Cell]
    rows: Sequence[int]

    def at(self, index: int) -> str:
        """Return how a message names a cell: ``column 'faults', row 4``."""
        return f"column {self.name!r}, row {self.rows[index]}"

    def shown(self, index: int) -> str:
        """Return a cell as messages show it."""
        return shown(self.cells[index])

    def take(self, places: Sequence[int]) -> Column:
        """Return the column of some of the cells, in this order."""
        rows = [self.rows[place] for place in places]
        return Column(self.name, taken(self.cells, places), rows)


def shown(cell: Cell) -> str:
    """Return the cell as messages show it: quoted, and cut where it is long."""
    text = str(plain(cell)) if not isinstance(cell, str) else cell
    return repr(text if len(text) <= 40 else text[:37] + "...")


def is_empty(cell: Cell) -> bool:
    """Return whether nothing stands in the cell."""
    return cell is None or cell != cell or not str(cell).strip()  # nan and NaT differ from it


def plain(cell: Cell) -> Cell:
    """Return a cell of an array as those of lists are: its missing values are None.

    Example:
        >>> plain(np.float64("nan")), plain(np.datetime64("2005-03-07"))
        (None, datetime.date(2005, 3, 7))
    """
    cell = cell.item() if isinstance(cell, np.generic) else cell
    return None if cell != cell else cell


@contextmanager
def naming(whose: str) -> Iterator[None]:
    """Begin the message of a DataError with whose table or series it is about."""
    try:
        yield
    except DataError as error:
        raise DataError(whose + error.message, hint=error.hint) from None
