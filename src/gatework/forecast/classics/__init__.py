"""Simple and classical models that an LSTM has to beat, made on the same split."""

from gatework.forecast.classics.baseline import Baseline, CannotForecastError
from gatework.forecast.classics.compare import (
    BaselineErrors,
    all_classics,
    backtest_baselines,
    baselines,
    rolling_forecasts,
)
from gatework.forecast.classics.naive import LastValue, SeasonalNaive, TrailingMean

__all__ = [
    "Baseline",
    "BaselineErrors",
    "CannotForecastError",
    "LastValue",
    "SeasonalNaive",
    "TrailingMean",
    "all_classics",
    "backtest_baselines",
    "baselines",
    "rolling_forecasts",
]
