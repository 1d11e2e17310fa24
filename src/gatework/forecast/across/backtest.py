"""Backtests of trained networks: fitted once, or anew as the origins move on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gatework.forecast.across.covariates import CovariateScaling, problem_of
from gatework.forecast.es_lstm.model import HeldOutForecasts, SmoothingModel, after
from gatework.forecast.es_lstm.rolling import rolling_forecasts
from gatework.forecast.panel.backtest import Backtest, scales_of
from gatework.forecast.panel.panel import Panel

Fit = Callable[[Panel], tuple[SmoothingModel, CovariateScaling]]
"""Fits networks to a panel, and says how its covariates were scaled."""


def backtest(
    fit: Fit,
    panel: Panel,
    first: np.ndarray,
    refit_every: int | None,
    levels: Sequence[float],
) -> Backtest:
    """Return the backtest of a checked panel by the networks that ``fit`` gives.

    Shapes:
        first: (B,), from ``first_origins``.
    """
    origins = int((panel.lengths - first).max())
    every = refit_every or origins
    parts = [_rolled(fit, panel, first + at, every) for at in range(0, origins, every)]
    forecasts, actual, low, high = (
        np.concatenate(one, axis=-2)[..., :origins, :] for one in zip(*parts, strict=True)
    )
    lower, upper = dict(zip(levels, low, strict=True)), dict(zip(levels, high, strict=True))
    scales = scales_of(panel, first)
    return Backtest(panel.ids, forecasts, actual, lower, upper, scales, panel, first)


def _rolled(fit: Fit, panel: Panel, starts: np.ndarray, count: int) -> list[np.ndarray]:
    """Fit to all before ``starts`` and forecast from ``count`` origins from there on.

    Shapes:
        Returns forecasts and actual values (B, count, H), and ends of intervals
        (levels, B, count, H).
    """
    starts = np.minimum(starts, panel.lengths)
    model, scaling = fit(panel.cut(starts))
    problem = problem_of(panel, model.horizon, scaling).with_known(starts)
    rolled = rolling_forecasts(model.members, problem)
    later, actual = after(rolled, problem, starts)
    ends = [model.interval(later, level) for level in model.margins.levels]
    low, high = (np.stack([one[side] for one in ends]) for side in (0, 1))
    all_steps = (rolled.own(later.location), actual * problem.units[:, None, None], low, high)
    return [from_origins(values, starts, panel.lengths, count) for values in all_steps]


def held_out_backtest(panel: Panel, held_out: HeldOutForecasts) -> Backtest:
    """Return held-out forecasts as a backtest without intervals."""
    starts, forecasts = held_out.starts, held_out.forecasts
    count = max(int((panel.lengths - starts).max()), 1)
    own, actual = (
        from_origins(values, starts, panel.lengths, count)
        for values in (forecasts.values, held_out.actual * forecasts.units[:, None, None])
    )
    return Backtest(panel.ids, own, actual, {}, {}, scales_of(panel, starts), panel, starts)


def from_origins(
    values: np.ndarray, starts: np.ndarray, lengths: np.ndarray, count: int
) -> np.ndarray:
    """Return what belongs to the first ``count`` origins of each series.

    Shapes:
        values: (..., B, T, H), of forecasts after each value. Returns (..., B, count, H), nan
        where a series has ended.
    """
    known = starts[:, None] - 1 + np.arange(count)  # (B, count), the value known last
    beyond = known >= lengths[:, None] - 1
    steps = np.minimum(known, values.shape[-2] - 1)[..., None]
    steps = steps.reshape((1,) * (values.ndim - 3) + steps.shape)
    return np.where(beyond[..., None], np.nan, np.take_along_axis(values, steps, axis=-2))
