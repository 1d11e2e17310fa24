"""The series in one column of a table."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.series import Series
from gatework.tabular.dates import TIME_NAMES, Dates, holds_dates
from gatework.tabular.missing import FILLS, Missing, describe_fill, fill, missing_values
from gatework.tabular.numeric import Cell, Style, find_style, is_numeric, read_numbers
from gatework.tabular.table import Table, column_dates, read_frame
from gatework.tabular.timeline import (
    Timeline,
    check_order,
    follows_on,
    lay_out_dates,
    lay_out_numbers,
)


def read_series(
    path: Any,
    *,
    column: str | None = None,
    time_column: str | None = None,
    missing: Missing = "error",
    allow_negative: bool = False,
) -> Series:
    """Read the series in one column of a table with one row a period.

    ``path`` is that of a CSV or Parquet file, or a data frame of pandas, polars or pyarrow. The
    column of numbers may be left unnamed where there is only one, and the column of dates where
    its cells or its name give it away; without dates the rows are numbered from 1. Periods without
    a row and cells without a value are an error, unless ``missing`` says how to fill them:
    ``interpolate`` draws straight lines, ``previous`` repeats the value before, ``mean`` takes the
    mean of all known values, ``zero`` writes 0.

    Raises:
        DataError: the file or the column cannot be used; the message names the row.
        OptionError: ``missing`` is not one of its values, or both columns are the same.
    """
    if missing not in ("error", *FILLS):
        raise OptionError(
            f"missing must be one of error, {', '.join(FILLS)}, got {missing!r}",
            hint="--missing interpolate",
        )
    table = read_frame(path)
    time = _time_column(table, time_column, column)
    name = table.column(column) if column is not None else _value_column(table, time)
    if name == time:
        raise OptionError(
            f"column {name!r} cannot be both the dates and the values", hint="--column OTHER"
        )
    timeline, notes = _timeline(table, time)
    cells = table.columns[name]
    style = find_style(cells, table.rows, name, table.delimiter)
    if style.decimal == ",":
        notes.append(f"the comma begins the decimals of column {name!r}")
    known = read_numbers(cells, table.rows, name, style, fill=missing != "error")
    counts = _check_counts(known, table.rows, name, allow_negative)
    values = np.full(len(timeline.labels), np.nan)
    values[timeline.positions] = known
    gaps = np.flatnonzero(np.isnan(values))
    if gaps.size:
        if missing == "error":
            raise missing_values(gaps, timeline, table.rows, name)
        values = fill(values, missing, name)
        notes.append(describe_fill(gaps, missing, timeline))
    if np.ptp(values) == 0:
        notes.append(f"the series is constant: every value is {values[0]:g}")
    return Series(
        name, values, timeline.labels, timeline.frequency, timeline.season, counts, tuple(notes)
    )


def _time_column(table: Table, named: str | None, values: str | None) -> str | None:
    if named is not None:
        return table.column(named, "--time-column")
    taken = table.column(values) if values is not None else None
    others = {name: cells for name, cells in table.columns.items() if name != taken}
    if taken is None and len(others) == 1:
        return None
    dated = [name for name, cells in others.items() if holds_dates(cells)]
    called = [name for name in others if name.casefold() in TIME_NAMES]
    for candidates in ([name for name in dated if name in called], dated, called):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise DataError(
                f"'{table.name}' has several columns of dates: "
                + ", ".join(repr(name) for name in candidates),
                hint=f"--time-column {quote(candidates[0])}",
            )
    return None


def _value_column(table: Table, time: str | None) -> str:
    others = {name: cells for name, cells in table.columns.items() if name != time}
    numeric = [name for name, cells in others.items() if is_numeric(cells)]
    if len(numeric) > 1:
        numeric = [name for name in numeric if not _numbers_rows(others[name])] or numeric
    if len(numeric) == 1:
        return numeric[0]
    if numeric:
        raise DataError(
            f"'{table.name}' has several columns of numbers: "
            + ", ".join(repr(name) for name in numeric),
            hint=f"--column {quote(numeric[0])}",
        )
    columns = ", ".join(repr(name) for name in table.columns)
    count = "one column" if len(table.columns) == 1 else f"{len(table.columns)} columns"
    dated = [name for name, cells in table.columns.items() if holds_dates(cells)]
    events = (
        f"where a row is an event: --events {quote(dated[0])} --period month" if dated else None
    )
    raise DataError(
        f"'{table.name}' has {count}, {columns}, and none to forecast: "
        "expected a column of numbers",
        hint=events or "add a column of numbers, one a period",
    )


def _numbers_rows(cells: Sequence[Cell]) -> bool:
    numbers = [Style().number(cell) for cell in cells]
    first = numbers[0]
    return first in (0, 1) and numbers == [first + index for index in range(len(cells))]


def _timeline(table: Table, time: str | None) -> tuple[Timeline, list[str]]:
    count = len(table.rows)
    if time is None:
        labels = tuple(str(number) for number in range(1, count + 1))
        note = "no column of dates was found: the rows are numbered from 1"
        return Timeline(np.arange(count), labels, None, 1), [note]
    cells = table.columns[time]
    times = column_dates(table, time, follows_on)
    if isinstance(times, Dates):
        check_order(times.starts, cells, table.rows, time)
        return lay_out_dates(times, cells, table.rows, time), list(times.notes)
    check_order(times, cells, table.rows, time)
    return lay_out_numbers(times, cells, table.rows, time), []


def _check_counts(values: np.ndarray, rows: Sequence[int], name: str, allow_negative: bool) -> bool:
    """Return whether the values are counts: whole and never negative."""
    known = values[~np.isnan(values)]
    if not known.size:
        raise DataError(f"column {name!r} has no value at all", hint="--column OTHER")
    whole = bool(np.all(known == np.floor(known)))
    negative = np.flatnonzero(values < 0)
    if whole and negative.size and not allow_negative:
        first = negative[0]
        raise DataError(
            f"column {name!r}, row {rows[first]}: {values[first]:g} is negative, "
            "expected counts as in the other rows",
            hint="--allow-negative, if they are not counts",
        )
    return whole and not negative.size
