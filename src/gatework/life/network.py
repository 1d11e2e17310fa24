"""The network: an LSTM over the whole history, with the life left after every cycle."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gatework.network import LSTM, LayerSummary, State


class LifeNetwork(nn.Module):
    """An LSTM stack between two linear layers.

    Shapes:
        input: (B, T, signals). output: (B, T), the life left over the cap, after every cycle.

    Source: many-to-many training on the whole history with a capped target follows S. Zheng et al.
        2017, doi 10.1109/ICPHM.2017.7998311.
    """

    def __init__(self, signals: int, hidden_sizes: Sequence[int], dropout: float) -> None:
        super().__init__()
        first, last = hidden_sizes[0], hidden_sizes[-1]
        gaps = [dropout] * (len(hidden_sizes) - 1)
        self.entry = nn.Linear(signals, first)
        self.lstm = LSTM(first, list(hidden_sizes), batch_first=True, dropout=gaps)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(last, 1)

    def forward(
        self, x: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the life left after every cycle, and the state of the LSTM."""
        output, following = self.lstm(torch.tanh(self.entry(x)), state, lengths)
        return self.head(self.dropout(output)).squeeze(-1), following

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer."""
        entry = LayerSummary.linear("Entry", self.entry)
        return (entry, *self.lstm.layer_summary(), LayerSummary.linear("Head", self.head))
