"""Several channels of sound as one, and whether there is any sound in it."""

from __future__ import annotations

import numpy as np

CANCELLED = 0.01
"""Of the power of the channels: with less of it left, averaging took the sound away."""
SILENT = 1e-5
"""Of full scale: what varies less is no sound; one step of 16 bits is three times as much."""
AVERAGED = "several channels were averaged"
TAKEN = "the channels cancel each other, so the first was taken"
NO_SOUND = "there is no sound in it"


def mixed(samples: np.ndarray) -> tuple[np.ndarray, str]:
    """Return samples of several channels (S, C) as one (S), and what was done, "" for nothing.

    Channels are averaged. Where that would take the sound away, because one is the other upside
    down, the first is taken.

    Example:
        >>> tone = np.sin(np.arange(100))
        >>> mixed(np.stack([tone, -tone], axis=1))[1]
        'the channels cancel each other, so the first was taken'
    """
    mono = samples.mean(axis=1, dtype=np.float64)
    if samples.shape[1] == 1:
        return mono, ""
    if cancelled(*powers(samples)):
        return samples[:, 0].astype(np.float64), TAKEN
    return mono, AVERAGED


def powers(samples: np.ndarray) -> tuple[float, float]:
    """Return the power of the mean of channels (S, C), and the mean of theirs, added up."""
    apart = samples - samples.mean(axis=0)
    return float(np.square(apart.mean(axis=1)).sum()), float(np.square(apart).mean(axis=1).sum())


def cancelled(mean: float, channels: float) -> bool:
    """Return whether hardly any of the power of the channels is in their mean."""
    return mean < CANCELLED * channels


def silent(samples: np.ndarray) -> bool:
    """Return whether samples (S) are all about alike, whatever they are."""
    return bool(samples.std() < SILENT)
