"""Forecasters looked into: a run of one of their networks over a series."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatework.examine import Run
from gatework.forecast.es_lstm.fitted import FittedSmoothing
from gatework.forecast.es_lstm.method import one_series
from gatework.forecast.es_lstm.model import SmoothingModel
from gatework.forecast.es_lstm.network import SmoothingLSTM
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.tensors import inputs_of
from gatework.forecast.recursive.fitted import FittedRecursive
from gatework.forecast.recursive.network import ForecastNetwork
from gatework.forecast.series import Series
from gatework.network import LayerSummary


def run_fitted(fitted: Any, series: Series, member: int) -> Run:
    """Return a run of a network of a fitted Forecaster over a series."""
    if isinstance(fitted, FittedRecursive):
        return _run_recursive(fitted, series, fitted.networks[member])
    if not isinstance(fitted, FittedSmoothing):
        raise TypeError(f"a {type(fitted).__name__} cannot be looked into")
    model = fitted.model
    n = len(series)
    problem = one_series(series, n, n, model.season, model.horizon)
    return run_smoothing(model, problem, series, member)


def run_smoothing(model: SmoothingModel, problem: Problem, series: Series, member: int) -> Run:
    """Return a run of a network over smoothers; ``problem`` holds the one series."""
    network: SmoothingLSTM = model.members[member].network.eval()
    unit = float(problem.units[0])
    raw = inputs_of(problem)

    def head(output: Tensor, raw: Tensor) -> Tensor:
        features = torch.cat([output, network.enter(raw)], dim=-1)
        return network.decode(features, raw)[:, 0] * unit

    return Run(
        network.lstm,
        raw,
        _shown(series),
        (series.name,),
        _features(network, raw.shape[2]),
        series.labels,
        network.layer_summary(),
        f"Forecaster: {series.name}",
        entry=network.enter,
        head=head,
        results=tuple(f"forecast {step + 1} ahead" for step in range(model.horizon)),
        season=model.season,
    )


def _run_recursive(fitted: FittedRecursive, series: Series, network: ForecastNetwork) -> Run:
    """Return a run that reads the whole series, where forecasts are made window by window."""
    scaler = fitted.scaler
    scaled = scaler.scale(_shown(series)[:, 0]).astype(np.float32)
    raw = torch.from_numpy(scaled)[:, None, None]

    def head(output: Tensor, raw: Tensor) -> Tensor:
        forecast = network.head(output)[:, 0] * scaler.deviation + scaler.mean
        return torch.expm1(forecast) if scaler.log else forecast

    layers: tuple[LayerSummary, ...] = network.layer_summary()
    return Run(
        network.lstm.eval(),
        raw,
        _shown(series),
        (series.name,),
        (series.name,),
        series.labels,
        layers,
        f"Forecaster: {series.name}",
        head=head,
        results=("forecast 1 ahead",),
        season=series.season,
    )


def _shown(series: Series) -> np.ndarray:
    """Return the values (T, 1), what is missing filled by the value before it."""
    values = np.asarray(series.values, np.float64).copy()
    known = np.flatnonzero(~np.isnan(values))
    if len(known) and len(known) < len(values):
        before = np.maximum.accumulate(np.where(np.isnan(values), -1, np.arange(len(values))))
        values = values[np.where(before < 0, known[0], before)]
    return values[:, None]


def _features(network: SmoothingLSTM, count: int) -> tuple[str, ...]:
    """Return what each number of a step is; see smoothing.signals for their order."""
    widths = network.widths
    names = [f"signal {n + 1}" for n in range(widths.signals)]
    names += ["scale of errors"]
    names += [
        f"smoother {n + 1}, {step + 1} ahead"
        for n in range(widths.smoothers)
        for step in range(widths.horizon)
    ]
    names += [f"covariate {n + 1}" for n in range(count - len(names))]
    return tuple(names)
