"""Training on whole histories, and predictions after every cycle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gatework.life.fleet import Fleet
from gatework.life.network import LifeNetwork
from gatework.life.signals import Signals
from gatework.train import Progress, ShuffledBatches, Trainer, seeded


@dataclass(frozen=True)
class LifeSettings:
    """How a network is built and trained; ``cap`` in cycles."""

    hidden_sizes: tuple[int, ...]
    dropout: float
    learning_rate: float
    weight_decay: float
    epochs: int
    batch_size: int
    cap: float


def life_left(fleet: Fleet, cap: float) -> list[np.ndarray]:
    """Return the capped cycles left after every cycle of units that ran until they failed."""
    return [np.minimum(cap, cycles[-1] - cycles) for cycles in fleet.cycles]


def padded(parts: Sequence[np.ndarray]) -> Tensor:
    """Return parts (T, ...) of different lengths side by side, (B, T, ...), 0 after their ends."""
    longest = max(len(part) for part in parts)
    whole = np.zeros((len(parts), longest, *parts[0].shape[1:]), np.float32)
    for row, part in enumerate(parts):
        whole[row, : len(part)] = part
    return torch.from_numpy(whole)


def life_loss(prediction: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean squared error of life over the cap, over all cycles of all units."""
    counted = torch.arange(target.shape[1]) < lengths.unsqueeze(1)
    return ((prediction - target).square() * counted).sum() / counted.sum().clamp(min=1)


def fit_network(
    fleet: Fleet,
    signals: Signals,
    settings: LifeSettings,
    seed: int,
    *,
    progress: Progress | None = None,
) -> LifeNetwork:
    """Return a network trained on units that ran until they failed."""
    fleet = fleet.select(signals.names)
    with seeded(seed):
        network = LifeNetwork(signals.width, settings.hidden_sizes, settings.dropout)
    inputs = padded([signals.all(history) for history in fleet.histories])
    targets = padded([left / settings.cap for left in life_left(fleet, settings.cap)])
    lengths = torch.from_numpy(fleet.lengths)
    batches = ShuffledBatches(inputs, targets, settings.batch_size, lengths=lengths, seed=seed)
    Trainer(
        network,
        life_loss,
        epochs=settings.epochs,
        optimizer="adamw",
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        clip_norm=1.0,
        schedule="one-cycle",
        seed=seed,
        progress=progress,
    ).fit(batches)
    return network.eval()


@torch.no_grad()
def predict_all(
    networks: Sequence[LifeNetwork], signals: Signals, fleet: Fleet, cap: float
) -> list[np.ndarray]:
    """Return the mean predicted life after every cycle of each unit, (cycles,), from 0 to cap."""
    fleet = fleet.select(signals.names)
    inputs = padded([signals.all(history) for history in fleet.histories])
    lengths = torch.from_numpy(fleet.lengths)
    total = sum(network.eval()(inputs, None, lengths)[0].double().numpy() for network in networks)
    mean = np.clip(np.asarray(total) / len(networks), 0.0, 1.0) * cap
    return [row[:length] for row, length in zip(mean, fleet.lengths, strict=True)]
