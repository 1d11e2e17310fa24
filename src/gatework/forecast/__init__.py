"""Forecasting a series with an LSTM, beside honest baselines."""

from gatework.forecast.events import count_events
from gatework.forecast.forecaster import Forecaster
from gatework.forecast.result import ForecastPoint, ForecastResult
from gatework.forecast.series import Series
from gatework.forecast.table import read_series

__all__ = [
    "ForecastPoint",
    "ForecastResult",
    "Forecaster",
    "Series",
    "count_events",
    "read_series",
]
