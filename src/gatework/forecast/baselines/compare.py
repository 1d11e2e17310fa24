"""The LSTM beside the baselines: forecasts from the same origins, for one series and for many."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatework.errors import MissingDependencyError, TrainingError
from gatework.forecast.backtest import check_finite, origin_forecasts
from gatework.forecast.baselines.baseline import AtOnce, Baseline, CannotForecastError
from gatework.forecast.baselines.fitted import FittedClassics
from gatework.forecast.baselines.models import panel_baselines
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel
from gatework.forecast.result import LSTM_NAME


@dataclass(frozen=True)
class BaselineForecasts:
    """Forecasts from every origin by baseline, and why others are missing.

    Shapes:
        forecasts: each (n - start, horizon), the last rows reaching beyond the end
    """

    forecasts: dict[str, np.ndarray] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Backtests by model at the same origins, ours first, and why baselines are missing."""

    backtests: dict[str, Backtest]
    left_out: dict[str, str]

    def said(self) -> list[str]:
        """Return in sentences why baselines are missing."""
        return [f"{name} is left out: {why}" for name, why in self.left_out.items()]


def rolling_forecasts(
    baseline: Baseline, values: np.ndarray, start: int, horizon: int
) -> np.ndarray:
    """Prepare the baseline on ``values[:start]`` and forecast from every period after it.

    Shapes:
        values: (n,). Returns (n - start, horizon); row i was made from ``values[:start + i]``, so
        the last rows reach beyond the end.

    Raises:
        CannotForecastError: it does not work on these values.
        TrainingError: a forecast is not finite.
        MissingDependencyError: it needs a package that is not installed.

    Example:
        >>> from gatework.forecast.baselines import LastValue
        >>> rolling_forecasts(LastValue(), np.array([1.0, 2.0, 4.0]), start=1, horizon=2)
        array([[1., 1.],
               [2., 2.]])
    """
    values = np.array(values, dtype=np.float64)
    values.flags.writeable = False
    baseline.prepare(values[:start], horizon)
    if isinstance(baseline, AtOnce):
        found = baseline.from_origins(values, start, horizon)
        check_finite(found, start)
        return found
    return origin_forecasts(baseline.forecast, values, start, horizon)


def baseline_forecasts(
    values: np.ndarray,
    start: int,
    horizon: int,
    models: Iterable[Baseline],
    lowest: float | None = None,
) -> BaselineForecasts:
    """Return each baseline's forecasts from every period after ``values[:start]``.

    A baseline that does not work on these values, or forecasts what is not finite, is left out
    with the reason. No forecast is below ``lowest``, 0 for counts.

    Example:
        >>> from gatework.forecast.baselines import baselines
        >>> result = baseline_forecasts(np.arange(8.0), 6, 1, baselines(season=1))
        >>> result.forecasts["last value"]
        array([[5.],
               [6.]])
        >>> result.left_out["seasonal naive"]
        'the series has no season'
    """
    result = BaselineForecasts()
    for baseline in models:
        try:
            forecasts = rolling_forecasts(baseline, values, start, horizon)
        except (CannotForecastError, TrainingError, MissingDependencyError) as error:
            result.left_out[baseline.name] = error.message
        else:
            forecasts = forecasts if lowest is None else np.maximum(forecasts, lowest)
            result.forecasts[baseline.name] = forecasts
    return result


def compare(
    panel: Panel,
    ours: Backtest,
    models: Iterable[Baseline] | None = None,
    classics: FittedClassics | None = None,
) -> Comparison:
    """Return a backtest of the LSTM with those of baselines at its origins, on its outcomes.

    Each baseline is prepared on what comes before the first origin of a series; missing values
    count as the last one known. One that does not work on one of the series is left out.

    Args:
        panel: what was forecast; with one series or with many.
        ours: the LSTM's backtest of its last periods.
        models: the baselines; those of ``panel_baselines`` where none are given.
        classics: fitted ones beside them, with their time.
    """
    models = list(panel_baselines(panel.season, len(panel)) if models is None else models)
    names = {model.name for model in models}
    longer = [] if classics is None else classics.models(panel.season)
    groups = [models, *([model] for model in longer if model.name not in names)]
    found = {model.name: np.full(ours.forecasts.shape, np.nan) for one in groups for model in one}
    left_out: dict[str, str] = {}
    horizon = ours.forecasts.shape[2]
    with _one_thread():
        for group in groups:
            for row, series, origins in _scored(panel, ours):
                left = [model for model in group if model.name not in left_out]
                if classics is not None and group is not models and classics.over():
                    left_out |= {model.name: classics.told for model in left}
                lowest = 0.0 if panel.counts[row] else None
                left = [model for model in left if model.name not in left_out]
                start = len(series) - origins
                made = baseline_forecasts(series, start, horizon, left, lowest)
                left_out |= made.left_out
                for name, forecasts in made.forecasts.items():
                    found[name][row, :origins] = forecasts
    beside = {name: ours.beside(one) for name, one in found.items() if name not in left_out}
    return Comparison({LSTM_NAME: ours} | beside, left_out)


def _scored(panel: Panel, ours: Backtest) -> Iterator[tuple[int, np.ndarray, int]]:
    """Yield each series that has origins: its row, its values, and how many."""
    values = filled(panel.values)
    for row, length in enumerate(map(int, panel.lengths)):
        origins = int((~np.isnan(ours.forecasts[row, :, 0])).sum())
        if origins:
            yield row, values[row, :length], origins


def _one_thread() -> Any:
    """Let libraries of linear algebra use one thread: of small matrices more would only wait."""
    if sys.modules.get("scipy") is None:
        return nullcontext()  # no model is there that has large ones
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, user_api="blas")


def filled(values: np.ndarray) -> np.ndarray:
    """Return values (B, T) with what is missing as the last one known, or the first."""
    known = ~np.isnan(values)
    place = np.where(known, np.arange(values.shape[1]), 0)
    last = np.maximum.accumulate(place, axis=1)
    first = known.argmax(axis=1)
    last = np.maximum(last, first[:, None])
    return np.take_along_axis(np.nan_to_num(values), last, axis=1)
