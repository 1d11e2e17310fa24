"""Holt-Winters by statsmodels: its form chosen and fitted once, then carried along.

The parameters stay fixed; at each origin the model runs over the history with them, which updates
its state and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from gatework.forecast.baselines.baseline import CannotForecastError, check_prepared, check_usable
from gatework.forecast.baselines.honest import FAILURES, failing_honestly, quiet

MOST_VALUES = 1000
"""The most values, the latest ones, that the model is fitted to and runs over."""


class HoltWinters:
    """Exponential smoothing with level, additive trend (also damped) and additive season.

    Of the six forms without and with each, that of the least AICc is used; seasonal forms need
    three seasons in the training part.

    Source:
        P. R. Winters, "Forecasting sales by exponentially weighted moving averages", Management
        Science 6(3), 1960, doi 10.1287/mnsc.6.3.324.
    """

    name = "Holt-Winters"

    def __init__(self, season: int) -> None:
        self.season = season
        self.form: dict[str, Any] = {}
        self.smoothing: dict[str, Any] = {}
        self._most = max(MOST_VALUES, 4 * season)

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Fit every form to the training part and keep the best one's form and smoothing."""
        check_usable(values := training[-self._most :])
        self.form, least = {}, math.inf
        for form in self._forms(len(values)):
            try:
                with quiet():
                    fit = self._model(values, form).fit()
            except FAILURES:
                continue
            if fit.mle_retvals is not None and not fit.mle_retvals.success:
                continue
            if not math.isnan(fit.aicc) and (fit.aicc < least or not self.form):
                least, self.form = fit.aicc, form
                self.smoothing = _smoothing(fit.params)
        if not self.form:
            raise CannotForecastError(f"no form of it could be fitted to {len(values)} values")

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the forecast after running over the history with the fitted smoothing."""
        check_prepared(self.name, bool(self.form))
        with quiet(), failing_honestly():
            model = self._model(history[-self._most :], self.form)
            fit = model.fit(optimized=False, remove_bias=False, **self.smoothing)
            return np.asarray(fit.forecast(horizon))

    def _forms(self, count: int) -> Iterator[dict[str, Any]]:
        seasons = [None, "add"] if self.season > 1 and count >= 3 * self.season else [None]
        for (trend, damped), seasonal in product(
            ((None, False), ("add", False), ("add", True)), seasons
        ):
            yield {"trend": trend, "damped_trend": damped, "seasonal": seasonal}

    def _model(self, values: np.ndarray, form: dict[str, Any]) -> ExponentialSmoothing:
        return ExponentialSmoothing(
            values,
            **form,
            seasonal_periods=self.season if form["seasonal"] else None,
            initialization_method="heuristic",
        )


def _smoothing(parameters: dict[str, Any]) -> dict[str, Any]:
    names = ("smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend")
    fitted = {name: float(parameters[name]) for name in names}
    return {name: value for name, value in fitted.items() if not math.isnan(value)}
