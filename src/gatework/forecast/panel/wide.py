"""Tables with a row a series, whose columns are called by periods, as public health has them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import plain
from gatework.tabular.dates import holds_dates
from gatework.tabular.few_notes import few_of_a_kind
from gatework.tabular.month_grid import PERIOD, VALUE
from gatework.tabular.numeric import is_numeric
from gatework.tabular.table import Table

_LEAST = 3
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:X|YR|Y)?((?:1[5-9]|20|21)\d\d)(?: \[YR\1\])?")


def is_wide(table: Table) -> bool:
    """Return whether at least three columns, and most of the numeric ones, are called by periods.

    Example:
        >>> from gatework.tabular.table import Table
        >>> is_wide(Table("t", {"land": ["a"], "2001": [1], "2002": [1], "2003": [1]}, [2], ","))
        True
    """
    found = periods_in_names(list(table.columns))
    if len(found) < _LEAST:
        return False
    return len(found) > sum(is_numeric(table.columns[n]) for n in table.columns if n not in found)


def periods_in_names(names: Sequence[str]) -> dict[str, str]:
    """Return the names that are periods, and what they are called without what stands beside.

    Example:
        >>> periods_in_names(["Country", "1990 [YR1990]", "X1991", "2019-01", "v1"])
        {'1990 [YR1990]': '1990', 'X1991': '1991', '2019-01': '2019-01'}
    """
    found: dict[str, str] = {}
    for name in names:
        year = _YEAR.fullmatch(name.strip())
        if year or (_DIGIT.search(name) and holds_dates([name])):
            found[name] = year[1] if year else name.strip()
    return found


def lengthened(table: Table, ids: Sequence[str]) -> tuple[Table, tuple[str, ...]]:
    """Return the table with a row a series and period, and its columns of ids.

    Where no ids are named, all columns of words that are not called by a period tell the series
    apart, or the fewest of them that do.

    Raises:
        DataError: nothing tells the rows apart, or a cell is no number.
    """
    periods = periods_in_names(list(table.columns))
    ids = tuple(ids) or _ids(table, list(periods))
    count, rows = len(periods), np.asarray(table.rows)
    before = len(table.notes)
    values = np.reshape(table.numbers(*periods, fill=True), (len(rows), count))
    table.notes[before:] = few_of_a_kind(table.notes[before:])
    columns = {
        name: np.repeat(np.array([*map(plain, cells)], object), count).tolist()
        for name, cells in table.columns.items()
        if name not in periods
    }
    columns |= {PERIOD: [*periods.values()] * len(rows)}
    columns |= {VALUE: values.ravel().tolist()}
    names = list(periods)
    note = (
        f"the columns from {names[0]!r} to {names[-1]!r} are read as {count} periods, a row a "
        "series" + (f", told apart by {' and '.join(map(repr, ids))}" if ids else "")
    )
    long = replace(
        table,
        columns=columns,
        rows=np.repeat(rows, count).tolist(),
        notes=[*table.notes, note],
    )
    long.style = table.style
    return long, ids


def _fewest(names: Sequence[str], texts: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the names without those, the last first, that are not needed to tell rows apart."""
    needed = list(names)
    for name in reversed(names):
        fewer = [one for one in needed if one != name]
        rows = list(zip(*(texts[one] for one in fewer), strict=True))
        if fewer and all(map(any, rows)) and len(set(rows)) == len(rows):
            needed = fewer
    return tuple(needed)


def _ids(table: Table, periods: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of words, the first that has another cell in each row alone."""
    if len(table.rows) == 1:
        words = [n for n in table.columns if n not in periods and not is_numeric(table.columns[n])]
        return tuple(words[:1])
    others = {name: table.texts(name) for name in table.columns if name not in periods}
    words = [name for name in others if not is_numeric(table.columns[name])]
    numbers = [name for name in others if name not in words]
    for some in (words, numbers):
        for name in some:
            if "" not in others[name] and len(set(others[name])) == len(others[name]):
                return (name,)
        rows = list(zip(*(others[name] for name in some), strict=True))
        if some and all(map(any, rows)) and len(set(rows)) == len(rows):
            return _fewest(some, others)
    raise DataError(
        f"nothing tells the rows of '{table.name}' apart, whose columns are called by periods",
        hint="--id-column NAME, a column with another cell in each row",
    )
