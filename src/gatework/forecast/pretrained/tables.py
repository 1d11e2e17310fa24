"""The series of a table to learn from: one, or many in any form in which they are forecast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.panel.reading import read_panel
from gatework.forecast.panel.wide import is_wide
from gatework.forecast.pretrained.example import Example
from gatework.forecast.reading import read_series
from gatework.tabular.choice import find_time_column, numbers_rows
from gatework.tabular.keys import USUAL, find_key, is_usual, several_ids, usual_column
from gatework.tabular.numeric import is_numeric
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import JOINT, Table, read_table


@dataclass(frozen=True)
class TableReading:
    """How tables are read; what is not said is found.

    Attributes:
        ids, time, values: names of columns. style: of the cells, with a frequency where it is said.
    """

    ids: tuple[str, ...] = ()
    time: str | None = None
    values: tuple[str, ...] = ()
    style: ReadingStyle = field(default_factory=ReadingStyle)


def series_in(path: Path, reading: TableReading) -> list[Example]:
    """Return the series of a table, as `gatework forecast` reads it.

    Of many series, a row is one of a series and period, or of a series, or of a period of all.
    Gaps of one series are filled with straight lines; of many they are missing.

    Raises:
        DataError, OptionError: it cannot be read; the file is named.
    """
    try:
        table = read_table(path, reading.style)
        if reading.ids or is_wide(table) or (several_ids(table) and is_usual(table)):
            ids = reading.ids or usual_column(table, USUAL[0])
            return list(_many(path, table, ids, reading.time, reading.values))
        if len(reading.values) < 2:
            try:
                return [_one(path, table, reading.time, *reading.values)]
            except DataError:
                found = _found(path, table, reading)
                if not found:
                    raise
                return found
        return [_one(path, table, reading.time, name) for name in reading.values]
    except (DataError, OptionError) as error:
        raise type(error)(f"{path}: {error.message}", hint=error.hint) from None


def _found(path: Path, table: Table, reading: TableReading) -> list[Example]:
    """Return the series of a table that holds more than one; none where nothing tells them."""
    value = next(iter(reading.values), None)
    time = reading.time or find_time_column(table, value)
    spent = {time, *(time or "").split(JOINT)}
    numeric = [name for name, cells in table.columns.items() if is_numeric(cells)]
    numeric = [name for name in numeric if name not in spent]
    for last in [value] if value else reversed(numeric):
        key = time and find_key(table, table.texts(time), None, (*spent, last))
        if key:
            values = (value,) if value else tuple(name for name in numeric if name not in key)
            return list(_many(path, table, key, time, values))
    if value or len(numeric) < 2:
        return []
    columns = [name for name in numeric if not numbers_rows(table.columns[name])] or numeric
    return [_one(path, table, time, name) for name in columns]


def _one(path: Path, table: Table, time: str | None, column: str | None = None) -> Example:
    found = read_series(
        table, column=column, time_column=time, missing="interpolate", allow_negative=True
    )
    name = path.stem if column is None else f"{path.stem} {column}"
    return Example(name, path.parent.name, found.values, found.season)


def _many(
    path: Path, table: Table, ids: tuple[str, ...], time: str | None, values: tuple[str, ...]
) -> Iterator[Example]:
    panel = read_panel(
        table,
        id_column=ids or None,
        time_column=time,
        column=values or None,
        allow_negative=True,
    )
    for row, name in enumerate(panel.ids):
        own = np.array(panel.values[row, : panel.lengths[row]])
        yield Example(f"{path.stem} {name}", path.parent.name, own, panel.season)
