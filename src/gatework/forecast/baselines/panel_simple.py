"""Simple models on the origins of a backtest, for all series at once."""

from __future__ import annotations

import numpy as np

from gatework.forecast.panel.backtest import Backtest
from gatework.forecast.panel.panel import Panel

WINDOW = 12
"""Values of the trailing mean where there is no season; otherwise a season."""


def backtest_simple(panel: Panel, like: Backtest) -> dict[str, Backtest]:
    """Return backtests of the last value, the trailing mean and the seasonal naive forecast.

    They are made at the origins that ``like`` has, and scored on the same outcomes. Missing values
    count as the last one known.
    """
    known = filled(panel.values)
    origins, horizon = like.forecasts.shape[1:]
    starts = panel.lengths - (~np.isnan(like.forecasts[..., 0])).sum(axis=1)
    steps = np.minimum(starts[:, None] - 1 + np.arange(origins), panel.values.shape[1] - 1)
    rows = np.arange(len(panel))[:, None]
    window = panel.season if panel.season > 1 else WINDOW
    sums = np.concatenate([np.zeros((len(panel), 1)), np.cumsum(known, axis=1)], axis=1)
    count = np.minimum(window, steps + 1)
    mean = (sums[rows, steps + 1] - sums[rows, steps + 1 - count]) / count
    found = {
        "last value": np.repeat(known[rows, steps][..., None], horizon, axis=2),
        f"mean of {window}": np.repeat(mean[..., None], horizon, axis=2),
    }
    if panel.season > 1 and (starts >= panel.season).all():
        ahead = np.arange(1, horizon + 1)
        back = ahead - panel.season * -(-ahead // panel.season)  # into the last season
        found["seasonal naive"] = known[rows[..., None], steps[..., None] + back]
    beyond = np.isnan(like.forecasts)
    return {
        name: Backtest(
            like.ids,
            np.where(beyond, np.nan, forecasts),
            like.actual,
            {},
            {},
            like.scales,
        )
        for name, forecasts in found.items()
    }


def filled(values: np.ndarray) -> np.ndarray:
    """Return values with what is missing as the last one known, or the first."""
    known = ~np.isnan(values)
    place = np.where(known, np.arange(values.shape[1]), 0)
    last = np.maximum.accumulate(place, axis=1)
    first = known.argmax(axis=1)
    last = np.maximum(last, first[:, None])
    return np.take_along_axis(np.nan_to_num(values), last, axis=1)
