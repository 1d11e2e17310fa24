"""Which columns of a table hold the periods, the values and the ids of many series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gatework.errors import OptionError
from gatework.forecast.panel.wide import is_wide, lengthened
from gatework.tabular.choice import find_time_column, find_value_column, numbers_rows
from gatework.tabular.keys import usual_column
from gatework.tabular.month_grid import PERIOD, VALUE, unrolled
from gatework.tabular.numeric import is_numeric
from gatework.tabular.table import JOINT, Table

ALL = "*"
"""Stands for all columns of numbers."""

_NUMBER = re.compile(r"column 1|unnamed: 0|index|row|no\.?|nr\.?|num|#|№|id", re.IGNORECASE)

Names = str | Sequence[str] | None


@dataclass(frozen=True)
class PanelColumns:
    """The names of columns; of several of values each is a series of its own."""

    time: str
    values: tuple[str, ...]
    ids: tuple[str, ...]


def find_columns(
    table: Table, time: str | None, values: Names, ids: Names, others: Sequence[str]
) -> tuple[Table, PanelColumns]:
    """Return the columns that are named, in the table or in the style, or called as usual.

    A table whose columns are called by periods comes back with a row a series and period.

    Raises:
        OptionError: one must be named, or is named twice. DataError: there is no such column.
    """
    if (found := unrolled(table)) is not table:
        table, time = found, time or PERIOD
        values = VALUE if not values or values in (ALL, (ALL,)) else values
    named = _ids(table, ids)
    values = ALL if not isinstance(values, str | None) and ALL in values else values
    if (time or table.given.time_column) not in table.columns and is_wide(table):
        return _of_wide(table, named, values or None)
    time = time or table.given_column("time_column")
    values = values or table.given_column("column")
    chosen = _several(table, values, "--column") if values != ALL else ()
    chosen = chosen or (usual_column(table, "y") if not values else ())
    time = time or next(iter(usual_column(table, "ds")), None)
    time = time or _dated(table, (*named, *chosen, *others))
    if time is None:
        raise OptionError(
            f"'{table.name}' has no column that is one of dates for sure, and series with ids or "
            "covariates need theirs named",
            hint="--time-column DATE, in Python time_column='date'; where a row is an event: "
            "--events DATE --period month",
        )
    time = table.column(time, "--time-column")
    if not chosen and values != ALL:
        spent = {name.casefold() for name in (*named, *others)}
        rest = _without(table, [name for name in table.columns if name.casefold() in spent])
        chosen = (find_value_column(rest, time),)
    if values == ALL:
        taken = {time, *time.split(JOINT), *named, *others}
        chosen = [n for n in table.columns if n not in taken and is_numeric(table.columns[n])]
        chosen = _without_numbering(table, chosen)
        if not chosen:
            raise OptionError(
                f"'{table.name}' has no column of numbers beside the others", hint="--column NAME"
            )
    for name in (time, *named):
        if name in chosen or (name == time and name in named):
            what = "the periods" if name == time else "the ids"
            more = "the values" if name in chosen else "the ids"
            raise OptionError(
                f"column {name!r} cannot be both {what} and {more}",
                hint="leave --id-column out where there is one series, or name another column",
            )
    return table, _found(table, PanelColumns(time, chosen, named))


def find_keys(table: Table) -> tuple[str, tuple[str, ...]]:
    """Return the columns of the periods and of the ids, as they are known or called as usual.

    Raises:
        OptionError: nothing tells which column holds the periods. DataError: there are no ids.
    """
    ids = _ids(table, None) or _several(table, table.given.id_column, "--id-column")
    usual = next(iter(usual_column(table, "ds")), None)
    time = table.given_column("time_column") or usual or _dated(table, ids)
    if time is None:
        raise OptionError(
            f"'{table.name}' has no column of periods",
            hint="call it as in the table of the series",
        )
    return table.column(time, "--time-column"), ids


def _ids(table: Table, ids: Names) -> tuple[str, ...]:
    """Return the columns of ids; a note says that one was found by its name."""
    named = _several(table, ids or table.given_column("id_column"), "--id-column")
    found = () if named else usual_column(table, "unique_id")
    if found:
        table.say(f"column {found[0]!r} tells the series apart")
    return named or found


def _dated(table: Table, others: Sequence[str]) -> str | None:
    """Return the column of periods beside others, by what it holds."""
    rest = _without(table, others)
    time = find_time_column(rest, ALL)
    table.columns |= {} if time is None or JOINT not in time else {time: rest.columns[time]}
    return time


def _found(table: Table, columns: PanelColumns) -> PanelColumns:
    ids = JOINT.join(columns.ids) or None
    table.found(time_column=columns.time, column=JOINT.join(columns.values), id_column=ids)
    return columns


def _of_wide(table: Table, ids: tuple[str, ...], values: Names) -> tuple[Table, PanelColumns]:
    if values not in (None, ALL, VALUE):
        raise OptionError(
            f"the columns of '{table.name}' are called by periods, and hold the values",
            hint="leave --column and --time-column out",
        )
    long, ids = lengthened(table, ids)
    time = next(name for name in reversed(list(long.columns)) if name != VALUE)
    return long, _found(long, PanelColumns(time, (VALUE,), ids))


def _without_numbering(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    """Leave out the first column where it numbers the rows and is called so, as a note says."""
    first = names[0] if len(names) > 1 else ""
    if _NUMBER.fullmatch(first.strip()) and numbers_rows(table.columns[first]):
        table.say(f"column {first!r} numbers the rows, and is left out")
        names = names[1:]
    return tuple(names)


def _several(table: Table, names: Names, option: str) -> tuple[str, ...]:
    """Return the columns of some names; those joined by " + " are several."""
    if names is None:
        return ()
    if isinstance(names, str):
        alone = names in table.columns or JOINT not in names
        names = [names] if alone else names.split(JOINT)
    return tuple(dict.fromkeys(table.column(name, option) for name in names))


def _without(table: Table, names: Sequence[str]) -> Table:
    kept = {name: cells for name, cells in table.columns.items() if name not in names}
    return replace(table, columns=kept)
