"""The steps ahead that a network has weights for, and what lies between and beyond them."""

from __future__ import annotations

import numpy as np

KNOTS = np.array((1, 2, 3, 4, 6, 8, 12, 18, 24))
"""Steps ahead that the heads have weights for."""


def between(steps: np.ndarray) -> np.ndarray:
    """Return the share of each knot in each of some steps ahead, (h, K), linear in log(step).

    The last knot stands for all that is beyond it.

    Example:
        >>> between(np.array([5])).round(2).tolist()
        [[0.0, 0.0, 0.0, 0.45, 0.55, 0.0, 0.0, 0.0, 0.0]]
    """
    logs = np.log(np.minimum(steps, KNOTS[-1]))
    return np.stack([np.interp(logs, np.log(KNOTS), one) for one in np.eye(len(KNOTS))], axis=1)
