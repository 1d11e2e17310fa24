"""How often gates are closed or open, and units that do nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.cell.description import GATES as ALL_GATES
from gatework.examine.run import Run

GATES = tuple(gate for gate in ALL_GATES if gate != "candidate")
CLOSED, OPEN = 0.1, 0.9
MOSTLY = 0.95
"""Share of steps from which on a gate counts as stuck."""
STILL = 1e-3
"""Spread of a hidden state, as a share of its range from -1 to 1, below which a unit is dead."""
FEW_STEPS = 5
"""Steps below which no unit is called dead and no gate stuck: one value says nothing of either."""


@dataclass(frozen=True, eq=False)
class Saturation:
    """How often the gates of a layer are closed or open.

    Attributes:
        layer, direction: which.
        closed, open: by gate, (units,), the share of steps at which it is below 0.1 or above 0.9.
        dead: units whose hidden state hardly changes; none of a run of few steps.
        stuck: by gate, (unit, "closed" or "open") of units whose gate is so nearly always; none
            of a run of few steps.
    """

    layer: int
    direction: str
    closed: dict[str, np.ndarray]
    open: dict[str, np.ndarray]
    dead: tuple[int, ...]
    stuck: dict[str, tuple[tuple[int, str], ...]]


def saturation_of(run: Run, layer: int, direction: str = "forward") -> Saturation:
    """Return how often each gate of each unit is closed (below 0.1) or open (above 0.9).

    Source: the measure is that of Karpathy, Johnson, Fei-Fei 2015, arXiv:1506.02078, section 4.2:
        left- and right-saturated gates, below 0.1 and above 0.9.
    """
    cell = run.cell(layer, direction)
    closed, opened, stuck = {}, {}, {}
    told = len(run) >= FEW_STEPS
    for gate in GATES:
        if gate not in cell:
            continue
        values = cell[gate]
        closed[gate] = (values < CLOSED).mean(axis=0)
        opened[gate] = (values > OPEN).mean(axis=0)
        stuck[gate] = tuple(
            (int(unit), "closed" if closed[gate][unit] >= MOSTLY else "open")
            for unit in range(values.shape[1])
            if told and max(closed[gate][unit], opened[gate][unit]) >= MOSTLY
        )
    hidden = cell["hidden"]
    quiet = (hidden.std(axis=0) < STILL) & told
    return Saturation(
        layer, direction, closed, opened, tuple(np.flatnonzero(quiet).tolist()), stuck
    )
