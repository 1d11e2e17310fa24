"""A fitted model of one series, with the names of its periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gatework.errors import OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Part, Schema, Values
from gatework.examine import Run
from gatework.forecast.es_lstm.introspection import run_member
from gatework.forecast.es_lstm.model import SmoothingModel
from gatework.forecast.es_lstm.model_file import MODEL
from gatework.forecast.es_lstm.network import SmoothingLSTM
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series
from gatework.forecast.series_file import NAME, PERIODS, series_said
from gatework.forecast.threads import one_thread

KEPT = 1000
"""Values that the file holds of the end of the series."""


@dataclass(eq=False)
class FittedSmoothing:
    """Networks over smoothers, fitted to one series; see FittedForecast.

    ``tail`` holds the label of the last period, and what labels of later ones follow from;
    ``history`` the last values of the series, until it goes on by others.

    Shapes:
        history: (at most KEPT,)
    """

    model: SmoothingModel
    tail: Series
    history: np.ndarray | None = None

    method: ClassVar[str] = "es-lstm"
    FILE: ClassVar[Schema]

    @property
    def horizon(self) -> int:
        """Return the steps ahead that it was fitted for."""
        return self.model.horizon

    @property
    def furthest(self) -> int:
        """Return the most steps ahead that it can be asked for."""
        return self.horizon

    @property
    def networks(self) -> list[SmoothingLSTM]:
        """Return the networks that are averaged."""
        return [member.network for member in self.model.members]

    def examine(self, series: Series, member: int) -> Run:
        """Return a run of one of the networks over a series."""
        model = self.model
        problem = Problem.of_series(series, len(series), model.horizon, season=model.season)
        return run_member(model, problem, series, member)

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

    def update(self, value: float, label: str | None) -> None:
        """Go on by the value of the next period, nan where it is missing, and its label."""
        with one_thread():
            self.model.live.advance(self.model.members, np.array([value]))
        self.tail, self.history = self.tail.following(0.0, label), None


def _check(said: Values) -> None:
    if said.model.series != 1 or len(said.model.levels) != 1:
        raise OptionError("the fitted part must be of one series and one level")
    said.horizon = said.model.horizon
    said.tail = series_said(said, said.label, [0.0] * len(said.label))


FittedSmoothing.FILE = Schema(
    config={
        "model": Part(MODEL),
        "name": NAME,
        "label": Field(js.list_of(js.text, 1, 2), of="tail.labels"),
        **PERIODS,
        "history": Field(js.list_of(js.finite, 1, KEPT), np.array, added=True),
    },
    check=_check,
    make=lambda said, built: FittedSmoothing(built["model"], said.tail, said.history),
)
