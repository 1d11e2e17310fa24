"""The baselines by name, and how far off they are from every origin of the part under test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from gatework.errors import MissingDependencyError, TrainingError
from gatework.forecast.backtest import forecast_errors, origin_forecasts
from gatework.forecast.baselines.baseline import Baseline, CannotForecastError
from gatework.forecast.baselines.naive import LastValue, SeasonalNaive, TrailingMean


def baselines(season: int) -> list[Baseline]:
    """Return the baselines that take seconds, unprepared: the naive ones, Holt-Winters and ARIMA.

    Example:
        >>> [baseline.name for baseline in baselines(52)]
        ['last value', 'trailing mean', 'seasonal naive', 'Holt-Winters', 'ARIMA']
    """
    from gatework.forecast.baselines.arima import Arima
    from gatework.forecast.baselines.holt_winters import HoltWinters

    return [LastValue(), TrailingMean(), SeasonalNaive(season), HoltWinters(season), Arima()]


def all_classics(season: int) -> list[Baseline]:
    """Return every classical model, unprepared: ``baselines`` and slower ones.

    AutoETS, AutoARIMA and AutoTheta are among them where statsforecast is installed; it needs
    pandas 2, so it is an extra of its own (``classics``).
    """
    from gatework.forecast.baselines.automatic import automatic_models
    from gatework.forecast.baselines.machines import Perceptron, SupportVectors
    from gatework.forecast.baselines.recurrent import PlainRNN
    from gatework.forecast.baselines.ssa import SingularSpectrum
    from gatework.forecast.baselines.theta import Theta

    return [
        *baselines(season),
        Theta(season),
        *automatic_models(season),
        SupportVectors(season),
        Perceptron(season),
        SingularSpectrum(season),
        PlainRNN(season),
    ]


@dataclass(frozen=True)
class BaselineErrors:
    """Rolling-origin errors by baseline, and why others are missing.

    Shapes:
        errors: each (n - start, horizon), nan where the target lies beyond the end
    """

    errors: dict[str, np.ndarray] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


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
        >>> rolling_forecasts(LastValue(), np.array([1.0, 2.0, 4.0]), start=1, horizon=2)
        array([[1., 1.],
               [2., 2.]])
    """
    from threadpoolctl import threadpool_limits

    values = np.array(values, dtype=np.float64)
    values.flags.writeable = False
    with threadpool_limits(1, user_api="blas"):  # small matrices: more threads only wait
        baseline.prepare(values[:start], horizon)
        return origin_forecasts(baseline.forecast, values, start, horizon)


def backtest_baselines(
    values: np.ndarray,
    start: int,
    horizon: int,
    season: int,
    models: Iterable[Baseline] | None = None,
    lowest: float | None = None,
) -> BaselineErrors:
    """Return the errors of each baseline's forecasts from every period after ``values[:start]``.

    A baseline that does not work on these values, or forecasts what is not finite, is left out
    with the reason. ``models`` are ``baselines(season)`` where none are given. No forecast is below
    ``lowest``, 0 for counts.

    Example:
        >>> result = backtest_baselines(np.arange(8.0), start=6, horizon=1, season=1)
        >>> result.errors["last value"]
        array([[-1.],
               [-1.]])
        >>> result.left_out["seasonal naive"]
        'the series has no season'
    """
    result = BaselineErrors()
    for baseline in baselines(season) if models is None else models:
        try:
            forecasts = rolling_forecasts(baseline, values, start, horizon)
        except (CannotForecastError, TrainingError, MissingDependencyError) as error:
            result.left_out[baseline.name] = error.message
        else:
            if lowest is not None:
                forecasts = np.maximum(forecasts, lowest)
            result.errors[baseline.name] = forecast_errors(forecasts, values, start)
    return result
