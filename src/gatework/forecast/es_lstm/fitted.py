"""A fitted model of one series, with the names of its periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch

from gatework.errors import GateworkError, OptionError
from gatework.examine import Run
from gatework.forecast.es_lstm.introspection import run_over
from gatework.forecast.es_lstm.model import SmoothingModel
from gatework.forecast.es_lstm.network import SmoothingLSTM
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.serialization import (
    Expected,
    check_model_config,
    expected_model_tensors,
    model_config,
    model_from,
    model_tensors,
)
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series
from gatework.forecast.threads import one_thread

KEYS = frozenset({"model", "name", "label", "frequency", "season", "counts"})


@dataclass(eq=False)
class FittedSmoothing:
    """Networks over smoothers, fitted to one series; see methods.FittedForecast.

    ``tail`` holds the label of the last period, and what labels of later ones follow from.
    """

    model: SmoothingModel
    tail: Series

    @property
    def horizon(self) -> int:
        """Return the steps ahead that it was fitted for."""
        return self.model.horizon

    @property
    def networks(self) -> list[SmoothingLSTM]:
        """Return the networks that are averaged."""
        return [member.network for member in self.model.members]

    def examine(self, series: Series, member: int) -> Run:
        """Return a run of one of the networks over a series."""
        model = self.model
        problem = Problem.of_series(series, len(series), model.horizon, season=model.season)
        return run_over(model, problem, series, member)

    def predict(self, horizon: int) -> tuple[ForecastPoint, ...]:
        """Return the forecast of the next periods."""
        with one_thread():
            forecasts = self.model.forecasts()
            (level,) = self.model.margins.levels
            lower, upper = self.model.interval(forecasts, level)
        values = forecasts.values[0]
        return tuple(
            ForecastPoint(period, float(values[step]), float(lower[0, step]), float(upper[0, step]))
            for step, period in enumerate(self.tail.future_labels(horizon))
        )

    def update(self, values: np.ndarray, labels: Sequence[str] | None) -> None:
        """Go on by the values (n,) of the next periods, nan where missing."""
        with one_thread():
            for number, value in enumerate(values):
                self.model.live.advance(self.model.members, np.array([float(value)]))
                label = None if labels is None else labels[number]
                self.tail = self.tail.following(0.0, label)

    def to_config(self) -> dict[str, Any]:
        """Return all but the tensors, as JSON values."""
        tail = self.tail
        return {
            "model": model_config(self.model),
            "name": tail.name,
            "label": list(tail.labels),
            "frequency": tail.frequency,
            "season": tail.season,
            "counts": tail.counts,
        }

    def tensors(self) -> dict[str, torch.Tensor]:
        """Return every tensor by name."""
        return model_tensors(self.model)

    @classmethod
    def check_config(cls, config: Any) -> dict[str, Any]:
        """Return ``config`` if it is one that ``to_config`` returns.

        Raises:
            OptionError: naming what is wrong.
        """
        if not isinstance(config, dict) or set(config) != KEYS:
            raise OptionError(f"the fitted part must have the keys {', '.join(sorted(KEYS))}")
        model = check_model_config(config["model"])
        if model["series"] != 1 or len(model["levels"]) != 1:
            raise OptionError("the fitted part must be of one series and one level")
        try:
            _tail(config).future_labels(1)
        except (GateworkError, TypeError) as error:
            raise OptionError(f"the end of the series is not sound: {error}") from error
        return config

    @classmethod
    def expected_tensors(cls, config: Mapping[str, Any]) -> Expected:
        """Return dtype and shape of every tensor that a checked ``config`` asks for."""
        return expected_model_tensors(config["model"])

    @classmethod
    def from_config(cls, config: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Self:
        """Build it around its tensors."""
        return cls(model_from(config["model"], tensors), _tail(config))


def _tail(config: Mapping[str, Any]) -> Series:
    labels = config["label"]
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise TypeError("label must be a list of texts")
    if not 1 <= len(labels) <= 2 or not isinstance(config["name"], str):
        raise TypeError("label must name one or two periods, name be a text")
    if not isinstance(config["counts"], bool) or not isinstance(config["frequency"], str | None):
        raise TypeError("counts must be True or False, frequency a text or nothing")
    return Series(
        config["name"],
        np.zeros(len(labels)),
        tuple(labels),
        config["frequency"],
        config["season"],
        config["counts"],
    )
