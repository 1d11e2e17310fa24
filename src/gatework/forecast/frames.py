"""Results as tables: the columns that data frames and files of forecasts have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gatework.errors import OptionError
from gatework.tabular.calendar import Calendar, read_label
from gatework.tabular.table import BETWEEN_IDS
from gatework.tabular.zones import zone_of

Library = Literal["pandas", "polars", "pyarrow"]
ID, TIME, VALUE = "unique_id", "ds", "forecast"
"""The columns of ids, periods and forecasts, as other libraries call them, too."""

_DATED = re.compile(r"\d{4}-\d\d-\d\d( .*)?")


def end_column(end: Literal["lower", "upper"], level: float) -> str:
    """Return what the column of an interval's ends is called.

    Example:
        >>> end_column("lower", 0.9), end_column("upper", 0.975)
        ('lower-90', 'upper-97.5')
    """
    return f"{end}-{100 * level:.10g}"


def id_cells(ids: Iterable[str], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Return the column of ids, and those of their parts where several columns made them.

    Example:
        >>> id_cells(["1 / a", "2 / b"], ["Store", "Dept"])
        {'unique_id': ['1 / a', '2 / b'], 'Store': ['1', '2'], 'Dept': ['a', 'b']}
    """
    ids = list(ids)
    found: dict[str, Sequence[Any]] = {ID: ids}
    parts = [one.split(BETWEEN_IDS) for one in ids]
    if len(names) > 1 and all(len(part) >= len(names) for part in parts):
        found |= {name: [part[at] for part in parts] for at, name in enumerate(names)}
    return found


def dates(labels: Sequence[str], frequency: str | None) -> list[Any]:
    """Return the first moments of periods, in their zone where they have one, or their numbers.

    Example:
        >>> dates(["2005-03"], "MS"), dates(["41"], None)
        ([datetime.datetime(2005, 3, 1, 0, 0)], [41])
    """
    if frequency is None:
        return [int(label) if label.lstrip("-").isdecimal() else label for label in labels]
    place = Calendar.from_alias(frequency).place
    found = [read_label(label) for label in labels]
    return [when.astimezone(zone_of(place)) if when.tzinfo and place else when for when in found]


def date_texts(labels: Sequence[str], frequency: str | None) -> list[Any]:
    """Return the same as texts that every program takes for dates; a month is its first day.

    Example:
        >>> date_texts(["2005Q2", "2005-03-07 12:00"], "QS")
        ['2005-04-01', '2005-03-07 12:00']
    """
    whens = dates(labels, frequency)
    return [
        label if _DATED.fullmatch(label) else f"{when:%Y-%m-%d}" if hasattr(when, "year") else when
        for label, when in zip(labels, whens, strict=True)
    ]


def frame_of(
    columns: Mapping[str, Sequence[Any]],
    library: Library = "pandas",
    kinds: Mapping[str, type] | None = None,
) -> Any:
    """Return columns as a data frame of "pandas", "polars" or "pyarrow".

    ``kinds`` are the types of columns, of str, int and float, whatever their cells tell.

    Raises:
        OptionError: when it is another library, or one that is not installed.
    """
    import narwhals as nw

    known = {str: nw.String(), int: nw.Int64(), float: nw.Float64()}
    schema = {name: known[kind] for name, kind in kinds.items()} if kinds else None
    try:
        return nw.from_dict(dict(columns), schema, backend=library).to_native()
    except (ValueError, TypeError, ImportError) as error:
        raise OptionError(
            f"library must be 'pandas', 'polars' or 'pyarrow' and installed, got {library!r}",
            hint="to_frame('pandas')",
        ) from error


def rows_of(columns: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return columns as rows; nan, which JSON does not know, is None."""
    cells = [
        [None if isinstance(cell, float) and cell != cell else cell for cell in column]
        for column in columns.values()
    ]
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]


def numbers(values: np.ndarray) -> list[float]:
    """Return an array's numbers, row by row."""
    return np.asarray(values, np.float64).ravel().tolist()


@dataclass(frozen=True, eq=False)
class ForecastTable:
    """Forecasts with the ends of their intervals, a row a series and period.

    Attributes:
        ids, labels: of each row. frequency: alias of a period's length.
        numbers: by the name of their column, one a row each.
        id_columns: of the table that made the ids together.
        cutoffs: of each row, the last period that its forecast knew; None for one forecast.
    """

    ids: Sequence[str]
    labels: Sequence[str]
    frequency: str | None
    numbers: Mapping[str, Sequence[Any]]
    id_columns: tuple[str, ...] = ()
    cutoffs: Sequence[str] | None = None

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows, with dates as texts and None for nan."""
        return rows_of(self._columns(date_texts))

    def to_frame(self, library: Library = "pandas") -> Any:
        """Return a data frame with real dates.

        Raises:
            OptionError: when it is another library, or one that is not installed.
        """
        return frame_of(self._columns(dates), library)

    def _columns(self, times: Callable[..., list[Any]]) -> dict[str, Sequence[Any]]:
        told = {} if self.cutoffs is None else {"cutoff": times(self.cutoffs, self.frequency)}
        told |= {TIME: times(self.labels, self.frequency)}
        return id_cells(self.ids, self.id_columns) | told | dict(self.numbers)


def interval_numbers(
    values: np.ndarray, lower: Mapping[float, np.ndarray], upper: Mapping[float, np.ndarray]
) -> dict[str, list[float]]:
    """Return the columns of forecasts and of the ends of their intervals, level by level."""
    found = {VALUE: numbers(values)}
    for level in lower:
        found[end_column("lower", level)] = numbers(lower[level])
        found[end_column("upper", level)] = numbers(upper[level])
    return found
