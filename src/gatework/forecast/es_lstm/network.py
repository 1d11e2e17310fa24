"""The network: an LSTM that weighs the forecasts of the smoothers, at every step ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gatework.network import LSTM, LayerSummary, State


@dataclass(frozen=True)
class Widths:
    """How the inputs of a step are laid out: signals, scale, forecasts, covariates to come.

    ``signals`` counts the signals of the bank and, after them, the covariates known by then;
    ``outlook`` the covariates of each period to come.
    """

    signals: int
    smoothers: int
    horizon: int
    outlook: int = 0

    @property
    def total(self) -> int:
        """Return how many numbers a step has."""
        return self.signals + 1 + self.horizon * (self.smoothers + self.outlook)

    def split(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return signals (..., I), scale (..., 1), forecasts (..., N, H), outlook (..., H, Q)."""
        sizes = [self.signals, 1, self.smoothers * self.horizon, self.horizon * self.outlook]
        signals, scale, forecasts, outlook = inputs.split(sizes, dim=-1)
        return (
            signals,
            scale,
            forecasts.unflatten(-1, (self.smoothers, self.horizon)),
            outlook.unflatten(-1, (self.horizon, self.outlook)),
        )


class SmoothingLSTM(nn.Module):
    """Forecasts as weighted means of smoothers' forecasts, with weights from an LSTM.

    It begins as their plain mean, because the head begins at 0, and learns from there: which
    smoother to trust for this series, at this moment, at each number of steps ahead. With
    ``correction`` (always with covariates of the periods to come) it may also leave their range.

    Args:
        widths: of the inputs.
        hidden_sizes: units of each LSTM layer.
        dropout: between the layers and before the head.
        correction: whether to add a learned correction, in errors' units.

    Shapes:
        input: (T, B, widths.total). output: (T, B, H), forecasts made after each step.

    Equations, for step t, smoother n and h steps ahead:
        z_t = tanh(W signals_t + b)
        o_t = LSTM(z_t)
        w_thn = softmax over n of (V_hn [o_t, z_t] + c_hn)
        forecast_th = sum over n of w_thn forecast_thn + scale_t (u_h [o_t, z_t] + g_th)
        g_th = v . tanh(P [o_t, z_t] + Q covariates_{t+h})

    Source: the smoothing inside a recurrent network is S. Smyl's (2020), "A hybrid method of
        exponential smoothing and recurrent neural networks for time series forecasting",
        International Journal of Forecasting 36(1), doi 10.1016/j.ijforecast.2019.03.017; weights
        learned from features are those of P. Montero-Manso et al. (2020), "FFORMA", same issue,
        doi 10.1016/j.ijforecast.2019.02.011. A bank in place of learned rates, and weights that
        an LSTM moves from step to step, are this library's.
    """

    def __init__(
        self, widths: Widths, hidden_sizes: Sequence[int], dropout: float, *, correction: bool
    ) -> None:
        super().__init__()
        self.widths, self.correction = widths, correction
        first, last = hidden_sizes[0], hidden_sizes[-1]
        self.entry = nn.Linear(widths.signals, first)
        self.lstm = LSTM(first, list(hidden_sizes), dropout=[dropout] * (len(hidden_sizes) - 1))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(last + first, widths.horizon * (widths.smoothers + correction))
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self.outlook = None
        if widths.outlook:
            self.outlook = Outlook(last + first, widths.outlook, first)

    @property
    def features(self) -> int:
        """Return the width of what the heads see."""
        return self.head.in_features

    def enter(self, inputs: Tensor) -> Tensor:
        """Return what the LSTM sees of the inputs, (T, B, first hidden size)."""
        return torch.tanh(self.entry(inputs[..., : self.widths.signals]))

    def encode(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Return what the heads see, (T, B, features), and the state of the LSTM."""
        entered = self.enter(inputs)
        output, following = self.lstm(entered, state)
        return torch.cat([output, entered], dim=-1), following

    def decode(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Return the forecasts, (T, B, H)."""
        _, scale, forecasts, outlook = self.widths.split(inputs)
        kept = self.dropout(features)
        scores = self.head(kept).unflatten(-1, (self.widths.horizon, -1))
        weights = scores[..., : self.widths.smoothers].softmax(dim=-1)
        mean = (weights * forecasts.transpose(-1, -2)).sum(dim=-1)
        if self.correction:
            mean = mean + scale * scores[..., -1]
        if self.outlook is not None:
            mean = mean + scale * self.outlook(kept, outlook)
        return mean

    def forward(
        self, inputs: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the forecasts after each step, and the state of the LSTM."""
        features, following = self.encode(inputs, state)
        return self.decode(features, inputs), following

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer, from the entry to the head."""
        entry = LayerSummary.linear("Entry", self.entry)
        return (entry, *self.lstm.layer_summary(), LayerSummary.linear("Weights", self.head))


class Outlook(nn.Module):
    """What the covariates of a period to come add to its forecast; nothing at first.

    Shapes:
        features: (T, B, F). covariates: (T, B, H, Q). Returns (T, B, H).
    """

    def __init__(self, features: int, covariates: int, units: int) -> None:
        super().__init__()
        self.now = nn.Linear(features, units)
        self.then = nn.Linear(covariates, units, bias=False)
        self.out = nn.Linear(units, 1, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, features: Tensor, covariates: Tensor) -> Tensor:
        """Return the corrections, in units of the scale."""
        mixed = torch.tanh(self.now(features).unsqueeze(-2) + self.then(covariates))
        return self.out(mixed).squeeze(-1)
