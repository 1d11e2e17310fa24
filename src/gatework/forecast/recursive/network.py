"""The forecasting network: an LSTM that says at each step what comes next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from gatework.network import LSTM, RNN, LayerSummary, State


class ForecastNetwork(nn.Module):
    """An LSTM stack with a linear head: the next value after each step of a window.

    Dropout acts between the layers and before the head. ``stack`` RNN makes a plain recurrent
    network of it.

    Shapes:
        input: (B, L, 1). output: (B, L, 1), the forecast of the value after each step.
    """

    def __init__(
        self, hidden_sizes: Sequence[int], dropout: float, stack: type[LSTM | RNN] = LSTM
    ) -> None:
        super().__init__()
        gaps = [dropout] * (len(hidden_sizes) - 1)
        self.lstm = stack(1, list(hidden_sizes), batch_first=True, dropout=gaps)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(self.lstm.output_size, 1)

    def forward(
        self, x: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the forecast after each step, and the state of the LSTM."""
        output, following = self.lstm(x, state, lengths)
        return self.head(self.dropout(output)), following

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer, the head last."""
        return (*self.lstm.layer_summary(), LayerSummary.linear("Linear", self.head))


@torch.no_grad()
def forecast_recursively(network: nn.Module, windows: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast from many windows at once, appending each prediction to its window.

    The window moves on by a step each time, and the network reads it anew from a zero state.

    Shapes:
        windows: (B, L), standardised. Returns (B, horizon), standardised.

    Source: Wang et al. 2018, doi 10.13700/j.bh.1001-5965.2017.0285, recursive multi-step forecast.
    """
    training = network.training
    network.eval()
    x = torch.from_numpy(windows).float().unsqueeze(-1)
    predictions = []
    for _ in range(horizon):
        following = network(x)[0][:, -1:]
        predictions.append(following)
        x = torch.cat([x[:, 1:], following], dim=1)
    network.train(training)
    return torch.cat(predictions, dim=1).squeeze(-1).double().numpy()
