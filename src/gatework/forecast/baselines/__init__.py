"""Simple and classical models that an LSTM has to beat, made on the same split."""

from gatework.forecast.baselines.baseline import Baseline, CannotForecastError
from gatework.forecast.baselines.compare import (
    BaselineErrors,
    all_classics,
    backtest_baselines,
    baselines,
    rolling_forecasts,
)
from gatework.forecast.baselines.naive import LastValue, SeasonalNaive, TrailingMean

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
