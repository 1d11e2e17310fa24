"""The fleet: for each unit, what its sensors said in each cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, nearest
from gatework.tabular.dates import Times
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import Table, read_table
from gatework.tabular.timeline import sort_groups

CMAPSS_COLUMNS = 26
"""Columns of the files of C-MAPSS: unit, cycle, three settings, 21 sensors."""


@dataclass(frozen=True, eq=False)
class Fleet:
    """Units and their histories, one row a cycle, the first cycle first.

    Attributes:
        units: ids, each once. names: of the columns.
        histories: for each unit (cycles, columns), finite.
        cycles: for each unit the numbers of its cycles, (cycles,), increasing.
        style: how the table was read that the fleet comes from.

    Raises:
        DataError: when parts do not fit together, or a number is not finite.

    Example:
        >>> fleet = Fleet(("a",), ("heat",), (np.array([[1.0], [2.0]]),), (np.array([1, 2]),))
        >>> len(fleet), fleet.lengths.tolist()
        (1, [2])
    """

    units: tuple[str, ...]
    names: tuple[str, ...]
    histories: tuple[np.ndarray, ...]
    cycles: tuple[np.ndarray, ...]
    style: ReadingStyle = field(default_factory=ReadingStyle)

    def __post_init__(self) -> None:
        if not self.units:
            raise DataError("a fleet needs at least one unit")
        if len(set(self.units)) < len(self.units):
            twice = next(unit for unit in self.units if self.units.count(unit) > 1)
            raise DataError(f"unit {twice!r} is in the fleet twice", hint="give each its own id")
        for unit, history, cycles in zip(self.units, self.histories, self.cycles, strict=True):
            if history.ndim != 2 or history.shape != (len(cycles), len(self.names)):
                raise DataError(
                    f"unit {unit!r}: the history must have the shape "
                    f"({len(cycles)}, {len(self.names)}), got {history.shape}"
                )
            if not len(history):
                raise DataError(f"unit {unit!r} has no cycle", hint="leave it out")
            odd = np.argwhere(~np.isfinite(history))
            if odd.size:
                row, column = odd[0]
                raise DataError(
                    f"unit {unit!r}, cycle {cycles[row]:g}: {self.names[column]!r} is not a finite "
                    "number",
                    hint="leave the row out, or fill the value",
                )

    def __len__(self) -> int:
        return len(self.units)

    @property
    def lengths(self) -> np.ndarray:
        """Return the cycles of each unit, (U,)."""
        return np.array([len(history) for history in self.histories], dtype=np.int64)

    def rows(self, rows: Sequence[int] | np.ndarray) -> Fleet:
        """Return some of the units."""
        units, histories, cycles = (
            tuple(part[row] for row in rows) for part in (self.units, self.histories, self.cycles)
        )
        return replace(self, units=units, histories=histories, cycles=cycles)

    def until(self, ends: Sequence[int] | np.ndarray) -> Fleet:
        """Return the first ``ends`` (U,) cycles of each unit."""
        histories, cycles = (
            tuple(one[:end] for one, end in zip(part, ends, strict=True))
            for part in (self.histories, self.cycles)
        )
        return replace(self, histories=histories, cycles=cycles)

    def select(self, names: Sequence[str]) -> Fleet:
        """Return the fleet with these columns, in this order.

        Raises:
            DataError: when one is missing.
        """
        if tuple(names) == self.names:
            return self
        for name in names:
            if name not in self.names:
                alike = nearest(name, self.names)
                raise DataError(
                    f"the column {name!r}, which the network knows, is missing",
                    hint=f"is {alike!r} the same?" if alike else "add it",
                )
        places = [self.names.index(name) for name in names]
        histories = tuple(history[:, places] for history in self.histories)
        return replace(self, names=tuple(names), histories=histories)


def read_fleet(
    source: Any,
    *,
    unit_column: str | None = None,
    cycle_column: str | None = None,
    style: ReadingStyle | None = None,
) -> Fleet:
    """Read a fleet from a CSV or Parquet file, a text file of C-MAPSS, or a data frame.

    One row a unit and cycle; all other columns are numbers. Rows may stand in any order. A file
    without a header whose 26 columns are parted by spaces is one of C-MAPSS.

    Args:
        source: path, or data frame of pandas, polars or pyarrow.
        unit_column: tells the units apart; "unit" where left out.
        cycle_column: the number of the cycle; "cycle" where left out.
        style: of another fleet, for this one to be read in the same way.

    Raises:
        DataError: what cannot be used, by row and column.
    """
    table = _read_cmapss(source, style)
    if table is None:
        table = read_table(source, style, example="unit,cycle,heat", row="unit and cycle")
        unit_column = unit_column or table.given.id_column
        cycle_column = cycle_column or table.given.time_column
    unit = table.column(unit_column or "unit", "--unit-column")
    cycle = table.column(cycle_column or "cycle", "--cycle-column")
    if unit == cycle:
        raise OptionError(f"column {unit!r} cannot be both the units and the cycles")
    names = tuple(name for name in table.columns if name not in (unit, cycle))
    if not names:
        raise DataError("there is no column beside units and cycles", hint="add the sensors")
    gap, cure = "the value is missing", "correct or fill the value, or leave the row out"
    cycles, *sensors = (table.numbers(name, gap=gap, cure=cure) for name in (cycle, *names))
    matrix = np.stack(sensors, axis=1)
    times, rows = Times(table[cycle], cycles, "number"), table.groups(unit, "unit")
    units = sort_groups(times, rows, "unit", "keep one row a unit and cycle")
    table.found(id_column=unit, time_column=cycle)
    return Fleet(
        tuple(units),
        names,
        tuple(matrix[rows] for rows in units.values()),
        tuple(cycles[rows] for rows in units.values()),
        table.style,
    )


def _read_cmapss(source: Any, style: ReadingStyle | None) -> Table | None:
    """Return the table in a text file of C-MAPSS, None where the source is not one."""
    path = Path(source) if isinstance(source, str | Path) else None
    if path is None or path.suffix != ".txt" or not path.is_file():
        return None
    try:
        with path.open(encoding="utf-8") as file:
            first = file.readline().split()
        if len(first) != CMAPSS_COLUMNS:
            return None
        matrix = np.loadtxt(path, ndmin=2)
    except (ValueError, UnicodeDecodeError, OSError) as error:
        raise DataError(f"'{path}' is not a file of C-MAPSS: {error}") from error
    if matrix.shape[1] != CMAPSS_COLUMNS:
        raise DataError(f"'{path}' has {matrix.shape[1]} columns, one of C-MAPSS has 26")
    names = ["unit", "cycle", *(f"setting {n}" for n in (1, 2, 3))]
    names += [f"sensor {n}" for n in range(1, 22)]
    columns: dict[str, list[Any]] = dict(zip(names, matrix.T.tolist(), strict=True))
    columns["unit"] = [f"{unit:g}" for unit in columns["unit"]]
    return Table(path.name, columns, list(range(1, len(matrix) + 1)), " ", style or ReadingStyle())
