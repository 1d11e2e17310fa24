"""Copy memory: ten symbols are shown, and after a long silence they are to be said again."""

from __future__ import annotations

import math

import numpy as np

from gatework.errors import OptionError

SYMBOLS, SHOWN = 8, 10


def baseline(steps: int) -> float:
    """Return the cross-entropy a step of whoever remembers nothing but knows when to speak.

    Equations:
        10 log(8) / (steps + 20)
    """
    return SHOWN * math.log(SYMBOLS) / (steps + 2 * SHOWN)


def copy_memory(count: int, steps: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences of symbols, and what is to be said at each step.

    Ten symbols of 1 to 8, then ``steps`` steps of silence (0), of which the last is the call to
    speak (9), then ten more of silence. To be said is silence, and in the last ten steps the
    symbols in their order.

    Shapes:
        returns: (count, steps + 20, 10), float32, one mark a step; (count, steps + 20), int64.

    Raises:
        OptionError: when there is no step.

    Example:
        >>> X, y = copy_memory(1, 5)
        >>> bool((X[0, :10].argmax(axis=1) == y[0, -10:]).all()), int(X[0, 14].argmax())
        (True, 9)

    Source: Hochreiter and Schmidhuber 1997; in the form of Arjovsky, Shah, Bengio 2016,
        arXiv:1511.06464, section 5.1.
    """
    if steps < 1:
        raise OptionError(f"copy memory needs at least 1 step of silence, got {steps}")
    draw = np.random.default_rng(seed)
    shown = draw.integers(1, SYMBOLS + 1, (count, SHOWN))
    symbols = np.zeros((count, steps + 2 * SHOWN), np.int64)
    symbols[:, :SHOWN] = shown
    symbols[:, SHOWN + steps - 1] = SYMBOLS + 1
    said = np.zeros_like(symbols)
    said[:, -SHOWN:] = shown
    return np.eye(SYMBOLS + 2, dtype=np.float32)[symbols], said
