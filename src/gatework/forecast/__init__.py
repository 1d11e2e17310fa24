"""Forecasting a series with an LSTM, beside honest baselines."""

from gatework.forecast.across.forecaster import GlobalForecaster
from gatework.forecast.events import count_events, count_events_of_many
from gatework.forecast.local.each import forecast_each
from gatework.forecast.local.forecaster import Forecaster
from gatework.forecast.panel import Panel, read_panel
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.result import PanelForecast
from gatework.forecast.reading import read_series
from gatework.forecast.result import ForecastPoint, ForecastResult
from gatework.forecast.series import Series

__all__ = [
    "Backtest",
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
