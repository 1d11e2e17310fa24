"""Which columns of the rows hold values and periods: as ``gatework forecast`` finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any

from gatework.errors import DataError
from gatework.tabular.choice import find_time_column
from gatework.tabular.column import is_empty
from gatework.tabular.date_parts import join_dates
from gatework.tabular.marks import MISSING, SAID_TO_BE_MISSING
from gatework.tabular.numeric import is_numeric
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import JOINT, Table, find_column

_FIRST = "the first row"
_MISSING = MISSING | SAID_TO_BE_MISSING


def choose(
    row: Mapping[str, Any],
    column: str | None,
    time_column: str | None,
    series: str | None,
    style: ReadingStyle,
) -> tuple[str, str | None, list[str]]:
    """Return the columns of values and of periods, None where there are no periods, and notes.

    Args:
        row: the first one, by the names of the columns.
        column: of the values, if it was named; the row must have it.
        time_column: of the periods, if it was named.
        series: the name of the forecaster's series.
        style: how that was read; its columns are the ones where they are there.

    Raises:
        DataError: the row lacks a column, or several may be the one.
    """
    names = list(row)
    table = Table(_FIRST, {name: [cell] for name, cell in row.items()}, [1], ",", style)
    value = named(column, names, "--column") or table.given_column("column")
    if value is None and series is not None and series.casefold() in map(str.casefold, names):
        value = series
    value = named(value, names, "--column")
    time = named(time_column, names, "--time-column") or table.given_column("time_column")
    time = named(time, names, "--time-column") or find_time_column(table, value)
    if value is not None:
        return value, time, table.notes
    others = [name for name in names if name not in parts_of(time)]
    numeric = [name for name in others if is_numeric([row[name]])]
    missing = [name for name in others if str(row[name]).strip().casefold() in _MISSING]
    for found in (others, numeric, numeric or missing):
        if len(found) == 1:
            return found[0], time, table.notes
    raise undecided(others, table.given.column or series)


def undecided(names: Sequence[str], before: str | None = None) -> DataError:
    """Return the error where the values may be in several columns, or there is none for them.

    ``before`` is the column that the series was in.
    """
    lacking = f"there is no column {before!r}, as there was before: " if before else ""
    return DataError(
        f"{lacking}the values may be in any of the columns {', '.join(names) or 'of none'}",
        hint=f"--column {quote(names[0])}" if names else "--column NAME",
    )


def named(name: str | None, columns: Sequence[str], option: str) -> str | None:
    """Return a name, or several joined by " + ", as the columns write it; None for None.

    Raises:
        DataError: there is no such column; ``option`` is the hint.
    """
    if name is None:
        return None
    parts = [name] if name in columns else parts_of(name)
    return JOINT.join(find_column(part, columns, option, _FIRST) for part in parts)


def has_any(names: Sequence[str], wanted: Sequence[str | None]) -> bool:
    """Return whether one of the wanted columns is among names, which may differ in case."""
    known = {name.casefold() for name in names}
    return any(part.casefold() in known for name in wanted for part in parts_of(name))


def parts_of(name: str | None) -> list[str]:
    """Return the columns that a name stands for."""
    return [] if name is None else name.split(JOINT)


def period_in(row: Mapping[str, Any], time_column: str | None) -> str | None:
    """Return the period of a row as it is written, empty where it lacks; None without periods."""
    if time_column is None:
        return None
    parts = [time_column] if time_column in row else parts_of(time_column)
    cells = [row.get(part) for part in parts]
    texts = ["" if is_empty(cell) else str(cell).strip() for cell in cells]
    return texts[0] if len(texts) == 1 else next(join_dates(parts, [[text] for text in texts]))
