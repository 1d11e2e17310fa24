"""Fitted networks and all that is needed to forecast with them, now or from a file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from gatework.errors import GateworkError, OptionError
from gatework.examine import Run
from gatework.forecast.recursive.fit import FittedNetwork
from gatework.forecast.recursive.network import ForecastNetwork, forecast_recursively
from gatework.forecast.recursive.windows import Scaler
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series
from gatework.forecast.threads import one_thread
from gatework.network import LSTM

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

    @classmethod
    def of(
        cls,
        series: Series,
        members: Sequence[FittedNetwork],
        parameters: Mapping[str, Any],
        lower: np.ndarray,
        upper: np.ndarray,
    ) -> Self:
        """Put together what was fitted to the whole of ``series``."""
        window = parameters["window"]
        tail = Series(
            series.name,
            series.values[-window:],
            series.labels[-window:],
            series.frequency,
            series.season,
            series.counts,
        )
        return cls(
            tuple(member.network for member in members),
            members[0].scaler,
            tail,
            tuple(parameters["hidden_sizes"]),
            parameters["dropout"],
            lower,
            upper,
        )

    @property
    def horizon(self) -> int:
        """Return the steps ahead that it was fitted for."""
        return len(self.lower)

    def update(self, values: np.ndarray, labels: Sequence[str] | None) -> None:
        """Move the window on by the values (n,) of the next periods.

        A missing value is taken to be what was forecast for it.

        """
        for number, value in enumerate(values):
            if math.isnan(value):
                value = self.predict(1)[0].value
            label = None if labels is None else labels[number]
            self.tail = self.tail.following(float(value), label)

    def examine(self, series: Series, member: int) -> Run:
        """Return a run that reads the whole series, where forecasts are made window by window."""
        network, scaler = self.networks[member], self.scaler
        scaled = scaler.scale(series.values).astype(np.float32)

        def head(output: Tensor, raw: Tensor) -> Tensor:
            forecast = network.head(output)[:, 0] * scaler.deviation + scaler.mean
            return torch.expm1(forecast) if scaler.log else forecast

        return Run(
            network.lstm.eval(),
            torch.from_numpy(scaled)[:, None, None],
            series.values[:, None],
            (series.name,),
            (series.name,),
            series.labels,
            network.layer_summary(),
            f"Forecaster: {series.name}",
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

    def to_config(self) -> dict[str, Any]:
        """Return all but the weights, as JSON values."""
        tail = self.tail
        return {
            "networks": len(self.networks),
            "hidden_sizes": list(self.hidden_sizes),
            "dropout": self.dropout,
            "mean": self.scaler.mean,
            "deviation": self.scaler.deviation,
            "log": self.scaler.log,
            "name": tail.name,
            "values": tail.values.tolist(),
            "labels": list(tail.labels),
            "frequency": tail.frequency,
            "season": tail.season,
            "counts": tail.counts,
            "lower": self.lower.tolist(),
            "upper": self.upper.tolist(),
        }

    def tensors(self) -> dict[str, torch.Tensor]:
        """Return the weights of all networks by name."""
        return {
            f"networks.{number}.{name}": value
            for number, network in enumerate(self.networks)
            for name, value in network.state_dict().items()
        }

    @classmethod
    def check_config(cls, config: Any) -> dict[str, Any]:
        """Return ``config`` if it is one that ``to_config`` returns.

        Raises:
            OptionError: naming what is wrong.
        """
        if not isinstance(config, dict) or set(config) != CONFIG_KEYS:
            raise OptionError(
                f"the fitted part must have the keys {', '.join(sorted(CONFIG_KEYS))}"
            )
        problems = []
        networks = config["networks"]
        if not _whole(networks) or not 1 <= networks <= MOST_MEMBERS:
            problems.append(f"networks must be from 1 to {MOST_MEMBERS}, got {networks!r}")
        problems += [
            f"{name} must be a list of numbers"
            for name in ("values", "lower", "upper")
            if not isinstance(config[name], list)
            or not all(map(_number, config[name]))
            or not config[name]
        ]
        problems += [
            f"{name} must be a number, got {config[name]!r}"
            for name in ("mean", "deviation", "dropout")
            if not _number(config[name])
        ]
        labels = config["labels"]
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            problems.append("labels must be a list of texts")
        if not isinstance(config["name"], str):
            problems.append("name must be a text")
        problems += [
            f"{name} must be True or False"
            for name in ("counts", "log")
            if not isinstance(config[name], bool)
        ]
        if not isinstance(config["frequency"], str | None) or not _whole(config["season"]):
            problems.append("frequency must be a text or nothing, season a whole number")
        if problems:
            raise OptionError("the fitted part is not sound: " + "; ".join(problems))
        if not 0 <= config["dropout"] < 1 or not 1e-100 <= config["deviation"] <= 1e100:
            raise OptionError("dropout must be from 0 to below 1, deviation from 1e-100 to 1e100")
        if config["log"] and (min(config["values"]) < 0 or not 0 <= config["mean"] <= 300):
            raise OptionError(
                "on a logarithmic scale the values must be at least 0, the mean small"
            )
        if len(config["lower"]) != len(config["upper"]):
            raise OptionError("lower and upper differ in length")
        try:
            _tail(config).future_labels(1)
        except GateworkError as error:
            raise OptionError(f"the end of the series is not sound: {error}") from error
        return config

    @classmethod
    def expected_tensors(
        cls, config: Mapping[str, Any]
    ) -> dict[str, tuple[torch.dtype, tuple[int, ...]]]:
        """Return dtype and shape of every weight that a checked ``config`` asks for.

        Raises:
            OptionError: when the layer sizes are none.
        """
        plain = LSTM(1, [1], batch_first=True, device="meta").to_config()
        sizes = config["hidden_sizes"]
        if not isinstance(sizes, list):
            raise OptionError(f"hidden_sizes must be a list of whole numbers, got {sizes!r}")
        dropout = [config["dropout"]] * (len(sizes) - 1)
        lstm = LSTM.expected_tensors(plain | {"hidden_sizes": sizes, "dropout": dropout})
        one = {f"lstm.{name}": expected for name, expected in lstm.items()}
        one["head.weight"] = (torch.float32, (1, sizes[-1]))
        one["head.bias"] = (torch.float32, (1,))
        return {
            f"networks.{number}.{name}": expected
            for number in range(config["networks"])
            for name, expected in one.items()
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Self:
        """Build the networks around their weights."""
        networks = []
        for number in range(config["networks"]):
            with torch.device("meta"):  # draws no random numbers
                network = ForecastNetwork(config["hidden_sizes"], config["dropout"])
            prefix = f"networks.{number}."
            network.load_state_dict(
                {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)},
                assign=True,
            )
            networks.append(network.eval())
        return cls(
            tuple(networks),
            Scaler(config["mean"], config["deviation"], config["log"]),
            _tail(config),
            tuple(config["hidden_sizes"]),
            config["dropout"],
            np.array(config["lower"]),
            np.array(config["upper"]),
        )


CONFIG_KEYS = frozenset(
    {
        "networks",
        "hidden_sizes",
        "dropout",
        "mean",
        "deviation",
        "log",
        "name",
        "values",
        "labels",
        "frequency",
        "season",
        "counts",
        "lower",
        "upper",
    }
)


def _tail(config: Mapping[str, Any]) -> Series:
    return Series(
        config["name"],
        np.array(config["values"], dtype=np.float64),
        tuple(config["labels"]),
        config["frequency"],
        config["season"],
        config["counts"],
    )


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= 1e308
