"""Classical models on the origins of a backtest, series by series."""

from __future__ import annotations

import numpy as np

from gatework.forecast.baselines.compare import backtest_baselines
from gatework.forecast.baselines.holt_winters import HoltWinters
from gatework.forecast.baselines.panel_simple import filled
from gatework.forecast.baselines.theta import Theta
from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel

MOST_SERIES = 50
"""Series for which they are fitted: each takes a second or so."""


def backtest_classics(panel: Panel, like: Backtest) -> dict[str, Backtest]:
    """Return backtests of Holt-Winters and Theta, fitted to what comes before the origins.

    They are made at the origins that ``like`` has, and scored on the same outcomes. Missing values
    count as the last one known. A model that does not work on one of the series is left out, and
    so are all where there are more than MOST_SERIES.
    """
    if len(panel) > MOST_SERIES:
        return {}
    values = filled(panel.values)
    horizon = like.forecasts.shape[2]
    found = {name: np.full(like.forecasts.shape, np.nan) for name in ("Holt-Winters", "Theta")}
    for row, length in enumerate(panel.lengths):
        origins = int((~np.isnan(like.forecasts[row, :, 0])).sum())
        if not origins:
            continue
        series, start = values[row, :length], int(length) - origins
        models = [HoltWinters(panel.season), Theta(panel.season)]
        lowest = 0.0 if panel.counts[row] else None
        errors = backtest_baselines(series, start, horizon, panel.season, models, lowest).errors
        beyond = np.full(horizon, np.nan)
        coming = np.concatenate([series, beyond])
        targets = np.arange(origins)[:, None] + start + np.arange(horizon)
        for name in list(found):
            if name in errors:
                found[name][row, :origins] = errors[name] + coming[targets]
            else:
                del found[name]
    return {
        name: Backtest(like.ids, forecasts, like.actual, {}, {}, like.scales)
        for name, forecasts in found.items()
    }
