"""A run of a network of life over the history of one unit."""

from __future__ import annotations

import torch
from torch import Tensor

from gatework.examine import NetworkRun
from gatework.life.fleet import Fleet
from gatework.life.network import LifeNetwork
from gatework.life.signals import Signals


def run_unit(
    network: LifeNetwork, signals: Signals, fleet: Fleet, unit: str, cap: float
) -> NetworkRun:
    """Return the run; its result is the life left after every cycle, which is not yet capped."""
    fleet = fleet.select(signals.names)
    row = fleet.units.index(unit)
    history = fleet.histories[row]
    raw = torch.from_numpy(signals.all(history)).unsqueeze(1)
    network = network.eval()

    def head(output: Tensor, raw: Tensor) -> Tensor:
        return network.head(output)[:, 0] * cap

    return NetworkRun(
        network=network.lstm,
        raw=raw,
        values=history,
        names=tuple(signals.names),
        features=signals.signal_names,
        labels=tuple(f"{cycle:g}" for cycle in fleet.cycles[row]),
        layers=network.layer_summary(),
        title=f"LifeEstimator: unit {unit}",
        entry=lambda raw: torch.tanh(network.entry(raw)),
        head=head,
        results=("cycles left, before it is held between 0 and the cap",),
    )
