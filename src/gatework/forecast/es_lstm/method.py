"""Smoothing and LSTM in one, as the Forecaster uses it on a single series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from gatework.forecast.backtest import SeriesSplit
from gatework.forecast.es_lstm.calibration import conformal_margins
from gatework.forecast.es_lstm.fit import FittedMember, fit_member
from gatework.forecast.es_lstm.fitted import KEPT, FittedSmoothing
from gatework.forecast.es_lstm.model import SmoothingModel, after
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.rolling import Forecasts, rolling_forecasts
from gatework.forecast.es_lstm.settings import EsLstmSettings
from gatework.forecast.method import HeldOutPart, Method, Networks
from gatework.forecast.series import Series
from gatework.search import Axis, Choice, Sizes
from gatework.search.axes import AnyAxis


@dataclass(frozen=True)
class SmoothingNetworks(Networks):
    """Networks over smoothers, fitted to the first ``end`` values; see Networks."""

    members: tuple[FittedMember, ...]
    settings: EsLstmSettings
    end: int
    season: int

    @property
    def epochs(self) -> list[int]:
        """Return the epochs that each network took."""
        return [self.settings.epochs or 0] * len(self.members)

    def problem(self, series: Series, stop: int) -> Problem:
        """Return the first ``stop`` values as the networks know them."""
        return Problem.of_series(series, stop, self.horizon, season=self.season, known=self.end)

    def rolling(self, series: Series, stop: int) -> Forecasts:
        """Return the forecasts after each of the first ``stop`` values, (1, stop, H)."""
        return rolling_forecasts(self.members, self.problem(series, stop))

    def forecasts(self, series: Series, start: int, stop: int) -> np.ndarray:
        """Return the mean forecasts from each origin, (stop - start, horizon)."""
        return self.rolling(series, stop).values[0, start - 1 : stop - 1]


class SmoothingMethod(Method):
    """Weights of smoothers' forecasts from an LSTM; see es_lstm.network.SmoothingLSTM."""

    name: ClassVar[str] = "es-lstm"
    fitted: ClassVar[type[FittedSmoothing]] = FittedSmoothing

    def axes(self, series: Series, cut: SeriesSplit) -> list[AnyAxis]:
        """Return layer sizes, learning rate, dropout, epochs, correction, and the season."""
        seasonal = series.season > 1 and cut.train_end >= 2 * series.season + series.season // 2
        axes: list[AnyAxis] = [
            Sizes("hidden_sizes", ((8,), (16,), (32,), (16, 16)), low=4, high=128),
            Axis("learning_rate", (0.0003, 0.001, 0.003), scale="log", low=0.0001, high=0.02),
            Axis("epochs", (30, 60, 120), scale="log", integer=True, low=10, high=400),
            Axis("dropout", (0.0, 0.2, 0.4), low=0.0, high=0.6),
            Choice("correction", (False, True)),
        ]
        if seasonal:
            axes.append(Choice("season", (series.season, 1)))
        return axes

    def fit(
        self,
        series: Series,
        end: int,
        horizon: int,
        parameters: Mapping[str, Any],
        seeds: Sequence[int],
        **_how: Any,
    ) -> SmoothingNetworks:
        """Fit a network for each seed; how long is one of the parameters."""
        season = parameters.get("season", 1)
        settings = EsLstmSettings(
            hidden_sizes=tuple(parameters["hidden_sizes"]),
            dropout=parameters["dropout"],
            correction=parameters["correction"],
            loss="squared",
            learning_rate=parameters["learning_rate"],
            weight_decay=WEIGHT_DECAY,
            epochs=parameters["epochs"],
        )
        problem = Problem.of_series(series, end, horizon, season=season)
        members = tuple(fit_member(problem, settings, seed) for seed in seeds)
        return SmoothingNetworks(members, horizon, settings, end, season)

    def finish(
        self,
        series: Series,
        final: SmoothingNetworks,
        held_out: Sequence[HeldOutPart],
        level: float,
        parameters: Mapping[str, Any],
    ) -> FittedSmoothing:
        """Return the fitted networks with intervals calibrated on the held-out parts."""
        parts = []
        for part in held_out:
            problem = part.networks.problem(series, part.stop)
            rolled = part.networks.rolling(series, part.stop)
            parts.append(after(rolled, problem, np.array([part.start])))
        location = np.concatenate([forecasts.location for forecasts, _ in parts], axis=1)
        scale = np.concatenate([forecasts.scale for forecasts, _ in parts], axis=1)
        unseen = replace(parts[0][0], location=location, scale=scale, raw=None)
        actual = np.concatenate([actual for _, actual in parts], axis=1)
        margins = conformal_margins(unseen, actual, [level], None)
        problem = final.problem(series, len(series))
        model = SmoothingModel.of(final.settings, final.members, margins, problem)
        return FittedSmoothing(model, series.last(2), series.values[-KEPT:])


WEIGHT_DECAY = 0.1
"""Of the networks of single series; it keeps the weights near the smoothers' mean."""
