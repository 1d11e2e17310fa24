"""The fleet: for each unit, what its sensors said in each cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from gatework.errors import DataError, nearest
from gatework.tabular.missing import Missing
from gatework.tabular.style import ReadingStyle

Gaps = Literal["error", "missing"]
"""What may become of cycles that a unit lacks."""


@dataclass(frozen=True, eq=False)
class Fleet:
    """Units and their histories, one row a cycle, the first cycle first.

    Attributes:
        units: ids, each once. names: of the columns.
        histories: for each unit (cycles, columns), finite.
        cycles: for each unit the numbers of its cycles, (cycles,), increasing.
        style: how the table was read that the fleet comes from.
        step: from one cycle to the next; None where there is no usual one.
        missing, gaps: what became of readings and cycles that lacked, as read_fleet was told.
        notes: sentences about the table that a reader of the results should see.

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
    step: float | None = None
    missing: Missing = "error"
    gaps: Gaps = "error"
    notes: tuple[str, ...] = ()

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
