"""Backtests of a Forecaster: fitted once, or anew as the origins move on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gatework.errors import OptionError
from gatework.forecast.backtest import split
from gatework.forecast.panel.backtest import Backtest, scales_of
from gatework.forecast.panel.panel import Panel
from gatework.forecast.series import Series

if TYPE_CHECKING:
    from gatework.forecast.local.forecaster import Forecaster


def backtest(
    forecaster: Forecaster, series: Series, start: int | None, refit_every: int | None
) -> Backtest:
    """Return the backtest of one series; ``forecaster`` is left as it is.

    Raises:
        OptionError, DataError, ShapeError: as Forecaster.backtest says.
    """
    n = len(series)
    first = split(n).test_start if start is None else start
    if isinstance(first, bool) or not isinstance(first, int) or not 1 <= first < n:
        raise OptionError(f"start must be from 1 to {n - 1}, got {start!r}")
    if refit_every is not None and refit_every < 1:
        raise OptionError(f"refit_every must be at least 1, got {refit_every}")
    every = refit_every or n
    horizon, level = forecaster.horizon, forecaster.level
    shape = (1, n - first, horizon)
    value, lower, upper = (np.full(shape, np.nan) for _ in range(3))
    actual = np.full(shape, np.nan)
    fitted = forecaster
    for row, origin in enumerate(range(first, n)):
        if row % every == 0:
            # Its own ledger would be that of another search.
            settings = forecaster.get_params() | {"ledger": None, "resume": False}
            fitted = type(forecaster)(**settings).fit(series.first(origin))
        points = fitted.predict()
        for part, name in ((value, "value"), (lower, "lower"), (upper, "upper")):
            part[0, row] = [getattr(point, name) for point in points]
        known = series.values[origin : origin + horizon]
        actual[0, row, : len(known)] = known
        fitted.update(series.values[origin], [series.labels[origin]])
    scales = scales_of(Panel.from_series([series]), np.array([first]))
    return Backtest((series.name,), value, actual, {level: lower}, {level: upper}, scales)
