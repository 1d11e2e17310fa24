"""What the LSTM sees of the bank: errors, biases and disagreements, free of the series' unit."""

from __future__ import annotations

import numpy as np

from gatework.forecast.pretrained.bank import TINY, WIDTH, StreamReading, StreamState

STEPS_SEEN = np.array((1, 4, 12))
"""Steps ahead at which the LSTM sees how the smoothers disagree."""

REFERENCE = 2
"""The smoother whose forecast stands for the level: simple, with a rate of 0.2, without season."""

SIGNALS = WIDTH * (3 + len(STEPS_SEEN)) + 8
"""Numbers that the LSTM sees after each value."""

USUAL_AGE = 50.0


def scale_of(state: StreamState, level: np.ndarray) -> np.ndarray:
    """Return the error to expect of the best smoother one step ahead, (B,): what errors count in.

    A thousandth of level and size keeps it from 0 where a series stands still; a single value says
    nothing of errors, so that a third of it stands in.
    """
    error = state.error.reshape(len(level), -1).min(axis=1)
    error = np.where(state.age < 2, 0.3 * state.size, error)
    return error + 1e-3 * (np.abs(level) + state.size) + TINY


def signals(
    state: StreamState, reading: StreamReading, scale: np.ndarray, season: int
) -> np.ndarray:
    """Return the signals after a value, (B, SIGNALS).

    Shapes:
        reading: at STEPS_SEEN. scale: (B,), of ``scale_of``.

    Equations, all errors in units of ``scale``:
        asinh(error of each smoother) / 2
        log(running size of its errors)
        asinh(running mean of its errors)
        asinh(its forecast - mean forecast) / 2, at a few steps ahead
        log(level / scale), log(age), share of zeros, whether counts, log(1 + level) of counts,
        whether there is a season, log of its length, seasons seen
    """
    count, unit = len(scale), scale[:, None]
    apart = (reading.forecasts - reading.forecasts.mean(axis=1, keepdims=True)) / unit[..., None]
    level = np.abs(reading.forecasts[:, REFERENCE, 0])
    cycles = state.age / season if season > 1 else np.zeros(count)
    rest = (
        0.3 * np.clip(np.log((level + TINY) / scale), -5.0, 8.0),
        np.log((state.age + 1.0) / USUAL_AGE),
        state.zeros,
        state.counts,
        np.where(state.counts, 0.3 * np.log1p(level), 0.0),
        np.full(count, float(season > 1)),
        np.full(count, 0.3 * np.log(season)),
        np.minimum(cycles, 6.0) / 3,
    )
    parts = (
        0.5 * np.arcsinh(reading.errors / unit),
        np.log(state.error.reshape(count, -1) / unit + 1e-3),
        np.arcsinh(state.bias.reshape(count, -1) / unit),
        0.5 * np.arcsinh(apart).reshape(count, -1),
        np.stack(rest, axis=1),
    )
    return np.concatenate(parts, axis=1)
