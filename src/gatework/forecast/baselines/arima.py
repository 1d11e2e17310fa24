"""ARIMA by statsmodels: its order chosen and its parameters fitted once, then carried along.

The parameters stay fixed; at each origin the model filters the history with them, which updates its
state and nothing else.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.stattools import kpss

from gatework.errors import counted
from gatework.forecast.baselines.baseline import CannotForecastError, check_prepared, check_usable
from gatework.forecast.baselines.honest import FAILURES, failing_honestly, quiet
from gatework.forecast.recursive.windows import Scaler

MOST_VALUES = 1000
"""The most values, the latest ones, that the model is fitted to and runs over."""

MOST_LAGS = 3
"""The largest p and q; both together are at most one more."""


class Arima:
    """ARIMA(p, d, q) with p and q up to 3, p + q up to 4, and a constant or a drift.

    The series is differenced once if a KPSS test at 5 % finds it not stationary. The order is that
    of the least AICc among models whose roots keep clear of the unit circle.

    Source:
        R. J. Hyndman and Y. Khandakar, "Automatic time series forecasting: the forecast package
        for R", Journal of Statistical Software 27(3), 2008, doi 10.18637/jss.v027.i03.
    """

    name = "ARIMA"

    def __init__(self) -> None:
        self.order = (0, 0, 0)
        self._prepared = False
        self.trend = "n"
        self._scaler = Scaler(0.0, 1.0)
        self._parameters = np.empty(0)

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose order and trend, and fit the parameters."""
        check_usable(values := training[-MOST_VALUES:])
        self._scaler = Scaler(float(values.mean()), float(values.std()))
        values = self._scaler.scale(values)
        difference = _differences(values)
        self._prepared, least = False, math.inf
        lags, trends = range(MOST_LAGS + 1), ("n", "t") if difference else ("c",)
        for p, q, trend in product(lags, lags, trends):
            if p + q > MOST_LAGS + 1:
                continue
            fit = _fit_arima(values, (p, difference, q), trend)
            if fit is not None and fit.aicc < least:
                least, self.order, self.trend = fit.aicc, (p, difference, q), trend
                self._prepared = True
                self._parameters = np.asarray(fit.params)
        if not self._prepared:
            raise CannotForecastError(
                f"no order of it could be fitted to {counted(len(values), 'value')}"
            )

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the forecast after filtering the history with the fitted parameters."""
        check_prepared(self.name, self._prepared)
        values = self._scaler.scale(history[-MOST_VALUES:])
        with quiet(), failing_honestly():
            model = ARIMA(values, order=self.order, trend=self.trend)
            ahead = model.filter(self._parameters, cov_type="none").forecast(horizon)
        return self._scaler.restore(np.asarray(ahead))


def _differences(values: np.ndarray) -> int:
    """Return 1 if the KPSS test at 5 % finds the values not stationary around a level, else 0."""
    lags = int(3 * math.sqrt(len(values)) / 13)  # as in Hyndman and Khandakar's auto.arima
    with quiet():
        probability = float(kpss(values, regression="c", nlags=lags)[1])
    return int(probability < 0.05)


def _fit_arima(values: np.ndarray, order: tuple[int, int, int], trend: str) -> Any | None:
    """Return the fitted model, or None if it did not converge or is close to a unit root."""
    try:
        with quiet():
            fit = ARIMA(values, order=order, trend=trend).fit(cov_type="none")
            roots = np.concatenate([fit.arroots, fit.maroots])
    except FAILURES:
        return None
    if not fit.mle_retvals["converged"] or not math.isfinite(fit.aicc):
        return None
    return None if np.any(np.abs(roots) < 1.01) else fit
