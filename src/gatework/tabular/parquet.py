"""Parquet files as columns of plain cells."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from gatework.errors import DataError
from gatework.tabular.numeric import Cell


def read_parquet(data: bytes, name: str) -> tuple[list[str], list[list[Cell]]]:
    """Return the names of the columns and their cells: numbers, text, dates, None.

    Raises:
        DataError: the file is damaged, or holds what is no table of plain cells.
    """
    try:
        table = pq.read_table(pa.BufferReader(data))
        columns = [_cells(table.column(index)) for index in range(table.num_columns)]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(
            f"'{name}' is no readable Parquet file: {reason}",
            hint="write it anew, or save the table as CSV",
        ) from None
    return list(table.column_names), columns


def _cells(column: pa.ChunkedArray) -> list[Cell]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column.to_pylist()
