"""The head that says how outcomes spread around the forecasts of a fitted network."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS, Around, Distribution
from gatework.forecast.es_lstm.frozen import OnFrozen
from gatework.forecast.es_lstm.network import SmoothingLSTM
from gatework.forecast.es_lstm.tensors import SeriesBatches
from gatework.train import Group, Trainer, seeded

EPOCHS_SHARE = 0.5
"""Epochs of the head for each epoch of the network."""


class Spread(nn.Module):
    """Parameters of a distribution at each step ahead, from the features of a network.

    Shapes:
        features: (T, B, F). Returns (T, B, H, P).
    """

    def __init__(self, features: int, horizon: int, distribution: Distribution) -> None:
        super().__init__()
        self.horizon = horizon
        self.head = nn.Linear(features, horizon * distribution.parameters)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, features: Tensor) -> Tensor:
        """Return what the distribution is made of; 0 at first."""
        return self.head(features).unflatten(-1, (self.horizon, -1))


class _Spreading(OnFrozen):
    def around(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Return location and scale."""
        location = self.network.decode(features, inputs)
        scale = self.network.widths.split(inputs)[1].unsqueeze(-1).expand(*location.shape, 1)
        return torch.cat([location.unsqueeze(-1), scale], dim=-1)


def fit_spread(
    network: SmoothingLSTM,
    batches: SeriesBatches,
    distribution: str,
    *,
    epochs: int,
    learning_rate: float,
    seed: int,
    group: Group | None = None,
) -> Spread:
    """Return a head fitted to what a network left unexplained; the network stays as it is."""
    family = DISTRIBUTIONS[distribution]
    with seeded(seed):
        spread = Spread(network.features, network.widths.horizon, family)

    def loss(prediction: Tensor, target: Tensor) -> Tensor:
        location, scale, raw = prediction[..., 0], prediction[..., 1], prediction[..., 2:]
        actual, weight, _, unit = target.unbind(dim=-1)
        each = family.loss(actual, Around(location, scale, unit, raw))
        return torch.where(weight > 0, weight * each, 0.0).sum() / prediction.shape[1]

    loss.__qualname__ = f"spread({distribution})"
    trained = [p.requires_grad for p in network.parameters()]
    Trainer(
        _Spreading(network, spread),
        loss,
        epochs=max(1, round(EPOCHS_SHARE * epochs)),
        optimizer="adamw",
        learning_rate=learning_rate,
        schedule="one-cycle",
        seed=seed,
        group=group,
    ).fit(batches)
    for parameter, before in zip(network.parameters(), trained, strict=True):
        parameter.requires_grad_(before)
    return spread
