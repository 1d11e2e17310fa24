"""What the LSTM sees of the bank: errors, biases and disagreements, free of the series' unit."""

from __future__ import annotations

import numpy as np

from gatework.forecast.es_lstm.signals import smoother_names
from gatework.forecast.pretrained.bank import SETS, TINY, WIDTH, StreamReading, StreamState

STEPS_SEEN = np.array((1, 4, 12))
"""Steps ahead at which the LSTM sees how the smoothers disagree."""

OTHERS = (
    "level in units of error",
    "age of the series",
    "share of zeros",
    "whether the series counts",
    "size of counts",
    "whether there is a season",
    "length of the season",
    "seasons seen",
    "share of the season that is no chance",
)
"""Signals that are of a series, and not of a smoother."""

SIGNAL_NAMES = (*smoother_names(WIDTH, STEPS_SEEN.tolist()), *OTHERS)
"""What each signal is called."""

SIGNALS = len(SIGNAL_NAMES)
"""Numbers that the LSTM sees after each value."""

USUAL_AGE = 50.0

OTHERS_TOO = 0.05
"""Share of the mean error of all smoothers in what errors are measured in."""

STILL = 1e-8
"""Share of level and size that stands for the errors of a series that stands still."""


def scale_of(state: StreamState, level: np.ndarray) -> np.ndarray:
    """Return the error to expect of the best smoother one step ahead, (B,): what errors count in.

    Where one smoother foresees a series exactly, a share of the errors of all stands in; where all
    do, as the series stands still, a tiny share of level and size. A single value says nothing of
    errors, so that a third of it stands in.
    """
    error = state.error.min(axis=(1, 2))
    error = np.where(state.age < 2, 0.3 * state.size, error)
    # Side by side by series first, so that the sum has one order however the state lies in memory.
    usual = np.ascontiguousarray(state.error).reshape(len(error), -1).mean(axis=1)
    return error + OTHERS_TOO * usual + STILL * (np.abs(level) + state.size) + TINY


def signals(
    state: StreamState, reading: StreamReading, scale: np.ndarray, season: int
) -> np.ndarray:
    """Return the signals after a value, (B, SIGNALS), float32.

    Shapes:
        reading: at STEPS_SEEN. scale: (B,), of ``scale_of``.

    Equations, all errors in units of ``scale``:
        asinh(error of each smoother) / 2
        log(running size of its errors)
        asinh(running mean of its errors)
        asinh(its forecast - mean forecast) / 2, at a few steps ahead
        log(level / scale), log(age), share of zeros, whether counts, log(1 + level) of counts,
        whether there is a season, log of its length, seasons seen, share of it that is no chance
    """
    said = np.empty((len(scale), SIGNALS), np.float32)
    seen = _in_units(state, reading, scale)
    sizes = np.log(seen[:, :, 1] + np.float32(1e-3))
    _asinh(seen)
    _put(said, 0, seen[:, :, :1] * np.float32(0.5))
    _put(said, WIDTH, sizes[:, :, None])
    _put(said, 2 * WIDTH, seen[:, :, 2:3])
    _put(said, 3 * WIDTH, seen[:, :, 3:] * np.float32(0.5))
    said[:, -len(OTHERS) :] = _others(state, reading, scale, season)
    return said


def _in_units(state: StreamState, reading: StreamReading, scale: np.ndarray) -> np.ndarray:
    """Return errors, their sizes, biases and disagreements over ``scale``, (S, N, 3 + h, B)."""
    sets, smoothers, steps = reading.forecasts.shape[1:]
    seen = np.empty((sets, smoothers, 3 + steps, len(scale)), np.float32)
    for number, part in enumerate((reading.errors, state.error, state.bias)):
        np.divide(part.transpose(1, 2, 0), scale, out=seen[:, :, number], casting="same_kind")
    forecasts = reading.forecasts.transpose(1, 2, 3, 0)
    apart = forecasts - np.add.reduce(forecasts, axis=(0, 1)) / (sets * smoothers)
    np.divide(apart, scale, out=seen[:, :, 3:], casting="same_kind")
    return seen


def _asinh(values: np.ndarray) -> None:
    """Replace values by their inverse hyperbolic sine, faster than numpy, to 1e-7."""
    sizes = np.abs(values)
    root = sizes * sizes
    root += 1
    sizes += np.sqrt(root, out=root)
    np.copysign(np.log(sizes, out=sizes), values, out=values)


def _put(said: np.ndarray, first: int, part: np.ndarray) -> None:
    """Put a part (S, N, n, B) into the signals (B, SIGNALS); one set stands for all."""
    _, smoothers, numbers, count = part.shape
    place = said[:, first : first + SETS * smoothers * numbers]
    place.reshape(count, SETS, smoothers, numbers)[:] = part.transpose(3, 0, 1, 2)


def _others(
    state: StreamState, reading: StreamReading, scale: np.ndarray, season: int
) -> np.ndarray:
    """Return what is known of the series as a whole, (B, len(OTHERS))."""
    count, level = len(scale), np.abs(reading.level)
    cycles = state.age / season if season > 1 else np.zeros(count)
    counts = state.counts
    parts = (
        0.3 * np.clip(np.log((level + TINY) / scale), -5.0, 8.0),
        np.log((state.age + 1.0) / USUAL_AGE),
        state.zeros,
        counts,
        np.where(counts, 0.3 * np.log1p(level), 0.0),
        np.full(count, float(season > 1)),
        np.full(count, 0.3 * np.log(season)),
        np.minimum(cycles, 6.0) / 3,
        state.believed[:, 0] if season > 1 else np.zeros(count),
    )
    return np.stack(parts, axis=1)
