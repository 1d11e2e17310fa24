"""The fleet: for each unit, what its sensors said in each cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, nearest

CMAPSS_COLUMNS = 26
"""Columns of the files of C-MAPSS: unit, cycle, three settings, 21 sensors."""


@dataclass(frozen=True, eq=False)
class Fleet:
    """Units and their histories, one row a cycle, the first cycle first.

    Attributes:
        units: ids, each once. names: of the columns.
        histories: for each unit (cycles, columns), finite.
        cycles: for each unit the numbers of its cycles, (cycles,), increasing.

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
        return Fleet(
            tuple(self.units[row] for row in rows),
            self.names,
            tuple(self.histories[row] for row in rows),
            tuple(self.cycles[row] for row in rows),
        )

    def until(self, ends: Sequence[int] | np.ndarray) -> Fleet:
        """Return the first ``ends`` (U,) cycles of each unit."""
        return Fleet(
            self.units,
            self.names,
            tuple(h[:end] for h, end in zip(self.histories, ends, strict=True)),
            tuple(c[:end] for c, end in zip(self.cycles, ends, strict=True)),
        )

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
        return Fleet(self.units, tuple(names), histories, self.cycles)


def read_fleet(
    source: Any, *, unit_column: str | None = None, cycle_column: str | None = None
) -> Fleet:
    """Read a fleet from a CSV or Parquet file, a text file of C-MAPSS, or a data frame.

    One row a unit and cycle; all other columns are numbers. Rows may stand in any order. A file
    without a header whose 26 columns are parted by spaces is one of C-MAPSS.

    Args:
        source: path, or data frame of pandas, polars or pyarrow.
        unit_column: tells the units apart; "unit" where left out.
        cycle_column: the number of the cycle; "cycle" where left out.

    Raises:
        DataError: what cannot be used, by row and column.
    """
    if isinstance(source, str | Path) and (found := _read_cmapss(Path(source))) is not None:
        return found
    from gatework.tabular.table import read_frame

    table = read_frame(source)
    unit, cycle = (
        table.column(name or default, option)
        for name, default, option in (
            (unit_column, "unit", "--unit-column"),
            (cycle_column, "cycle", "--cycle-column"),
        )
    )
    if unit == cycle:
        raise OptionError(f"column {unit!r} cannot be both the units and the cycles")
    names = tuple(name for name in table.columns if name not in (unit, cycle))
    if not names:
        raise DataError("there is no column beside units and cycles", hint="add the sensors")
    numbers = {name: _numbers(table, name) for name in (cycle, *names)}
    ids = [str(cell).strip() if cell is not None else "" for cell in table.columns[unit]]
    if "" in ids:
        raise DataError(f"column {unit!r}, row {table.rows[ids.index('')]}: the unit is empty")
    matrix = np.stack([numbers[name] for name in names], axis=1)
    return _grouped(ids, numbers[cycle], matrix, names, table.rows, cycle)


def _numbers(table: Any, name: str) -> np.ndarray:
    from gatework.tabular.numeric import find_style, read_numbers

    cells = table.columns[name]
    found = read_numbers(
        cells, table.rows, name, find_style(cells, table.rows, name, table.delimiter), fill=False
    )
    empty = np.flatnonzero(np.isnan(found))
    if empty.size:
        raise DataError(
            f"column {name!r}, row {table.rows[empty[0]]}: the value is missing",
            hint="leave the row out, or fill the value",
        )
    return found


def _read_cmapss(path: Path) -> Fleet | None:
    """Return the fleet of a text file of C-MAPSS, None where the file is not one."""
    if path.suffix != ".txt" or not path.is_file():
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
    names = tuple(f"setting {n}" for n in (1, 2, 3)) + tuple(f"sensor {n}" for n in range(1, 22))
    ids = [f"{unit:g}" for unit in matrix[:, 0]]
    rows = list(range(1, len(matrix) + 1))
    return _grouped(ids, matrix[:, 1], matrix[:, 2:], names, rows, "cycle")


def _grouped(
    ids: Sequence[str],
    cycles: np.ndarray,
    matrix: np.ndarray,
    names: tuple[str, ...],
    numbers: Sequence[int],
    cycle_column: str,
) -> Fleet:
    groups: dict[str, list[int]] = {}
    for row, unit in enumerate(ids):
        groups.setdefault(unit, []).append(row)
    histories, ordered = [], []
    for unit, rows in groups.items():
        order = np.array(sorted(rows, key=lambda row: cycles[row]))
        times = cycles[order]
        twice = np.flatnonzero(np.diff(times) == 0)
        if twice.size:
            before, after = sorted(order[twice[0] : twice[0] + 2])
            raise DataError(
                f"unit {unit!r}, column {cycle_column!r}, row {numbers[after]}: cycle "
                f"{times[twice[0]]:g} is repeated, it stands in row {numbers[before]} already",
                hint="keep one row a unit and cycle",
            )
        histories.append(matrix[order])
        ordered.append(times)
    return Fleet(tuple(groups), names, tuple(histories), tuple(ordered))
