"""Intervals of predicted life, from how far off networks were on units they had not seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

BANDS = 10
"""Bands of predicted life, each with margins of its own: what is far off is known less well."""


@dataclass(frozen=True)
class LifePoint:
    """The life left after a cycle of a unit, in cycles, with the interval that shall hold it."""

    unit: str
    cycle: float
    value: float
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class Margins:
    """What to add to a prediction for the ends of its interval, by predicted life.

    Between the middles of two bands the margins lie on a line; no life is below 0 or over the cap.

    Shapes:
        middles: (bands,), rising, in cycles. lower, upper: (bands,).
    """

    level: float
    cap: float
    middles: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def interval(self, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the intervals of predicted lives."""
        low = predicted + np.interp(predicted, self.middles, self.lower)
        high = predicted + np.interp(predicted, self.middles, self.upper)
        return np.clip(low, 0.0, predicted), np.clip(high, predicted, max(self.cap, 0.0))


def conformal_margins(
    predicted: np.ndarray, actual: np.ndarray, level: float, cap: float
) -> Margins:
    """Return margins that hold the given share of outcomes in every band of predicted life.

    The bands hold equally many predictions.

    Shapes:
        predicted, actual: (n,), of units that the networks had not seen, in cycles, at most cap.

    Source: Mondrian conformal prediction, V. Vovk et al. 2003, in V. Vovk, A. Gammerman, G. Shafer,
        Algorithmic Learning in a Random World, 2005, doi 10.1007/b106715.
    """
    order = np.argsort(predicted, kind="stable")
    errors = (actual - predicted)[order]
    parts = np.array_split(np.arange(len(predicted)), min(BANDS, len(predicted)))
    middles, lower, upper = (np.zeros(len(parts)) for _ in range(3))
    for number, part in enumerate(parts):
        known = np.sort(errors[part])
        rank = min(math.ceil((1 + level) / 2 * (len(known) + 1)), len(known))
        middles[number] = np.median(predicted[order][part])
        lower[number], upper[number] = known[-rank], known[rank - 1]
    return Margins(level, cap, middles, np.minimum(lower, 0.0), np.maximum(upper, 0.0))
