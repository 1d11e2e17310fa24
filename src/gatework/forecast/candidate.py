"""How the search values parameters: by the errors of a few networks on the validation part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatework.forecast.backtest import Split, forecast_errors, mean_rmse
from gatework.forecast.methods import method_of
from gatework.forecast.series import Series
from gatework.forecast.threads import one_thread
from gatework.search import Outcome

NETWORKS = 3
"""Networks that value a candidate: the luck of a single seed would choose the parameters."""


@dataclass(frozen=True)
class Candidate:
    """What the search evaluates: the error on the validation part for given parameters.

    The test part is not in it: ``series`` ends where the test part begins.
    """

    method: str
    series: Series
    split: Split
    horizon: int

    def __call__(self, parameters: dict[str, Any], seed: int) -> Outcome:
        """Fit NETWORKS networks and return the mean RMSE of their averaged forecasts."""
        train_end, test_start = self.split.train_end, self.split.test_start
        with one_thread():
            fitted = method_of(self.method).fit(
                self.series,
                train_end,
                self.horizon,
                parameters,
                [seed + member for member in range(NETWORKS)],
                validate_to=test_start,
            )
            forecasts = fitted.forecasts(self.series, train_end, test_start)
        errors = forecast_errors(forecasts, self.series.values, train_end)
        return Outcome(mean_rmse(errors), {"epochs": fitted.epochs})
