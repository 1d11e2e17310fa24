"""Tables with a row a year and a column a month, which become tables with a row a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from gatework.errors import DataError
from gatework.tabular.column import Cell, Column, is_empty
from gatework.tabular.date_numbers import YEARS
from gatework.tabular.date_parts import PARTS
from gatework.tabular.dates import read_dates
from gatework.tabular.few_notes import few_of_a_kind
from gatework.tabular.numeric import plain_numbers
from gatework.tabular.table import Table

PERIOD, VALUE = "period", "value"
"""What the columns of periods and of values are called once they stand below each other."""
_MONTHS = 12


def unrolled(table: Table) -> Table:
    """Return the table of a row a month that one of a row a year and a column a month tells.

    Other tables come back as they are. Beside year and months may stand words that tell series
    apart; numbers, such as the sum of the year, are left out.

    Example:
        >>> names = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
        >>> cells = {"Year": ["2021", "2022"]} | {name: [n, n + 5] for n, name in enumerate(names)}
        >>> found = unrolled(Table("t", cells, [2, 3], ","))
        >>> list(found.columns), found.columns["period"][11:13], found.columns["value"][11:13]
        (['period', 'value'], ['2021-12', '2022-01'], [11.0, 5.0])
    """
    months = _months(table)
    year = _year(table, months)
    if year is None:
        return table
    names = sorted(months, key=lambda name: months[name])
    before = len(table.notes)
    values = table.numbers(*names, fill=True)
    table.notes[before:] = few_of_a_kind(table.notes[before:])
    rest = [name for name in table.columns if name not in months and name != year]
    words = [name for name in rest if plain_numbers(table.columns[name]) is None]
    columns: dict[str, Sequence[Cell]] = {
        name: [cell for cell in table.columns[name] for _ in names] for name in words
    }
    years = [int(float(str(cell))) for cell in table.columns[year]]
    columns[PERIOD] = [f"{year}-{month:02d}" for year in years for month in range(1, _MONTHS + 1)]
    columns[VALUE] = values.ravel().tolist()
    left = [name for name in rest if name not in words]
    notes = [*table.notes, f"each row is read as the twelve months of the year in {year!r}"]
    notes += [f"{', '.join(map(repr, left))} beside the months is left out"] if left else []
    rows = np.repeat(np.asarray(table.rows), _MONTHS).tolist()
    long = replace(table, columns=columns, rows=rows, notes=notes)
    long.style = table.style
    return long


def _months(table: Table) -> dict[str, int]:
    """Return which month columns are called by, where all twelve are there; else nothing."""
    short = [name for name in table.columns if 0 < len(name.strip()) <= 12]
    words = [n for n in short if not any(map(str.isdecimal, n)) or n.strip().endswith(("月", "월"))]
    if len(words) < _MONTHS:
        return {}
    found: dict[str, int] = {}
    for name in words:
        month = _month(name.strip())
        if month is not None and month not in found.values():
            found[name] = month
    return found if len(found) == _MONTHS else {}


def _month(name: str) -> int | None:
    text = f"2001年{name}" if name.endswith("月") else f"{name} 2001"
    try:
        times = read_dates(Column("month", [text], [1]), lambda starts: 1.0)
    except DataError:
        return None
    if times.unit != "month":
        return None
    return int(times.starts.astype("datetime64[M]").astype(int)[0]) % _MONTHS + 1


def _year(table: Table, months: dict[str, int]) -> str | None:
    """Return the column of years beside the months, the one that is called so or the only one."""
    if not months:
        return None
    others = {name: cells for name, cells in table.columns.items() if name not in months}
    found = [name for name, cells in others.items() if _holds_years(cells)]
    called = [name for name in found if PARTS.get(name.strip().casefold()) == "year"]
    found = called or found
    return found[0] if len(found) == 1 else None


def _holds_years(cells: Sequence[Cell]) -> bool:
    numbers = None if any(map(is_empty, cells)) else plain_numbers(cells)
    if numbers is None or (numbers != np.floor(numbers)).any():
        return False
    return bool(((numbers >= YEARS.start) & (numbers < YEARS.stop)).all())
