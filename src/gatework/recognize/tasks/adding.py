"""The adding problem: two numbers are marked in a long sequence, and their sum is asked for."""

from __future__ import annotations

import numpy as np

from gatework.errors import OptionError

BASELINE = 1 / 6
"""The mean squared error of whoever always says 1, the mean of the sum."""


def adding_problem(count: int, steps: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences of numbers and marks, and the sum of the two marked numbers.

    Numbers are drawn evenly from 0 to 1; one mark is 1 in the first half, one in the second.

    Shapes:
        returns: (count, steps, 2), float32, numbers and marks; (count), float32.

    Raises:
        OptionError: when there are fewer than 2 steps.

    Example:
        >>> X, y = adding_problem(3, 10)
        >>> bool(np.allclose((X[:, :, 0] * X[:, :, 1]).sum(axis=1), y))
        True

    Source: Hochreiter and Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735, experiment 4; in the
        form of Arjovsky, Shah, Bengio 2016, arXiv:1511.06464, section 5.2.
    """
    if steps < 2:
        raise OptionError(f"the adding problem needs at least 2 steps, got {steps}")
    draw = np.random.default_rng(seed)
    X = np.zeros((count, steps, 2), np.float32)
    X[:, :, 0] = draw.random((count, steps), np.float32)
    rows, half = np.arange(count), steps // 2
    X[rows, draw.integers(0, half, count), 1] = 1
    X[rows, draw.integers(half, steps, count), 1] = 1
    return X, (X[:, :, 0] * X[:, :, 1]).sum(axis=1)
