"""Holt-Winters and ARIMA, by statsmodels: chosen and fitted once, then carried along.

Both choose their form by AICc on the training part. The parameters fitted there stay fixed; at each
origin the model runs over the history with them, which updates its state and nothing else.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import numpy as np
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.holtwinters import ExponentialSmoothing
from statsmodels.tsa.stattools import kpss

from gatework.forecast.baselines import CannotForecastError

LEAST_VALUES = 10
"""The fewest values that these models are fitted to."""

MOST_VALUES = 1000
"""The most values, the latest ones, that these models are fitted to and run over."""

_FAILURES = (ValueError, ZeroDivisionError, IndexError, np.linalg.LinAlgError)


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
        values = _usable(training, self._most)
        self.form, least = {}, math.inf
        for form in self._forms(len(values)):
            try:
                with _quiet():
                    fit = self._model(values, form).fit()
            except _FAILURES:
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
        _check_prepared(self.name, bool(self.form))
        with _quiet(), _failing_honestly():
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
        self._scale = (0.0, 1.0)
        self._parameters = np.empty(0)

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose order and trend, and fit the parameters."""
        values = _usable(training, MOST_VALUES)
        self._scale = (float(values.mean()), float(values.std()))
        values = self._standardised(values)
        difference = _differences(values)
        self._prepared, least = False, math.inf
        for p, q, trend in product(range(4), range(4), ("n", "t") if difference else ("c",)):
            if p + q > 4:
                continue
            fit = _fit_arima(values, (p, difference, q), trend)
            if fit is not None and fit.aicc < least:
                least, self.order, self.trend = fit.aicc, (p, difference, q), trend
                self._prepared = True
                self._parameters = np.asarray(fit.params)
        if not self._prepared:
            raise CannotForecastError(f"no order of it could be fitted to {len(values)} values")

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the forecast after filtering the history with the fitted parameters."""
        _check_prepared(self.name, self._prepared)
        values = self._standardised(history[-MOST_VALUES:])
        with _quiet(), _failing_honestly():
            model = ARIMA(values, order=self.order, trend=self.trend)
            ahead = model.filter(self._parameters, cov_type="none").forecast(horizon)
        mean, deviation = self._scale
        return np.asarray(ahead) * deviation + mean

    def _standardised(self, values: np.ndarray) -> np.ndarray:
        mean, deviation = self._scale
        return (values - mean) / deviation


def _check_prepared(name: str, prepared: bool) -> None:
    if not prepared:
        raise CannotForecastError(
            f"{name} must be prepared before it forecasts, and is not",
            hint="baseline.prepare(training, horizon)",
        )


def _usable(training: np.ndarray, most: int) -> np.ndarray:
    if len(training) < LEAST_VALUES:
        raise CannotForecastError(
            f"it needs {LEAST_VALUES} values before the test part, there are {len(training)}"
        )
    values = training[-most:]
    if np.ptp(values) == 0:
        raise CannotForecastError("the values before the test part are all the same")
    return values


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence statsmodels: fits that did not converge are left out by their flag instead."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _failing_honestly() -> Iterator[None]:
    """Turn what statsmodels raises during a forecast into the reason that there is none."""
    try:
        yield
    except _FAILURES as error:
        raise CannotForecastError(f"it failed during the test part: {error}") from error


def _smoothing(parameters: dict[str, Any]) -> dict[str, Any]:
    names = ("smoothing_level", "smoothing_trend", "smoothing_seasonal", "damping_trend")
    fitted = {name: float(parameters[name]) for name in names}
    return {name: value for name, value in fitted.items() if not math.isnan(value)}


def _differences(values: np.ndarray) -> int:
    """Return 1 if the KPSS test at 5 % finds the values not stationary around a level, else 0."""
    lags = int(3 * math.sqrt(len(values)) / 13)  # as in Hyndman and Khandakar's auto.arima
    with _quiet():
        probability = float(kpss(values, regression="c", nlags=lags)[1])
    return int(probability < 0.05)


def _fit_arima(values: np.ndarray, order: tuple[int, int, int], trend: str) -> Any | None:
    """Return the fitted model, or None if it did not converge or is close to a unit root."""
    try:
        with _quiet():
            fit = ARIMA(values, order=order, trend=trend).fit(cov_type="none")
            roots = np.concatenate([fit.arroots, fit.maroots])
    except _FAILURES:
        return None
    if not fit.mle_retvals["converged"] or not math.isfinite(fit.aicc):
        return None
    return None if np.any(np.abs(roots) < 1.01) else fit
