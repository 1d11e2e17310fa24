"""How the search values parameters: by the errors of a few networks on the validation part."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from gatework.forecast.backtest import SeriesSplit, forecast_errors, mean_rmse
from gatework.forecast.local.methods import method_of
from gatework.forecast.method import Networks
from gatework.forecast.series import Series
from gatework.forecast.threads import one_thread
from gatework.search import Outcome

NETWORKS = 3
"""Networks that value a candidate: the luck of a single seed would choose the parameters."""


@dataclass(frozen=True)
class Objective:
    """What the search evaluates: the error on the validation part for given parameters.

    The test part is not in it: ``series`` ends where the test part begins.

    A rung is reached with each network but the last. Halving by whole networks, not by epochs,
    compares what candidates came to: the learning rate falls to the end of each training, so that
    half-trained networks say little, and the epochs are themselves searched for.
    """

    method: str
    series: Series
    split: SeriesSplit
    horizon: int

    def __call__(self, parameters: dict[str, Any], seed: int) -> Generator[Outcome, None, Outcome]:
        """Fit NETWORKS networks; at each the mean RMSE of the averaged forecasts so far."""
        networks = self._fit(parameters, seed)
        for member in range(1, NETWORKS):
            yield self._valued(networks)
            networks = networks.joined(self._fit(parameters, seed + member))
        return self._valued(networks)

    def _fit(self, parameters: dict[str, Any], seed: int) -> Networks:
        method = method_of(self.method)
        with one_thread():
            return method.fit(
                self.series,
                self.split.train_end,
                self.horizon,
                parameters,
                [seed],
                validate_to=self.split.test_start,
            )

    def _valued(self, networks: Networks) -> Outcome:
        train_end, test_start = self.split.train_end, self.split.test_start
        with one_thread():
            forecasts = networks.forecasts(self.series, train_end, test_start)
        errors = forecast_errors(forecasts, self.series.values, train_end)
        return Outcome(mean_rmse(errors), {"epochs": networks.epochs})
