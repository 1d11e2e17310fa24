"""What a row of a table is: data, or what stands beside them, as far as one row tells."""

from __future__ import annotations

from collections.abc import Sequence

from gatework.tabular.column import is_empty
from gatework.tabular.dates import holds_dates
from gatework.tabular.layout import is_value
from gatework.tabular.marks import missing_mark
from gatework.tabular.words import is_unit

_COMMENT = ("#", "//")


def filled(cells: Sequence[str]) -> list[str]:
    """Return the cells in which something stands."""
    return [cell for cell in cells if not is_empty(cell)]


def is_comment(cells: Sequence[str]) -> bool:
    """Return whether a row begins as a comment does."""
    return bool(cells) and cells[0].lstrip().startswith(_COMMENT)


def has_values(cells: Sequence[str]) -> bool:
    """Return whether a cell is a number or date."""
    return any(map(is_value, filled(cells)))


def are_data(cells: Sequence[str], header: Sequence[str], *, dated: bool) -> bool:
    """Return whether a row that follows one that may be the header, or nothing, is one of data.

    Where rows are ``dated``, two cells of which the first is no value are a name and what it is.
    """
    some = filled(cells)
    if dated and len(cells) == 2 and not (is_value(cells[0]) or missing_mark(cells[0])):
        return False
    if any(holds_dates([cell]) for cell in some) or all(map(is_value, some)):
        return True
    return len(header) == len(cells) and has_values(cells) and not (dated and len(cells) == 2)


def are_units(cells: Sequence[str]) -> bool:
    """Return whether the row after the header names units.

    Example:
        >>> are_units(["", "[kW]"]), are_units(["2005-03", "kW"])
        (True, False)
    """
    some = filled(cells)
    marked = any(is_value(cell) or missing_mark(cell) for cell in some)
    return not marked and 2 * sum(map(is_unit, some)) >= len(some) > 0
