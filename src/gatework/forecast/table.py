"""Tables of the user: CSV or Parquet files, and the series in one of their columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.forecast.dates import TIME_NAMES, Dates, holds_dates, read_dates, read_years
from gatework.forecast.delimited import read_rows
from gatework.forecast.missing import FILLS, Missing, describe_fill, fill, missing_values
from gatework.forecast.numeric import Cell, Style, find_style, is_numeric, read_numbers, shown
from gatework.forecast.series import Series
from gatework.forecast.timeline import (
    Timeline,
    check_order,
    follows_on,
    lay_out_dates,
    lay_out_numbers,
)


@dataclass(frozen=True)
class Table:
    """A table as its file holds it: named columns of cells, and the number of each row.

    Rows carry the numbers that a spreadsheet shows, the header being row 1; those of a Parquet
    file, which has no header row, count from 1.
    """

    name: str
    columns: dict[str, list[Cell]] = field(repr=False)
    rows: list[int] = field(repr=False)
    delimiter: str

    def column(self, name: str, option: str = "--column") -> str:
        """Return the column's name as the file writes it; ``name`` may differ in case.

        ``option`` is what the hint tells the user to type.

        Raises:
            DataError: there is no such column; the nearest name is the hint.
        """
        if name in self.columns:
            return name
        folded = [known for known in self.columns if known.casefold() == name.strip().casefold()]
        if len(folded) == 1:
            return folded[0]
        alike = nearest(name, self.columns)
        known = ", ".join(repr(column) for column in self.columns)
        raise DataError(
            f"column {name!r} is not in '{self.name}', which has {known}",
            hint=f"{option} {quote(alike or next(iter(self.columns)))}",
        )


def read_table(path: str | Path) -> Table:
    """Read a CSV file, with any delimiter that a spreadsheet writes, or a Parquet file.

    Raises:
        DataError: the file is missing, unreadable, empty, neither of the two, or its header does
            not name each column once.
    """
    path = Path(path)
    data = _read_bytes(path)
    if data.startswith(b"PAR1"):
        from gatework.forecast.parquet import read_parquet

        header, columns = read_parquet(data, path.name)
        rows, delimiter = list(range(1, len(columns[0]) + 1 if columns else 1)), ","
    elif path.suffix.casefold() in {".parquet", ".pq"}:
        raise DataError(
            f"'{path.name}' is not a Parquet file: it does not begin with 'PAR1'",
            hint="write it anew, or save the table as CSV",
        )
    else:
        header, columns, rows, delimiter = _read_text(data, path.name)
    _check_header(header, path.name)
    if not rows:
        raise DataError(
            f"'{path.name}' has a header and no rows", hint="add one row for each period"
        )
    return Table(path.name, dict(zip(header, columns, strict=True)), rows, delimiter)


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
    from gatework.forecast.panel.reading import read_frame  # which builds on this module

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


def column_dates(
    table: Table, column: str, plausible: Callable[[tuple[datetime, ...]], bool]
) -> Dates | list[float]:
    """Return the dates in a column, or its numbers where they are neither dates nor years.

    Raises:
        DataError: a cell is empty or no date, or the dates can be read in two ways.
    """
    cells = table.columns[column]
    if holds_dates(cells) or not is_numeric(cells):
        return read_dates(cells, table.rows, column, plausible)
    style = find_style(cells, table.rows, column, table.delimiter)
    numbers = read_numbers(cells, table.rows, column, style, fill=False)
    empty = np.flatnonzero(np.isnan(numbers))
    if empty.size:
        raise DataError(
            f"column {column!r}, row {table.rows[empty[0]]}: the date is empty",
            hint="write the date, or delete the row",
        )
    return read_years(numbers.tolist(), column) or numbers.tolist()


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        siblings = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        alike = nearest(path.name, siblings)
        raise DataError(
            f"'{path}' does not exist",
            hint=f"did you mean '{path.with_name(alike)}'?" if alike else "check the path",
        ) from None
    except OSError as error:
        reason = "it is a directory" if path.is_dir() else (error.strerror or str(error))
        raise DataError(f"'{path}' cannot be read: {reason}", hint="name a CSV file") from None


def _read_text(data: bytes, name: str) -> tuple[list[str], list[list[Cell]], list[int], str]:
    rows, delimiter = read_rows(data, name)
    header = [field.strip() for field in rows[0][1]]
    if len(header) == 1 and is_numeric(header):
        header, body = [""], rows  # a list of numbers needs no header
    else:
        _check_names(header, name)
        body = rows[1:]
    columns: list[list[Cell]] = [[] for _ in header]
    for number, row in body:
        if any(field.strip() for field in row[len(header) :]):
            raise DataError(
                f"'{name}', row {number} has {len(row)} fields, the header has {len(header)}",
                hint="quote fields that hold the delimiter, or complete the header",
            )
        for index, cells in enumerate(columns):
            cells.append(row[index] if index < len(row) else "")
    used = [
        index
        for index, cells in enumerate(columns)
        if header[index] or any(str(cell).strip() for cell in cells)
    ]
    names = [header[index] or f"column {index + 1}" for index in used]
    return names, [columns[index] for index in used], [number for number, _ in body], delimiter


def _check_names(header: Sequence[str], name: str) -> None:
    """Check that the first row holds names, not the first period's date and numbers."""
    if all(not field or holds_dates([field]) or is_numeric([field]) for field in header):
        raise DataError(
            f"'{name}' begins with {', '.join(shown(field) for field in header)}: "
            "expected the names of the columns in the first row",
            hint="a first row such as: date,faults",
        )


def _check_header(header: Sequence[str], name: str) -> None:
    for index, column in enumerate(header):
        if column in header[:index]:
            raise DataError(
                f"'{name}' calls two columns {column!r}: "
                f"column {header.index(column) + 1} and column {index + 1}",
                hint="give each column a name of its own",
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
