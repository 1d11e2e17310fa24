"""Tables of the user: CSV or Parquet files and data frames, as named columns of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.tabular.dates import Dates, holds_dates, read_dates, read_years
from gatework.tabular.delimited import read_rows
from gatework.tabular.numeric import Cell, find_style, is_numeric, read_numbers, shown


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
        from gatework.tabular.parquet import read_parquet

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


def read_frame(source: Any) -> Table:
    """Return a table from the path of a file, or a data frame of pandas, polars or pyarrow.

    Raises:
        DataError: when the file cannot be used, or the frame has no rows.
        OptionError: when it is neither.
    """
    if isinstance(source, str | Path):
        return read_table(source)
    import narwhals as nw

    try:
        frame = nw.from_native(source, eager_only=True)
    except TypeError as error:
        raise OptionError(
            f"source must be a path or a data frame of pandas, polars or pyarrow, "
            f"got {type(source).__name__}",
            hint="read_panel('sales.csv', ...)",
        ) from error
    columns = {name: [_cell(v) for v in frame[name].to_list()] for name in frame.columns}
    if not columns or not len(frame):
        raise DataError("the data frame has no rows", hint="give one row a series and period")
    return Table("the data frame", columns, list(range(1, len(frame) + 1)), ",")


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


def _cell(value: Any) -> Cell:
    """Return a cell of a frame as those of files are: its missing values are None."""
    if value is None or value != value:  # nan and NaT differ from themselves
        return None
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value


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
