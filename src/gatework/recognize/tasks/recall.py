"""Delayed recall: one symbol at the beginning, many others after it, and the first is asked for."""

from __future__ import annotations

import numpy as np

from gatework.errors import OptionError

SYMBOLS = 8


def delayed_recall(count: int, steps: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences of symbols and the one symbol of each that is marked as to be kept.

    Every step shows a symbol; one among the first tenth of the steps is marked. At the end the
    marked one is asked for, which the others say nothing about.

    Shapes:
        returns: (count, steps, 9), float32, a mark of the symbol and the mark to keep it; (count),
        int64, from 0 to 7.

    Raises:
        OptionError: when there are fewer than 2 steps.

    Example:
        >>> X, y = delayed_recall(1, 20)
        >>> bool(X[0, X[0, :, 8] == 1, :8].argmax() == y[0])
        True

    Source: after the noisy sequences of Hochreiter and Schmidhuber 1997,
        doi 10.1162/neco.1997.9.8.1735, experiment 2.
    """
    if steps < 2:
        raise OptionError(f"delayed recall needs at least 2 steps, got {steps}")
    draw = np.random.default_rng(seed)
    symbols = draw.integers(0, SYMBOLS, (count, steps))
    rows, places = np.arange(count), draw.integers(0, max(1, steps // 10), count)
    X = np.zeros((count, steps, SYMBOLS + 1), np.float32)
    X[:, :, :SYMBOLS] = np.eye(SYMBOLS, dtype=np.float32)[symbols]
    X[rows, places, SYMBOLS] = 1
    return X, symbols[rows, places]
