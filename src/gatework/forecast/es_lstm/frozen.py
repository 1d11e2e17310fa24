"""A head that learns on a network that has learned."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn

from gatework.network import State


class OnFrozen(nn.Module):
    """A network and a head as the training loop sees them: only the head learns."""

    def __init__(self, network: Any, head: nn.Module) -> None:
        super().__init__()
        self.network, self.head = network.requires_grad_(False), head

    def train(self, mode: bool = True) -> OnFrozen:
        """Keep the network as it is in use; it has no dropout then."""
        super().train(mode)
        self.network.eval()
        return self

    @abstractmethod
    def around(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Return what the network says beside its features, (T, B, H, N)."""

    def raw(self, features: Tensor) -> Tensor:
        """Return what the head says, (T, B, H, P)."""
        return self.head(features)

    def forward(
        self, inputs: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return what both say, (T, B, H, N + P), and the state of the network."""
        with torch.no_grad():
            features, following = self.network.encode(inputs, state)
            known = self.around(features, inputs)
        return torch.cat([known, self.raw(features)], dim=-1), following
