"""A pretrained network as modules of torch: to be differentiated and edited, never to forecast."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from gatework.examine import NetworkRun, Run
from gatework.forecast.pretrained.bank import WIDTH
from gatework.forecast.pretrained.knots import KNOTS, between
from gatework.forecast.pretrained.signals import SIGNALS
from gatework.network import LSTM


def torch_run(
    shown: Run, weights: Mapping[str, np.ndarray], raw: np.ndarray, horizon: int
) -> NetworkRun:
    """Return the run that ``shown`` describes by torch.

    Shapes:
        raw: (T, SIGNALS + WIDTH * horizon + 2), see introspection.run_member.
    """
    own = {name: torch.from_numpy(one.copy()) for name, one in weights.items()}
    shares = torch.from_numpy(between(np.arange(1, horizon + 1)).astype(np.float32))

    def enter(raw: Tensor) -> Tensor:
        return torch.tanh(raw[..., :SIGNALS] @ own["entry.weight"].T + own["entry.bias"])

    def head(output: Tensor, raw: Tensor) -> Tensor:
        features = torch.cat([output, enter(raw)], dim=-1)[:, 0]
        made = features @ own["head.weight"].T + own["head.bias"]
        scores = torch.einsum("hk,tkn->thn", shares, made.unflatten(-1, (len(KNOTS), WIDTH + 1)))
        apart = raw[:, 0, SIGNALS:-2].unflatten(-1, (WIDTH, horizon)).transpose(-1, -2)
        mean = (scores[..., :WIDTH].softmax(dim=-1) * apart).sum(dim=-1) + scores[..., WIDTH]
        return raw[:, 0, -2:-1] + raw[:, 0, -1:] * mean

    return NetworkRun(
        network=_lstm(own),
        raw=torch.from_numpy(raw)[:, None],
        values=shown.values,
        names=shown.names,
        features=shown.features,
        labels=shown.labels,
        layers=shown.layers,
        title=shown.title,
        entry=enter,
        head=head,
        results=shown.results,
        season=shown.season,
    )


def _lstm(weights: Mapping[str, Tensor]) -> LSTM:
    own = {
        name.removeprefix("lstm."): one for name, one in weights.items() if name.startswith("lstm.")
    }
    sizes = [one.shape[1] for name, one in own.items() if name.endswith("weight_hh")]
    lstm = LSTM(len(weights["entry.bias"]), sizes)
    lstm.load_state_dict(own)
    return lstm.eval()
