"""Series of few values among others: what their forecasts and intervals rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gatework.forecast.across.checks import LEAST_VALUES
from gatework.forecast.checks import LEAST_VALUES as ENOUGH
from gatework.forecast.panel.panel import Panel

if TYPE_CHECKING:
    from gatework.forecast.es_lstm.model import SmoothingModel


def little_note(panel: Panel, trained: bool) -> tuple[str, ...]:
    """Return the note that names series of few values and how many they have; none without any.

    What the others show counts where networks are ``trained`` on all of them.
    """
    known = panel.known
    few = np.flatnonzero(known < ENOUGH)
    if not few.size:
        return ()
    told = [f"{panel.ids[row]!r} ({known[row]})" for row in few[:5].tolist()]
    more = f" and {few.size - 5} more" if few.size > 5 else ""
    others = ", and on what the other series show" if trained else ""
    return (
        f"fewer than {ENOUGH} values, so that the forecast rests on these few{others}: "
        f"{', '.join(told)}{more}",
    )


def widened(
    model: SmoothingModel, values: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of intervals, no narrower for series of few values than for most others.

    What counts is the width beside the size of a series; of n values it is at least sqrt(1 + 1/n)
    times the median of series that have enough.

    Shapes:
        values, lower, upper, result: (B, H)
    """
    age, units = model.live.state.age, model.live.units[:, None]
    few = age < LEAST_VALUES
    if not few.any() or few.all():
        return lower, upper
    more = np.sqrt(1 + 1 / np.maximum(age[few], 1))[:, None] * units[few]
    low = values[few] - more * np.median(((values - lower) / units)[~few], axis=0)
    high = values[few] + more * np.median(((upper - values) / units)[~few], axis=0)
    floor = model.live.bank.floor[few][:, None]
    lower, upper = lower.copy(), upper.copy()
    lower[few] = np.minimum(lower[few], np.maximum(low, floor))
    upper[few] = np.maximum(upper[few], high)
    return lower, upper
