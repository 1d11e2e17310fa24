"""Forecasting a series with an LSTM, beside honest baselines."""

from gatework.forecast.each import forecast_each
from gatework.forecast.events import count_events, count_events_of_many
from gatework.forecast.forecaster import Forecaster
from gatework.forecast.many import GlobalForecaster
from gatework.forecast.panel import Panel, read_panel
from gatework.forecast.panel.result import PanelForecast
from gatework.forecast.result import ForecastPoint, ForecastResult
from gatework.forecast.series import Series
from gatework.forecast.table import read_series

__all__ = [
    "ForecastPoint",
    "ForecastResult",
    "Forecaster",
    "GlobalForecaster",
    "Panel",
    "PanelForecast",
    "Series",
    "count_events",
    "count_events_of_many",
    "forecast_each",
    "read_panel",
    "read_series",
]
