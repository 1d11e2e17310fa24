"""Simple and classical models that an LSTM has to beat, made on the same split."""

from gatework.forecast.baselines.baseline import Baseline, CannotForecastError
from gatework.forecast.baselines.compare import (
    BaselineForecasts,
    Comparison,
    baseline_forecasts,
    compare,
    rolling_forecasts,
)
from gatework.forecast.baselines.fitted import FittedClassics
from gatework.forecast.baselines.models import (
    all_classics,
    baselines,
    panel_baselines,
    quick_baselines,
)
from gatework.forecast.baselines.naive import LastValue, SeasonalNaive, TrailingMean

__all__ = [
    "Baseline",
    "BaselineForecasts",
    "CannotForecastError",
    "Comparison",
    "FittedClassics",
    "LastValue",
    "SeasonalNaive",
    "TrailingMean",
    "all_classics",
    "baseline_forecasts",
    "baselines",
    "compare",
    "panel_baselines",
    "quick_baselines",
    "rolling_forecasts",
]
