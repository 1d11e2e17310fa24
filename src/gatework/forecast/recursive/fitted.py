"""Fitted networks and all that is needed to forecast with them, now or from a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Network, Schema, Values
from gatework.examine import NetworkRun
from gatework.forecast.recursive.network import ForecastNetwork, forecast_recursively
from gatework.forecast.recursive.windows import Scaler
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series
from gatework.forecast.series_file import NAME, PERIODS, series_said
from gatework.forecast.threads import one_thread

MOST_MEMBERS = 64


@dataclass(eq=False)
class FittedRecursive:
    """Networks that are averaged, the end of the series, and the interval's distances.

    Shapes:
        tail: the last values of the series, a Series as long as the window.
        lower, upper: (horizon,), to be added to the forecast.
    """

    networks: tuple[ForecastNetwork, ...]
    scaler: Scaler
    tail: Series
    hidden_sizes: tuple[int, ...]
    dropout: float
    lower: np.ndarray
    upper: np.ndarray

    method: ClassVar[str] = "recursive"
    FILE: ClassVar[Schema]

    @property
    def horizon(self) -> int:
        """Return the steps ahead that it was fitted for."""
        return len(self.lower)

    @property
    def furthest(self) -> int:
        """Return the most steps ahead that it can be asked for."""
        return self.horizon

    @property
    def history(self) -> np.ndarray:
        """Return the last values before the next period."""
        return self.tail.values

    def update(self, value: float, label: str | None) -> None:
        """Move the window on by the value of the next period; nan counts as its forecast."""
        known = self.predict(1)[0].value if math.isnan(value) else value
        self.tail = self.tail.following(known, label)

    def examine(self, series: Series, member: int) -> NetworkRun:
        """Return a run that reads the whole series, where forecasts are made window by window."""
        network, scaler = self.networks[member], self.scaler
        scaled = scaler.scale(series.values).astype(np.float32)

        def head(output: Tensor, raw: Tensor) -> Tensor:
            forecast = network.head(output)[:, 0] * scaler.deviation + scaler.mean
            return torch.expm1(forecast) if scaler.log else forecast

        return NetworkRun(
            network=network.lstm.eval(),
            raw=torch.from_numpy(scaled)[:, None, None],
            values=series.values[:, None],
            names=(series.name,),
            features=(series.name,),
            labels=series.labels,
            layers=network.layer_summary(),
            title=f"Forecaster: {series.name}",
            head=head,
            results=("forecast 1 ahead",),
            season=series.season,
        )

    def predict(self, horizon: int) -> tuple[ForecastPoint, ...]:
        """Return the forecast of the periods after the end of the series."""
        window = self.scaler.scale(self.tail.values)[None]
        with one_thread():
            each = [forecast_recursively(network, window, horizon) for network in self.networks]
        values = np.mean([self.scaler.restore(one[0]) for one in each], axis=0)
        lowest = 0.0 if self.tail.counts else -math.inf
        return tuple(
            ForecastPoint(period, *(max(float(v), lowest) for v in (value, value + lo, value + hi)))
            for period, value, lo, hi in zip(
                self.tail.future_labels(horizon), values, self.lower, self.upper, strict=False
            )
        )


def _check(said: Values) -> None:
    if said.log and (min(said.values) < 0 or not 0 <= said.mean <= 300):
        raise OptionError("on a logarithmic scale the values must be at least 0, the mean small")
    if len(said.lower) != len(said.upper):
        raise OptionError("lower and upper differ in length")
    said.horizon = len(said.lower)
    said.tail = series_said(said, said.labels, said.values)


def _make(said: Values, built: dict[str, Any]) -> FittedRecursive:
    return FittedRecursive(
        tuple(built["networks.*"]),
        Scaler(said.mean, said.deviation, said.log),
        said.tail,
        said.hidden_sizes,
        said.dropout,
        np.array(said.lower),
        np.array(said.upper),
    )


FittedRecursive.FILE = Schema(
    config={
        "networks": Field(js.whole(1, MOST_MEMBERS), of=lambda fitted: len(fitted.networks)),
        "hidden_sizes": Field(js.sizes),
        "dropout": Field(js.share),
        "mean": Field(js.finite, of="scaler.mean"),
        "deviation": Field(js.within(1e-100, 1e100), of="scaler.deviation"),
        "log": Field(js.switch, of="scaler.log"),
        "name": NAME,
        "values": Field(js.list_of(js.finite, 1), of="tail.values"),
        "labels": Field(js.texts, of="tail.labels"),
        **PERIODS,
        "lower": Field(js.list_of(js.finite, 1)),
        "upper": Field(js.list_of(js.finite, 1)),
    },
    tensors={
        "networks.*": Network(
            lambda said: ForecastNetwork(said.hidden_sizes, said.dropout),
            count="networks",
            of="networks",
        )
    },
    check=_check,
    make=_make,
)
