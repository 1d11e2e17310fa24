"""A run of the bank over whole series: what the network learns from and starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gatework.forecast.pretrained.bank import WIDTH, StreamBank, StreamState
from gatework.forecast.pretrained.signals import SIGNALS, STEPS_SEEN, scale_of, signals

MOST_APART = 1e4
"""Units of the scale that a smoother's forecast may lie from the level."""


@dataclass(frozen=True, eq=False)
class StreamTrack:
    """What the bank says after every value of B series.

    Shapes:
        signals: (T, B, I). forecasts: (T, B, N, h), at the steps asked for, less ``level`` and over
        ``scale``. level, scale: (T, B), in the series' own numbers. state: after the last values.
    """

    signals: np.ndarray
    forecasts: np.ndarray
    level: np.ndarray
    scale: np.ndarray
    state: StreamState


def side_by_side(series: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return series as (B, T), nan after their ends, and their lengths, (B,)."""
    lengths = np.array([len(one) for one in series])
    values = np.full((len(series), int(lengths.max())), np.nan)
    for row, one in zip(values, series, strict=True):
        row[: len(one)] = one
    return values, lengths


def run(
    bank: StreamBank,
    values: np.ndarray,
    lengths: np.ndarray,
    steps: np.ndarray | None = None,
) -> StreamTrack:
    """Take in all values in turn, (B, T), and return what the bank said after each.

    Shapes:
        lengths: (B,). steps: ahead at which forecasts are kept; None for none.
    """
    count, longest = values.shape
    state, ended = (StreamState.begin(count, bank.season) for _ in range(2))
    said = np.zeros((longest, count, SIGNALS), np.float32)
    kept = 0 if steps is None else len(steps)
    made = np.zeros((longest, count, WIDTH, kept), np.float32)
    level, scale = np.zeros((longest, count)), np.ones((longest, count))
    for time in range(longest):
        reading = bank.step(state, values[:, time], STEPS_SEEN)
        level[time] = reading.level
        scale[time] = scale_of(state, level[time])
        said[time] = signals(state, reading, scale[time], bank.season)
        if steps is not None:
            apart = bank.forecasts(state, steps) - level[time][:, None, None]
            made[time] = np.clip(apart / scale[time][:, None, None], -MOST_APART, MOST_APART)
        last = np.flatnonzero(lengths == time + 1)
        if 0 < last.size < count:
            ended.put(last, state)
    whole = (lengths == longest).all()
    return StreamTrack(said, made, level, scale, state if whole else ended)
