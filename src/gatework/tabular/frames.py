"""Data frames of pandas, polars and pyarrow, and series of pandas, as tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from gatework.errors import DataError, OptionError
from gatework.extras import needing
from gatework.tabular.column import Cell
from gatework.tabular.grid import Grid
from gatework.tabular.zones import place_of


def is_frame(source: Any) -> bool:
    """Return whether it is a data frame, or a series of pandas over dates."""
    return hasattr(source, "columns") or (hasattr(source, "to_frame") and hasattr(source, "index"))


def read_frame(source: Any) -> Grid:
    """Return the columns of a data frame; an index of pandas that has names or dates is columns.

    Raises:
        OptionError: it is no data frame. DataError: it has no rows.
    """
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(source, pandas.DataFrame | pandas.Series):
        source = _with_index(source, pandas)
    with needing("narwhals", "data frames need the package narwhals"):
        import narwhals as nw
    try:
        frame = nw.from_native(source, eager_only=True)
    except TypeError as error:
        raise OptionError(
            f"source must be a path or a data frame of pandas, polars or pyarrow, "
            f"got {type(source).__name__}",
            hint="frame.collect()"
            if hasattr(source, "collect")
            else "the path of a CSV or Parquet file, such as 'sales.csv'",
        ) from error
    if not len(frame):
        raise DataError("the data frame has no rows", hint="give one row a series and period")
    columns = [_cells(frame[name]) for name in frame.columns]
    zones = {getattr(kind, "time_zone", None) for kind in frame.schema.values()}
    grid = Grid(list(frame.columns), columns, range(1, len(frame) + 1))
    grid.style["zone"] = place_of(zones)
    return grid


def _with_index(source: Any, pandas: Any) -> Any:
    """Return a frame of pandas, its levels of the index that tell something as columns before."""
    if isinstance(source, pandas.Series):
        source = source.to_frame("series" if source.name is None else str(source.name))
    frame = source.copy(deep=False)
    frame.columns = [
        " ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in frame.columns
    ]
    dates = pandas.DatetimeIndex | pandas.PeriodIndex
    index, at = frame.index, 0
    for level in range(index.nlevels):
        values = index.get_level_values(level)
        name = values.name
        if name is None and not isinstance(values, dates):
            several = isinstance(index, pandas.MultiIndex)
            if not several and pandas.api.types.is_numeric_dtype(values.dtype):
                continue
            name = f"level {level + 1}" if several else "index"
        name = "date" if name is None else str(name)
        if name not in frame.columns:
            frame.insert(at, name, values)
            at += 1
    for name in frame.columns:
        if isinstance(frame[name].dtype, pandas.PeriodDtype):
            frame[name] = _starts(frame[name])
    return frame.reset_index(drop=True)


def _starts(periods: Any) -> Any:
    """Return periods as text where that names them, such as 2005Q1, else as their first moments."""
    plain = str(periods.dtype.freq.freqstr) in ("M", "ME", "Q-DEC", "QE-DEC", "Y-DEC", "YE-DEC")
    return periods.astype(str).where(periods.notna(), None) if plain else periods.dt.to_timestamp()


def _cells(series: Any) -> Sequence[Cell]:
    """Return a column in one array where it is of text, numbers or dates, else in a list."""
    import narwhals as nw

    kind = series.dtype
    if kind.is_numeric() or kind in (nw.String, nw.Categorical, nw.Date, nw.Datetime):
        with suppress(ModuleNotFoundError):
            import pyarrow as pa

            from gatework.tabular.arrow import cells_of

            return cells_of(pa.chunked_array([series.to_arrow()]))
    return [_cell(cell) for cell in series.to_list()]


def _cell(value: Any) -> Cell:
    """Return a cell of a frame as those of files are: its missing values are None."""
    if value is None or type(value).__name__ == "NAType" or value != value:  # as nan and NaT do
        return None
    return value.to_pydatetime() if hasattr(value, "to_pydatetime") else value
