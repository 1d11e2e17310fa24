"""Backtests of a GlobalForecaster: fitted once, or anew as the origins move on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gatework.errors import DataError, OptionError
from gatework.forecast.es_lstm.model import after
from gatework.forecast.es_lstm.rolling import rolling_forecasts
from gatework.forecast.panel.backtest import Backtest, from_origins, last_share, scales_of
from gatework.forecast.panel.panel import Panel
from gatework.forecast.panel.prepare import problem_of

if TYPE_CHECKING:
    from gatework.forecast.across.forecaster import GlobalForecaster

LEAST_BEFORE = 12
"""The fewest periods before the first origin."""


def backtest(
    forecaster: GlobalForecaster,
    panel: Panel,
    starts: Sequence[int] | np.ndarray | None,
    refit_every: int | None,
) -> Backtest:
    """Return the backtest of a checked panel; ``forecaster`` is fitted along the way.

    Raises:
        OptionError, DataError: as GlobalForecaster.backtest says.
    """
    first = last_share(panel.lengths, 0.2) if starts is None else np.asarray(starts, np.int64)
    if first.shape != (len(panel),) or (first < LEAST_BEFORE).any():
        raise OptionError(f"starts must be {len(panel)} whole numbers of at least {LEAST_BEFORE}")
    if refit_every is not None and refit_every < 1:
        raise OptionError(f"refit_every must be at least 1, got {refit_every}")
    origins = int((panel.lengths - first).max())
    if origins < 1:
        raise DataError("no series goes on after its start, so nothing can be scored")
    every = refit_every or origins
    parts = [_rolled(forecaster, panel, first + at, every) for at in range(0, origins, every)]
    forecasts, actual, low, high = (
        np.concatenate(one, axis=-2)[..., :origins, :] for one in zip(*parts, strict=True)
    )
    levels = list(enumerate(forecaster.levels))
    return Backtest(
        panel.ids,
        forecasts,
        actual,
        {level: low[row] for row, level in levels},
        {level: high[row] for row, level in levels},
        scales_of(panel, first),
    )


def _rolled(
    forecaster: GlobalForecaster, panel: Panel, starts: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Fit to all before ``starts`` and forecast from ``count`` origins from there on.

    Shapes:
        Returns forecasts and actual values (B, count, H), and ends of intervals
        (levels, B, count, H).
    """
    starts = np.minimum(starts, panel.lengths)
    forecaster.fit(panel.cut(starts))
    model = forecaster.model_
    problem = problem_of(panel, forecaster.horizon, forecaster.scaling_).with_known(starts)
    rolled = rolling_forecasts(model.members, problem)
    later, actual = after(rolled, problem, starts)
    ends = [model.interval(later, level) for level in model.margins.levels]
    own, outcomes = rolled.own(later.location), actual * problem.units[:, None, None]
    low, high = (np.stack([one[side] for one in ends]) for side in (0, 1))
    return (
        from_origins(own, starts, panel.lengths, count),
        from_origins(outcomes, starts, panel.lengths, count),
        from_origins(low, starts, panel.lengths, count),
        from_origins(high, starts, panel.lengths, count),
    )
