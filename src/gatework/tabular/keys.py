"""Which columns tell rows of one period apart: the key that a table of many series has."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from shlex import quote

import numpy as np

from gatework.tabular.column import is_empty
from gatework.tabular.dates import holds_dates
from gatework.tabular.numeric import is_numeric, plain_numbers
from gatework.tabular.table import JOINT, Table

USUAL = ("unique_id", "ds", "y")
"""What other libraries call the columns of ids, periods and values."""
_MOST = 3
"""The most columns that are looked for together."""
_TRIED = 12
"""The likeliest columns, of which combinations are tried."""


def find_key(
    table: Table,
    periods: np.ndarray | Sequence[str],
    codes: np.ndarray | None,
    others: Sequence[str | None],
) -> tuple[str, ...]:
    """Return the columns that, with the series that are known, tell rows of one period apart.

    Of several, the fewest columns with the fewest different cells are the likeliest key. Nothing is
    returned where no rows share series and period, or nothing tells them apart.

    Args:
        table: of the rows.
        periods: of each row, (rows,), comparable.
        codes: the series of each row, (rows,); None for one.
        others: columns that are no key, such as those of periods and values.
    """
    codes = np.zeros(len(table.rows), np.int64) if codes is None else codes
    rows = _distinct(codes, np.unique(periods, return_inverse=True)[1])
    if len(np.unique(rows)) == len(rows):
        return ()
    kinds: list[tuple[int, str, np.ndarray]] = []
    for name in table.columns:
        if name in others or JOINT in name or not _may_be_key(table, name):
            continue
        parts, which = np.unique(table.texts(name), return_inverse=True)
        if 1 < len(parts) <= len(rows) / 2 and "" not in parts:
            kinds.append((len(parts), name, which))
    kinds = sorted(kinds, key=lambda one: one[0])[:_TRIED]
    for count in range(1, _MOST + 1):
        for some in combinations(kinds, count):
            together = rows
            for _, _, which in some:
                together = _distinct(together, which)
            if len(np.unique(together)) == len(rows):
                wanted = {name for _, name, _ in some}
                return tuple(name for name in table.columns if name in wanted)
    return ()


def key_options(key: Sequence[str], time: str, value: str) -> str:
    """Return what is typed for the series that a key tells apart."""
    ids = " ".join(f"--id-column {quote(name)}" for name in key)
    return f"{ids} --time-column {quote(time)} --column {quote(value)}"


def usual_column(table: Table, name: str) -> tuple[str, ...]:
    """Return the column that is called by one of the USUAL names, where there is one."""
    return tuple(one for one in table.columns if one.casefold() == name)[:1]


def is_usual(table: Table) -> bool:
    """Return whether the columns of many series are called as in other libraries.

    Example:
        >>> columns = {"unique_id": ["a", "b"], "ds": ["2005", "2005"], "y": [1, 2]}
        >>> is_usual(Table("t", columns, [2, 3], ","))
        True
    """
    return all(usual_column(table, name) for name in USUAL)


def several_ids(table: Table) -> tuple[str, ...]:
    """Return the ids in a column called as usual, where there are more than one, not one a row."""
    names = usual_column(table, USUAL[0])
    ids = dict.fromkeys(table.texts(names[0])) if names else {}
    return tuple(ids) if 1 < len(ids) < len(table.rows) else ()


def _may_be_key(table: Table, name: str) -> bool:
    """Whether cells may tell series apart: words or whole numbers."""
    cells = table.columns[name]
    if holds_dates(cells):
        return False
    numbers = plain_numbers([cell for cell in cells if not is_empty(cell)])
    return not is_numeric(cells) if numbers is None else bool((numbers == np.floor(numbers)).all())


def _distinct(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return numbers that tell pairs apart, (rows,), counted from 0."""
    pairs = first.astype(np.int64) * (int(second.max(initial=0)) + 1) + second
    return np.unique(pairs, return_inverse=True)[1]
