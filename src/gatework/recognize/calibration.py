"""Calibration: probabilities that mean what they say, by one temperature."""

from __future__ import annotations

import numpy as np

LOWEST, HIGHEST = 0.05, 20.0
"""The temperatures that are looked at; beyond them data are too few or too easy to tell."""


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Return probabilities over the last dimension, float64.

    Example:
        >>> softmax(np.array([0.0, 0.0])).tolist()
        [0.5, 0.5]
    """
    scaled = logits.astype(np.float64) / temperature
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


def log_loss(
    logits: np.ndarray,
    targets: np.ndarray,
    temperature: float = 1.0,
    weights: np.ndarray | None = None,
) -> float:
    """Return the mean negative log-probability of the right classes.

    Shapes:
        logits: (N, K). targets: (N), from 0 to K - 1. weights: (N); None for all alike.
    """
    scaled = logits.astype(np.float64) / temperature
    top = scaled.max(axis=1)
    total = np.log(np.exp(scaled - top[:, None]).sum(axis=1)) + top
    losses = total - scaled[np.arange(len(targets)), targets]
    return float(np.average(losses, weights=weights))


def fit_temperature(
    logits: np.ndarray, targets: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Return the temperature that makes the right classes most probable.

    A network is trained until it is surer than it is right; dividing what goes into the softmax by
    one number, found on data that it was not trained on, mends that and changes no decision.

    Few data that all are recognised would call for a temperature of 0, that is for certainty; so a
    temperature is held to be about 1 before any data, its logarithm normal with deviation 1.

    Equations:
        T = argmin  N log_loss(logits / T) + (log T)^2 / 2

    Shapes:
        logits: (N, K). targets: (N). weights: (N); None for all alike.

    Example:
        >>> sure = np.array([[4.0, 0.0]] * 400)  # it says 98 %, but is right in 3 of 4
        >>> t = fit_temperature(sure, np.arange(400) % 4 // 3)
        >>> softmax(sure[0], t).round(2).tolist()
        [0.75, 0.25]

    Source: Guo, Pleiss, Sun, Weinberger 2017, arXiv:1706.04599, section 4.2; the prior is ours.
    """

    def cost(place: float) -> float:
        loss = log_loss(logits, targets, float(np.exp(place)), weights)
        return len(targets) * loss + place**2 / 2

    low, high = np.log(LOWEST), np.log(HIGHEST)
    for _ in range(4):  # each time around the best, fifteen times as fine
        places, step = np.linspace(low, high, 31, retstep=True)
        best = places[int(np.argmin([cost(place) for place in places]))]
        low, high = best - float(step), best + float(step)
    return float(np.exp((low + high) / 2))
