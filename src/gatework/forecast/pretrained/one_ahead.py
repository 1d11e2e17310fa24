"""Forecasts of each value from those before: smoothers step by step, networks over all at once."""

from __future__ import annotations

import numpy as np

from gatework.forecast.pretrained.bank import WIDTH, StreamBank, StreamState
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.signals import STEPS_SEEN, scale_of, signals
from gatework.forecast.pretrained.track import MOST_APART

AT_ONCE = 256
"""Series that are run over at a time."""


def one_ahead(network: PretrainedNetwork, values: np.ndarray, season: int) -> np.ndarray:
    """Return what is forecast of each value from those before it, (B, T), nan of the first.

    They are those of ``network.rolling`` up to rounding, without what is around them.

    Shapes:
        values: (B, T), nan where missing and after the end.
    """
    starts = range(0, len(values), AT_ONCE)
    return np.concatenate([_of_some(network, values[at : at + AT_ONCE], season) for at in starts])


def _of_some(network: PretrainedNetwork, values: np.ndarray, season: int) -> np.ndarray:
    count, steps = values.shape
    bank, state = StreamBank(season), StreamState.begin(count, season)
    level, scale = np.zeros((2, steps - 1, count, 1))
    apart = np.empty((steps - 1, count, WIDTH))
    entered: list[list[np.ndarray]] = [[] for _ in network.members]
    for time in range(steps - 1):
        reading = bank.step(state, values[:, time], STEPS_SEEN)
        level[time, :, 0] = reading.level
        scale[time, :, 0] = scale_of(state, reading.level)
        said = signals(state, reading, scale[time, :, 0], season)
        for member, seen in zip(network.members, entered, strict=True):
            seen.append(member.enter(said))
        apart[time] = bank.side_by_side(reading.forecasts[..., :1])[..., 0]
    apart = np.clip((apart - level) / scale, -MOST_APART, MOST_APART)
    location = np.zeros((steps - 1, count))
    for member, seen in zip(network.members, map(np.stack, entered), strict=True):
        location += member.next_location(member.lstm(seen)[0], seen, apart)
    least = np.fmin.accumulate(values[:, :-1], axis=1).T
    floor = np.where(least < 0, -np.inf, 0.0)
    made = (level + scale * location[..., None] / len(network.members))[..., 0]
    return np.concatenate([np.full((1, count), np.nan), np.maximum(made, floor)]).T
