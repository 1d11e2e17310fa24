"""The recursive method, as the Forecaster uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatework.forecast.backtest import SeriesSplit, forecast_errors
from gatework.forecast.intervals import error_quantiles
from gatework.forecast.method import HeldOutPart, Method, Networks
from gatework.forecast.recursive.fit import (
    MOST_EPOCHS,
    FittedNetwork,
    average_forecasts,
    fit_network,
)
from gatework.forecast.recursive.fitted import FittedRecursive
from gatework.forecast.recursive.space import search_space, transforms
from gatework.forecast.series import Series
from gatework.search.axes import AnyAxis


@dataclass(frozen=True)
class RecursiveNetworks(Networks):
    """Networks over windows of the series; see Networks."""

    members: tuple[FittedNetwork, ...]
    window: int

    @property
    def epochs(self) -> list[int]:
        """Return the epochs that each network took."""
        return [member.epochs for member in self.members]

    def forecasts(self, series: Series, start: int, stop: int) -> np.ndarray:
        """Return the mean forecasts from each origin, (stop - start, horizon)."""
        lowest = 0.0 if series.counts else None
        return average_forecasts(
            self.members, series.values, self.window, start, stop, self.horizon, lowest
        )


class Recursive(Method):
    """One step ahead from a window, applied again and again to its own forecasts.

    Source: Wang Xin et al., Exploring LSTM based recurrent neural network for failure time series
        prediction, J. Beijing Univ. of Aeronautics and Astronautics 44(4), 2018,
        doi 10.13700/j.bh.1001-5965.2017.0285.
    """

    name: ClassVar[str] = "recursive"
    fitted: ClassVar[type[FittedRecursive]] = FittedRecursive

    def axes(self, series: Series, cut: SeriesSplit) -> list[AnyAxis]:
        """Return window, layer sizes, learning rate, dropout and scaling."""
        return search_space(cut, series.season, transforms(series.values))

    def fit(
        self,
        series: Series,
        end: int,
        horizon: int,
        parameters: Mapping[str, Any],
        seeds: Sequence[int],
        *,
        validate_to: int | None = None,
        epochs: Sequence[int] | None = None,
    ) -> RecursiveNetworks:
        """Fit a network for each seed, stopped early on the validation part if there is one."""
        members = tuple(
            fit_network(
                series.values,
                end,
                parameters,
                seed,
                validate_to=validate_to,
                horizon=horizon,
                epochs=MOST_EPOCHS if epochs is None else epochs[number],
            )
            for number, seed in enumerate(seeds)
        )
        return RecursiveNetworks(members, horizon, parameters["window"])

    def finish(
        self,
        series: Series,
        final: RecursiveNetworks,
        held_out: Sequence[HeldOutPart],
        level: float,
        parameters: Mapping[str, Any],
    ) -> FittedRecursive:
        """Return the fitted networks with intervals from the errors on the held-out parts."""
        errors = [
            forecast_errors(
                part.networks.forecasts(series, part.start, part.stop),
                series.values[: part.stop],
                part.start,
            )
            for part in held_out
        ]
        lower, upper = error_quantiles(np.concatenate(errors), level)
        return FittedRecursive(
            tuple(member.network for member in final.members),
            final.members[0].scaler,
            series.last(parameters["window"]),
            tuple(parameters["hidden_sizes"]),
            parameters["dropout"],
            lower,
            upper,
        )
