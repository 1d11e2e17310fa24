"""Sequences of every delay up to the longest, to learn from; the test is at the longest alone.

What lies a few steps apart is learned within minutes, and how to keep it carries over to what lies
further apart; from sequences of the longest delay alone it is found much later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Generator = Callable[..., tuple[np.ndarray, np.ndarray]]


def of_every_delay(
    generate: Generator, count: int, longest: int, *, seed: int
) -> tuple[list[np.ndarray], list[Any]]:
    """Return sequences, and their targets, of delays from 2 that are drawn evenly."""
    draw = np.random.default_rng(seed)
    X, y = [], []
    for number, steps in enumerate(draw.integers(2, longest + 1, count)):
        inputs, targets = generate(1, int(steps), seed=seed * count + number)
        X.append(inputs[0])
        y.append(targets[0])
    return X, y
