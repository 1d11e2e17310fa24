"""A unit that still runs, followed cycle by cycle at the same cost each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from gatework.errors import DataError
from gatework.life.intervals import LifePoint, Margins
from gatework.life.network import LifeNetwork
from gatework.life.signals import Signals
from gatework.network import State


class LifeTracker:
    """The life left of one unit, carried on with each cycle; LifeEstimator.track makes it."""

    def __init__(
        self,
        unit: str,
        networks: Sequence[LifeNetwork],
        signals: Signals,
        cap: float,
        margins: Margins,
    ) -> None:
        self.unit, self.networks, self.signals = unit, networks, signals
        self.cap, self.margins = cap, margins
        self._state = signals.begin()
        self._cycle = 0.0
        self._lstm: list[State | None] = [None] * len(networks)

    @torch.no_grad()
    def update(
        self,
        row: Mapping[str, float] | Sequence[float] | np.ndarray,
        cycle: float | None = None,
    ) -> LifePoint:
        """Take in the sensors of the next cycle and return the life left after it.

        Args:
            row: by column, or the columns in use in the order of ``signals.names``.
            cycle: its number; one more than the last where left out.

        Raises:
            DataError: when a column is missing, its value is not finite, or the cycle is not after
                the last; nothing changes then.
        """
        values = self._values(row)
        number = self._cycle + 1 if cycle is None else float(cycle)
        if not number > self._cycle:
            raise DataError(
                f"unit {self.unit!r}: cycle {number:g} does not come after {self._cycle:g}"
            )
        self._cycle = number
        step = self.signals.step(self._state, values)
        x = torch.from_numpy(step.astype(np.float32))[None, None]
        total = 0.0
        for place, network in enumerate(self.networks):
            output, self._lstm[place] = network.eval()(x, self._lstm[place])
            total += float(output[0, 0])
        value = np.array([np.clip(total / len(self.networks), 0.0, 1.0) * self.cap])
        lower, upper = self.margins.interval(value)
        return LifePoint(self.unit, number, float(value[0]), float(lower[0]), float(upper[0]))

    def _values(self, row: Mapping[str, float] | Sequence[float] | np.ndarray) -> np.ndarray:
        names = self.signals.names
        if isinstance(row, Mapping):
            missing = [name for name in names if name not in row]
            if missing:
                raise DataError(f"unit {self.unit!r}: the column {missing[0]!r} is missing")
            row = [row[name] for name in names]
        values = np.asarray(row, dtype=np.float64)
        if values.shape != (len(names),):
            raise DataError(
                f"unit {self.unit!r}: expected {len(names)} values, one for each of "
                f"{', '.join(names[:3])}, ..., got the shape {values.shape}"
            )
        odd = np.flatnonzero(~np.isfinite(values))
        if odd.size:
            raise DataError(f"unit {self.unit!r}: {names[odd[0]]!r} is not a finite number")
        return values
