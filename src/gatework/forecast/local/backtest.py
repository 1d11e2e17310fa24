"""Backtests of a Forecaster: fitted once, or anew as the origins move on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gatework.checks import is_whole
from gatework.errors import OptionError
from gatework.forecast.backtest import split
from gatework.forecast.checks import check_refit_every
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel
from gatework.forecast.series import Series


def backtest(
    fit: Callable[[Series], Any],
    series: Series,
    start: int | None,
    refit_every: int | None,
    level: float,
) -> Backtest:
    """Return the backtest of one series by what ``fit`` fits to its beginning.

    What is fitted forecasts by ``predict`` and goes on by ``update``, as a Forecaster.

    Raises:
        OptionError, DataError, ShapeError: as Forecaster.backtest says.
    """
    n = len(series)
    first = split(n).test_start if start is None else start
    if not is_whole(first, 1, n - 1):
        raise OptionError(f"start must be from 1 to {n - 1}, got {start!r}")
    check_refit_every(refit_every)
    rows, fitted = [], fit(series.first(first))
    for origin in range(first, n):
        if origin > first and (origin - first) % (refit_every or n) == 0:
            fitted = fit(series.first(origin))
        rows.append([(one.value, one.lower, one.upper) for one in fitted.predict()])
        fitted.update(series.values[origin], [series.labels[origin]])
    value, lower, upper = np.array(rows).transpose(2, 0, 1)[:, None]  # each (1, origins, horizon)
    panel = Panel.from_series([series])
    return Backtest.of(panel, np.array([first]), value, {level: lower}, {level: upper})
