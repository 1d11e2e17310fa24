"""What the LSTM sees of the bank: errors, biases and disagreements, free of the series' unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatework.forecast.es_lstm.bank import TINY, BankReading

REFERENCE = 2
"""The smoother whose forecast stands for the level: simple, with a rate of 0.2, without season."""

USUAL_AGE = 50.0


def horizons_seen(horizon: int) -> list[int]:
    """Return the steps ahead, from 0, at which the LSTM sees how the smoothers disagree."""
    return sorted({0, min(2, horizon - 1), horizon // 2, horizon - 1})


def width(smoothers: int, horizon: int) -> int:
    """Return how many signals there are."""
    return smoothers * (3 + len(horizons_seen(horizon))) + 3


def smoother_names(smoothers: int, steps: Sequence[int]) -> list[str]:
    """Return what the signals of the smoothers are called; ``steps`` ahead, from 1, are seen."""
    count = range(1, smoothers + 1)
    told = ("error of smoother {n}", "usual error of smoother {n}", "bias of smoother {n}")
    names = [one.format(n=n) for one in told for n in count]
    return names + [f"smoother {n} less their mean, {k} ahead" for n in count for k in steps]


def signal_names(smoothers: int, horizon: int) -> list[str]:
    """Return what each signal is called."""
    names = smoother_names(smoothers, [step + 1 for step in horizons_seen(horizon)])
    return [*names, "level in units of error", "age of the series", "missing value"]


def scale_of(reading: BankReading) -> np.ndarray:
    """Return the error to expect of the best smoother one step ahead, (B,): what errors count in.

    A thousandth of the level keeps it from 0 where a series stands still.
    """
    level = np.abs(reading.forecasts[:, REFERENCE, 0])
    return reading.error.min(axis=1) + 1e-3 * level + TINY


def signals(
    reading: BankReading, scale: np.ndarray, age: np.ndarray, missing: np.ndarray
) -> np.ndarray:
    """Return the signals after a value, (B, I).

    Shapes:
        scale, age: (B,). missing: (B,), whether the value was.

    Equations, all errors in units of ``scale``:
        asinh(error of each smoother) / 2
        log(running size of its errors)
        asinh(running mean of its errors)
        asinh(its forecast - mean forecast) / 2, at a few steps ahead
        log(level / scale), log(age), missing
    """
    unit = scale[:, None]
    seen = reading.forecasts[:, :, horizons_seen(reading.forecasts.shape[2])]
    apart = (seen - seen.mean(axis=1, keepdims=True)) / scale[:, None, None]
    level = np.abs(reading.forecasts[:, REFERENCE, 0])
    parts = (
        0.5 * np.arcsinh(reading.errors / unit),
        np.log((reading.error + TINY) / unit),
        np.arcsinh(reading.bias / unit),
        0.5 * np.arcsinh(apart).reshape(len(scale), -1),
        0.3 * np.clip(np.log((level + TINY) / scale), -5.0, 8.0)[:, None],
        np.log((age + 1.0) / USUAL_AGE)[:, None],
        missing[:, None].astype(np.float64),
    )
    return np.concatenate(parts, axis=1)
