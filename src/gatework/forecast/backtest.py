"""Rolling origin: forecasts made from each period in turn, and how far off they were.

An origin is a period of the part under test. The forecast made there knows every value before it,
and nothing else; its first step is the origin itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gatework.errors import DataError, OptionError, ShapeError, TrainingError, counted
from gatework.forecast import metrics

HORIZONS = (1, 2, 3, 6, 12)
"""The steps ahead that the tables of accuracy show."""

LEAST_LENGTH = 5
"""The shortest series that has a part to learn from, one to validate on, and one to test on."""


@dataclass(frozen=True)
class SeriesSplit:
    """Where a series of ``n`` values is cut: training, then validation, then test.

    Training is ``[0, train_end)``, validation ``[train_end, test_start)``, test
    ``[test_start, n)``. Nothing before the final scores may look at the test part.
    """

    train_end: int
    test_start: int
    n: int

    @property
    def origins(self) -> int:
        """How many forecasts the test part scores: one from each of its periods."""
        return self.n - self.test_start


MEASURES = ("rmse", "mae", "smape", "mase")
"""The measures of a Accuracy, in their order."""


@dataclass(frozen=True)
class Accuracy:
    """How far off forecasts were, by the measures of ``metrics``; nan for what is not known.

    The root mean squared and the mean absolute error are in the units of the series; ``n`` is how
    many outcomes they are over, where that is known.
    """

    rmse: float
    mae: float
    smape: float = math.nan
    mase: float = math.nan
    n: int | None = None


def split(n: int, *, test: float = 0.2, validation: float = 0.2) -> SeriesSplit:
    """Cut ``n`` values: the last fifth to test, the last fifth of what remains to validate.

    Raises:
        DataError: the series is too short to be cut in three.
        OptionError: a fraction is not between 0 and 1.

    Example:
        >>> split(100)
        SeriesSplit(train_end=64, test_start=80, n=100)
    """
    for name, fraction in (("test", test), ("validation", validation)):
        if not 0 < fraction < 1:
            raise OptionError(
                f"{name} must be a fraction between 0 and 1, got {fraction}", hint=f"{name}=0.2"
            )
    if n < LEAST_LENGTH:
        raise DataError(
            f"the series must have at least {LEAST_LENGTH} values to be split, got {n}",
            hint="add earlier periods, or count events by a shorter one (--period week)",
        )
    test_start = min(max(n - round(n * test), 2), n - 1)
    train_end = min(max(test_start - round(test_start * validation), 1), test_start - 1)
    return SeriesSplit(train_end=train_end, test_start=test_start, n=n)


def origin_forecasts(
    forecaster: Callable[[np.ndarray, int], np.ndarray],
    values: np.ndarray,
    start: int,
    horizon: int,
) -> np.ndarray:
    """Return the forecasts made at each period from ``start`` to the end.

    ``forecaster(history, horizon)`` sees ``values[:origin]``, read-only, and returns the next
    ``horizon`` values.

    Shapes:
        values: (n,)
        result: (n - start, horizon), float64; the last rows reach beyond the end

    Raises:
        OptionError: start or horizon is out of range.
        ShapeError: the forecaster returns another shape than (horizon,).
        TrainingError: a forecast is not finite.

    Example:
        >>> last = lambda history, horizon: np.repeat(history[-1], horizon)
        >>> forecasts = origin_forecasts(last, np.array([1.0, 2.0, 4.0]), start=1, horizon=2)
        >>> forecast_errors(forecasts, np.array([1.0, 2.0, 4.0]), start=1)
        array([[-1., -3.],
               [-2., nan]])
    """
    values = np.array(values, dtype=np.float64)
    values.flags.writeable = False
    if not 1 <= start < len(values):
        raise OptionError(f"start must be from 1 to {len(values) - 1}, got {start}")
    if horizon < 1:
        raise OptionError(f"horizon must be at least 1, got {horizon}", hint="horizon=12")
    forecasts = np.empty((len(values) - start, horizon))
    for row, origin in enumerate(range(start, len(values))):
        forecast = np.asarray(forecaster(values[:origin], horizon), dtype=np.float64)
        if forecast.shape != (horizon,):
            raise ShapeError(
                f"the forecast from period {origin} must have shape ({horizon},), "
                f"got {forecast.shape}"
            )
        forecasts[row] = forecast
    check_finite(forecasts, start)
    return forecasts


def forecast_errors(forecasts: np.ndarray, values: np.ndarray, start: int) -> np.ndarray:
    """Return forecast minus actual for forecasts made at ``start``, ``start + 1``, ...

    Shapes:
        forecasts: (origins, horizon); row i was made from ``values[:start + i]``
        values: (n,)
        result: (origins, horizon), nan where the target lies beyond the end

    Raises:
        TrainingError: a forecast is not finite.
    """
    check_finite(forecasts, start)
    return forecasts - outcomes(values, start, *forecasts.shape)


def outcomes(values: np.ndarray, start: int, origins: int, horizon: int) -> np.ndarray:
    """Return what came after each origin from ``start`` on, (origins, horizon).

    It is nan where the target lies beyond the end of ``values`` (n,).
    """
    target = start + np.arange(origins)[:, None] + np.arange(horizon)
    known = target < len(values)
    return np.where(known, values[np.minimum(target, len(values) - 1)], np.nan)


def check_finite(forecasts: np.ndarray, start: int) -> None:
    """Check forecasts (origins, horizon) made from ``start`` on.

    Raises:
        TrainingError: naming the first that is not finite.
    """
    odd = np.argwhere(~np.isfinite(forecasts))
    if odd.size:
        row, column = odd[0]
        raise TrainingError(
            f"the forecast {counted(column + 1, 'step')} ahead from period {start + row} is "
            f"not finite: {forecasts[row, column]}"
        )


def score(errors: np.ndarray, horizons: Sequence[int] = HORIZONS) -> dict[int, Accuracy]:
    """Return the scores of rolling-origin errors at each of ``horizons`` steps ahead.

    Steps beyond the errors' horizon, or without a single known target, are left out.

    Shapes:
        errors: (origins, horizon), nan where there is no target

    Example:
        >>> score(np.array([[3.0, 1.0], [-4.0, np.nan]]))[1]
        Accuracy(rmse=3.5355339059327378, mae=3.5, smape=nan, mase=nan, n=None)
    """
    known = {h: errors[:, h - 1] for h in horizons if h <= errors.shape[1]}
    return {
        steps: Accuracy(metrics.rmse(0.0, one), metrics.mae(0.0, one))
        for steps, one in known.items()
        if not np.isnan(one).all()
    }


def mean_rmse(errors: np.ndarray) -> float:
    """Return the mean of the RMSEs at the steps ahead in HORIZONS, as far as there are any."""
    by_steps = score(errors)
    return float(np.mean([by_steps[steps].rmse for steps in by_steps]))
