"""Training on whole histories, and predictions after every cycle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from gatework.life.fleet import Fleet
from gatework.life.network import LifeNetwork
from gatework.life.signals import Signals
from gatework.train import MaskedLoss, ShuffledBatches, Trainer, seeded

if TYPE_CHECKING:  # the estimator fits by this module: a circle of types alone
    from gatework.life.estimator import LifeEstimator


def life_left(fleet: Fleet, cap: float) -> list[np.ndarray]:
    """Return the capped cycles left after every cycle of units that ran until they failed."""
    return [np.minimum(cap, cycles[-1] - cycles) for cycles in fleet.cycles]


def padded(parts: Iterable[np.ndarray]) -> Tensor:
    """Return parts (T, ...) of different lengths side by side, (B, T, ...), 0 after their ends."""
    return pad_sequence([torch.from_numpy(part).float() for part in parts], batch_first=True)


def units_in_a_step(units: int) -> int:
    """Return how many units a step of training sees where so many are to be learned from.

    Few units in steps of many are few steps, which teach a network less than a straight line. The
    numbers were chosen on parts of the training engines of C-MAPSS FD001.

    Example:
        >>> [units_in_a_step(units) for units in (5, 50, 100, 1000)]
        [2, 2, 5, 20]
    """
    return min(20, max(2, units // 20))


def fit_network(fleet: Fleet, signals: Signals, estimator: LifeEstimator, seed: int) -> LifeNetwork:
    """Return a network with the settings of an estimator, trained on units that failed."""
    fleet, cap = fleet.select(signals.names), float(estimator.cap)
    with seeded(seed):
        network = LifeNetwork(signals.width, estimator.hidden_sizes, estimator.dropout)
    inputs = padded(signals.all(history) for history in fleet.histories)
    targets = padded(left / cap for left in life_left(fleet, cap))
    lengths = torch.from_numpy(fleet.lengths)
    auto = estimator.batch_size == "auto"
    size = units_in_a_step(len(fleet)) if auto else int(estimator.batch_size)
    batches = ShuffledBatches(inputs, targets, size, lengths=lengths, seed=seed)
    loss = MaskedLoss(nn.MSELoss(reduction="none"))
    settings = {"optimizer": "adamw", "schedule": "one-cycle", "seed": seed}
    Trainer.of(estimator, network, loss, **settings).fit(batches)
    return network.eval()


@torch.no_grad()
def predict_all(
    networks: Sequence[LifeNetwork], signals: Signals, fleet: Fleet, cap: float
) -> list[np.ndarray]:
    """Return the mean predicted life after every cycle of each unit, (cycles,), from 0 to cap."""
    fleet = fleet.select(signals.names)
    inputs = padded(signals.all(history) for history in fleet.histories)
    lengths = torch.from_numpy(fleet.lengths)
    total = sum(network.eval()(inputs, None, lengths)[0].double().numpy() for network in networks)
    mean = np.clip(np.asarray(total) / len(networks), 0.0, 1.0) * cap
    return [row[:length] for row, length in zip(mean, fleet.lengths, strict=True)]
