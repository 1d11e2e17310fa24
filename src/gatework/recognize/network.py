"""The network: an LSTM stack with a head at its end, or at every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from gatework.network import LSTM, LayerSummary, State
from gatework.recognize.pooling import Pooled, Pooling


class SequenceNetwork(nn.Module):
    """An LSTM stack whose outputs are pooled over time and read by a linear head.

    Args:
        channels: C, features of a step.
        outputs: O, of the head.
        hidden_sizes: H of each layer.
        bidirectional: each layer also reads the sequence from its end.
        pooling: one of POOLINGS, or None for an output at every step.
        dropout: between layers and before the head, while training.
        variants: further options of gatework.LSTM.

    Shapes:
        input: (T, B, C). lengths: (B). output: (B, O), or (T, B, O) without pooling.
    """

    def __init__(
        self,
        channels: int,
        outputs: int,
        hidden_sizes: Sequence[int],
        *,
        bidirectional: bool = False,
        pooling: str | None = "last",
        dropout: float = 0.0,
        variants: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        sizes = list(hidden_sizes)
        self.lstm = LSTM(
            channels,
            sizes,
            dropout=[dropout] * (len(sizes) - 1),
            bidirectional=bidirectional,
            **(variants or {}),
        )
        features = self.lstm.output_size
        learned = pooling not in (None, "last")
        self.pooling = Pooling(pooling, features) if learned and pooling else None
        self.every_step = pooling is None
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(features, outputs)

    def extra_repr(self) -> str:
        """Return what the weights do not show, for the fingerprint of a training."""
        return f"every_step={self.every_step}"

    def forward(
        self, x: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, None]:
        """Return the prediction for whole sequences; the second part is for the Trainer."""
        if lengths is not None and int(lengths.min()) == len(x):
            lengths = None  # nothing is padded
        output, ended = self.lstm(x, state, lengths)
        if self.every_step:
            return self.head(self.dropout(output)), None
        if self.pooling is not None:
            pooled = self.pooling(output, lengths)
        else:
            pooled = torch.cat([one.hidden for one in ended.layers[-1]], dim=-1)
        return self.head(self.dropout(pooled)), None

    def tell(self, output: Tensor, pooled: Pooled | None) -> tuple[Tensor, Pooled | None]:
        """Return the prediction after every step of a stream, and what its outputs come to then.

        Shapes:
            output: (T, B, F), of the stack for the next steps. returns: (T, B, O).
        """
        if self.pooling is not None:
            output, pooled = self.pooling.running(output, pooled)
        return self.head(output), pooled

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer."""
        return (*self.lstm.layer_summary(), LayerSummary.linear("Head", self.head))
