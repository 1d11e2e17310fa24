"""A run of one of the networks over smoothers, to be looked into."""

from __future__ import annotations

import torch
from torch import Tensor

from gatework.examine import NetworkRun
from gatework.forecast.es_lstm.model import SmoothingModel
from gatework.forecast.es_lstm.network import SmoothingLSTM
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.signals import signal_names
from gatework.forecast.es_lstm.tensors import inputs_of
from gatework.forecast.series import Series


def run_member(model: SmoothingModel, problem: Problem, series: Series, member: int) -> NetworkRun:
    """Return a run of a network over smoothers; ``problem`` holds the one series."""
    network: SmoothingLSTM = model.members[member].network.eval()
    unit = float(problem.units[0])
    raw = inputs_of(problem)

    def head(output: Tensor, raw: Tensor) -> Tensor:
        features = torch.cat([output, network.enter(raw)], dim=-1)
        return network.decode(features, raw)[:, 0] * unit

    return NetworkRun(
        network=network.lstm,
        raw=raw,
        values=series.values[:, None],
        names=(series.name,),
        features=_features(network, raw.shape[2]),
        labels=series.labels,
        layers=network.layer_summary(),
        title=f"Forecaster: {series.name}",
        entry=network.enter,
        head=head,
        results=tuple(f"forecast {step + 1} ahead" for step in range(model.horizon)),
        season=model.season,
    )


def _features(network: SmoothingLSTM, count: int) -> tuple[str, ...]:
    """Return what each number of a step is."""
    widths = network.widths
    names = signal_names(widths.smoothers, widths.horizon)
    known = widths.signals - len(names)
    names += [f"covariate {n + 1}" for n in range(known)] + ["scale of errors"]
    names += [
        f"smoother {n + 1}, {step + 1} ahead"
        for n in range(widths.smoothers)
        for step in range(widths.horizon)
    ]
    names += [f"covariate {known + n + 1}" for n in range(count - len(names))]
    return tuple(names)
