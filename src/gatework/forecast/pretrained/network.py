"""The network that is trained: an LSTM that weighs the forecasts of the bank, at any step ahead."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gatework.forecast.pretrained.bank import WIDTH
from gatework.forecast.pretrained.knots import KNOTS
from gatework.forecast.pretrained.plain import first_scores
from gatework.forecast.pretrained.signals import SIGNALS
from gatework.network import LSTM, State


class WeighingLSTM(nn.Module):
    """Forecasts as weighted means of the bank's, with weights from an LSTM, and a correction.

    Shapes:
        input: (T, B, SIGNALS + WIDTH * K) for K knots: signals, then forecasts, in units of the
        scale around the level. output: (T, B, K), in the same units.

    Equations, for step t, smoother n and knot k:
        z_t = tanh(W signals_t + b)
        o_t = LSTM(z_t)
        w_tkn = softmax over n of (V_kn [o_t, z_t] + c_kn)
        forecast_tk = sum over n of w_tkn forecast_tkn + u_k [o_t, z_t]

    Source: see es_lstm.network.SmoothingLSTM.
    """

    def __init__(
        self, entry: int, hidden_sizes: Sequence[int], dropout: float, drop: float
    ) -> None:
        super().__init__()
        self.drop = drop
        self.entry = nn.Linear(SIGNALS, entry)
        self.lstm = LSTM(entry, list(hidden_sizes), dropout=[dropout] * (len(hidden_sizes) - 1))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden_sizes[-1] + entry, len(KNOTS) * (WIDTH + 1))
        nn.init.zeros_(self.head.weight)
        with torch.no_grad():
            self.head.bias.copy_(torch.from_numpy(first_scores().ravel()))

    def encode(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return what the heads see, (T, B, F), and the state of the LSTM."""
        entered = torch.tanh(self.entry(inputs[..., :SIGNALS]))
        output, following = self.lstm(entered, state)
        return torch.cat([output, entered], dim=-1), following

    def decode(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Return the forecasts, (T, B, K)."""
        forecasts = inputs[..., SIGNALS:].unflatten(-1, (WIDTH, len(KNOTS)))
        scores = self.head(self.dropout(features)).unflatten(-1, (len(KNOTS), WIDTH + 1))
        weigh = scores[..., :WIDTH]
        if self.training and self.drop:
            lost = torch.rand(weigh.shape[1], 1, WIDTH) < self.drop
            weigh = weigh.masked_fill(lost, -20.0)
        mean = (weigh.softmax(dim=-1) * forecasts.transpose(-1, -2)).sum(dim=-1)
        return mean + scores[..., WIDTH]

    def forward(
        self, inputs: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the forecasts after each step, and the state of the LSTM."""
        features, following = self.encode(inputs, state)
        return self.decode(features, inputs), following
