"""A run of the bank over whole series: what the network is trained on and forecasts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.forecast.es_lstm.bank import Bank, BankState
from gatework.forecast.es_lstm.rates import smoothers
from gatework.forecast.es_lstm.signals import scale_of, signals, width


@dataclass(frozen=True, eq=False)
class Track:
    """What the bank says after every value of B series, in the unit of each.

    Shapes:
        signals: (T, B, I). forecasts: (T, B, N, H). scale: (T, B). All float32.
    """

    signals: np.ndarray
    forecasts: np.ndarray
    scale: np.ndarray


def run(bank: Bank, state: BankState, values: np.ndarray, lengths: np.ndarray) -> Track:
    """Take in all values in turn, and return what the bank said after each.

    ``state`` is changed to that of each series after its last value.

    Shapes:
        values: (B, T), in units, nan where missing. lengths: (B,), values of each series.
    """
    count, steps = values.shape
    ended = state.rows(np.arange(count))
    number, horizon = smoothers(bank.season), bank.horizon
    track = Track(
        np.empty((steps, count, width(number, horizon)), np.float32),
        np.empty((steps, count, number, horizon), np.float32),
        np.empty((steps, count), np.float32),
    )
    for step in range(steps):
        reading = bank.step(state, values[:, step])
        scale = scale_of(reading)
        missing = np.isnan(values[:, step])
        track.signals[step] = signals(reading, scale, state.age, missing)
        track.forecasts[step] = reading.forecasts
        track.scale[step] = scale
        ended.copy_rows(state, np.flatnonzero(lengths == step + 1))
    state.copy_rows(ended, np.arange(count))
    return track
