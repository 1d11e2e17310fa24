"""Forecasts of series that are too short to learn from, by the simplest of models."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import Any

import numpy as np

from gatework.forecast.result import ForecastPoint
from gatework.forecast.series import Series

PRIOR = 2
"""Errors of its own that what other series show counts as much as."""


def usual_error(series: Iterable[Series]) -> float:
    """Return the error of the value before as a forecast, beside the size of a series.

    It is the median over series that tell; nan where none does.
    """
    told = [
        float(np.sqrt(np.mean(np.square(np.diff(one.values)))) / np.mean(np.abs(one.values)))
        for one in series
        if len(one) > 1 and np.any(one.values)
    ]
    return float(np.median(told)) if told else math.nan


def forecast_little(series: Series, horizon: int, level: float, usual: float) -> dict[str, Any]:
    """Return a forecast of a short series as ``ForecastResult.to_json`` gives it, without scores.

    The last value, the mean or, where there are two seasons, the value of a season before: what
    would have been nearest one step ahead. The interval is that of Student's t for the errors of
    these forecasts, and for ``usual``, the error that other series show, as if it were PRIOR more.

    Example:
        >>> series = Series("a", np.array([4.0, 6.0, 5.0]), ("2020", "2021", "2022"), "YS", 1)
        >>> found = forecast_little(series, 1, 0.9, usual=0.2)
        >>> found["method"], found["forecast"][0]["period"], found["forecast"][0]["value"]
        ('mean', '2023', 5.0)
    """
    values, n = series.values, len(series)
    steps = np.arange(1, horizon + 1)
    models = {"mean": (np.full(horizon, values.mean()), _mean_errors(values))}
    models["last value"] = np.full(horizon, values[-1]), np.diff(values)
    spread = {"mean": np.full(horizon, math.sqrt(1 + 1 / n)), "last value": np.sqrt(steps)}
    season = series.season
    if 1 < season <= n // 2:
        models["seasonal naive"] = (
            values[n - season + (steps - 1) % season],
            values[season:] - values[:-season],
        )
        spread["seasonal naive"] = np.sqrt(1 + (steps - 1) // season)
    name = min(models, key=lambda one: _size(models[one][1]))
    forecast, errors = models[name]
    known = 0.0 if math.isnan(usual) else usual * float(np.abs(values).mean())
    prior = 0 if math.isnan(usual) else PRIOR
    freedom = max(len(errors) + prior, 1)
    scale = math.sqrt((float(np.square(errors).sum()) + prior * known**2) / freedom)
    half = _quantile(level, freedom) * scale * spread[name]
    least = 0.0 if series.counts else -math.inf
    ends = zip(forecast, np.maximum(forecast - half, least), forecast + half, strict=True)
    periods = series.future_labels(horizon)
    points = [
        ForecastPoint(period, *map(float, three))
        for period, three in zip(periods, ends, strict=True)
    ]
    told = f"{n} value{'s' if n > 1 else ''}"
    note = f"too short to learn from: the forecast is the {name} of {told}"
    note += ", and its interval rests on the errors of other series, too" if prior else ""
    return {
        "series": series.name,
        "horizon": horizon,
        "level": level,
        "forecast": [vars(point) for point in points],
        "scores": {},
        "origins": 0,
        "method": name,
        "network": name,
        "lstm_won": False,
        "notes": [*series.notes, note],
    }


def _mean_errors(values: np.ndarray) -> np.ndarray:
    """Return the errors of the mean of all values before, (n - 1,)."""
    return values[1:] - np.cumsum(values)[:-1] / np.arange(1, len(values))


def _size(errors: np.ndarray) -> float:
    return float(np.abs(errors).mean()) if errors.size else math.inf


def _quantile(level: float, freedom: int) -> float:
    """Return about the quantile of Student's t that an interval of a level reaches.

    Source: E. A. Cornish and R. A. Fisher 1938, doi 10.2307/1400905 (expansion in 1 / freedom).
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    first, second = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    return z + first / freedom + second / freedom**2
