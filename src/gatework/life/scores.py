"""Measures of predicted life."""

from __future__ import annotations

import numpy as np


def phm_score(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Return the score of the PHM08 challenge: a sum that punishes late predictions more.

    Equations, for d = predicted - actual:
        exp(-d / 13) - 1 for d < 0, exp(d / 10) - 1 otherwise

    Source: A. Saxena, K. Goebel, D. Simon and N. Eklund, "Damage propagation modeling for aircraft
        engine run-to-failure simulation", PHM 2008, doi 10.1109/PHM.2008.4711414.

    Example:
        >>> round(phm_score(np.array([10.0, 10.0]), np.array([20.0, 0.0])), 4)
        2.8764
    """
    late = predicted - actual
    return float(np.sum(np.expm1(np.where(late < 0, -late / 13, late / 10))))
