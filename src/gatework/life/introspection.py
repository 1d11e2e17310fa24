"""A run of a network of life over the history of one unit."""

from __future__ import annotations

import torch
from torch import Tensor

from gatework.examine import Run
from gatework.life.fleet import Fleet
from gatework.life.network import LifeNetwork
from gatework.life.signals import Signals


def run_unit(network: LifeNetwork, signals: Signals, fleet: Fleet, unit: str, cap: float) -> Run:
    """Return the run; its result is the life left after every cycle, which is not yet capped."""
    fleet = fleet.select(signals.names)
    row = fleet.units.index(unit)
    history = fleet.histories[row]
    raw = torch.from_numpy(signals.all(history)).unsqueeze(1)
    network = network.eval()

    def head(output: Tensor, raw: Tensor) -> Tensor:
        return network.head(output)[:, 0] * cap

    return Run(
        network.lstm,
        raw,
        history,
        tuple(signals.names),
        tuple(f"signal {n + 1}" for n in range(raw.shape[2])),
        tuple(f"{cycle:g}" for cycle in fleet.cycles[row]),
        network.layer_summary(),
        f"LifeEstimator: unit {unit}",
        entry=lambda raw: torch.tanh(network.entry(raw)),
        head=head,
        results=("cycles left, before it is held between 0 and the cap",),
    )
