"""A run of a pretrained network over a series, to be looked into; the one that needs torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from gatework.examine import Run
from gatework.forecast.pretrained.bank import WIDTH, StreamBank
from gatework.forecast.pretrained.knots import KNOTS, between
from gatework.forecast.pretrained.signals import SIGNALS
from gatework.forecast.pretrained.track import run
from gatework.network import LSTM

if TYPE_CHECKING:
    from gatework.forecast.pretrained.model import NetworkMember
    from gatework.forecast.series import Series


def run_member(member: NetworkMember, series: Series, horizon: int) -> Run:
    """Return a run of a pretrained network over a series.

    Its raw numbers are the signals, the forecasts of the smoothers at each step ahead, and the
    level and scale that these count from and in.
    """
    weights = {name: torch.from_numpy(one.copy()) for name, one in member.weights.items()}
    lstm = _lstm(weights)
    steps = np.arange(1, horizon + 1)
    track = run(StreamBank(series.season), series.values[None], np.array([len(series)]), steps)
    count = len(series)
    parts = (
        track.signals[:, 0],
        track.forecasts[:, 0].reshape(count, -1),
        track.level,
        track.scale,
    )
    raw = torch.from_numpy(np.concatenate(parts, axis=1).astype(np.float32))
    shares = torch.from_numpy(between(np.arange(1, horizon + 1)).astype(np.float32))

    def enter(raw: Tensor) -> Tensor:
        return torch.tanh(raw[..., :SIGNALS] @ weights["entry.weight"].T + weights["entry.bias"])

    def head(output: Tensor, raw: Tensor) -> Tensor:
        features = torch.cat([output, enter(raw)], dim=-1)[:, 0]
        made = features @ weights["head.weight"].T + weights["head.bias"]
        scores = torch.einsum("hk,tkn->thn", shares, made.unflatten(-1, (len(KNOTS), WIDTH + 1)))
        apart = raw[:, 0, SIGNALS:-2].unflatten(-1, (WIDTH, horizon)).transpose(-1, -2)
        mean = (scores[..., :WIDTH].softmax(dim=-1) * apart).sum(dim=-1) + scores[..., WIDTH]
        return raw[:, 0, -2:-1] + raw[:, 0, -1:] * mean

    return Run(
        lstm,
        raw[:, None],
        series.values[:, None],
        (series.name,),
        _features(horizon),
        series.labels,
        member.layer_summary(),
        f"Forecaster: {series.name}",
        entry=enter,
        head=head,
        results=tuple(f"forecast {step} ahead" for step in steps),
        season=series.season,
    )


def _lstm(weights: dict[str, Tensor]) -> LSTM:
    own = {
        name.removeprefix("lstm."): one for name, one in weights.items() if name.startswith("lstm.")
    }
    sizes = [one.shape[1] for name, one in own.items() if name.endswith("weight_hh")]
    lstm = LSTM(len(weights["entry.bias"]), sizes)
    lstm.load_state_dict(own)
    return lstm.eval()


def _features(horizon: int) -> tuple[str, ...]:
    """Return what each number of a step is; see signals for their order."""
    return (
        *(f"signal {n + 1}" for n in range(SIGNALS)),
        *(f"smoother {n + 1}, {step + 1} ahead" for n in range(WIDTH) for step in range(horizon)),
        "level",
        "scale of errors",
    )
