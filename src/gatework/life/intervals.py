"""Intervals of predicted life, from how far off networks were on units they had not seen."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

BANDS = 5
"""Bands of predicted life, each with margins of its own: what is far off is known less well."""


@dataclass(frozen=True, eq=False)
class Margins:
    """What to add to a prediction for the ends of its interval, by band of predicted life.

    Shapes:
        edges: (bands - 1,), between the bands, in cycles. lower, upper: (bands,).
    """

    level: float
    edges: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    def interval(self, predicted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the intervals; no life is below 0."""
        band = np.searchsorted(self.edges, predicted)
        low, high = predicted + self.lower[band], predicted + self.upper[band]
        return np.clip(low, 0.0, predicted), np.maximum(high, predicted)


def conformal_margins(predicted: np.ndarray, actual: np.ndarray, level: float) -> Margins:
    """Return margins that hold the given share of outcomes in every band of predicted life.

    Shapes:
        predicted, actual: (n,), of units that the networks had not seen, in cycles.

    Source: Mondrian conformal prediction, V. Vovk et al. 2003, in V. Vovk, A. Gammerman, G. Shafer,
        Algorithmic Learning in a Random World, 2005, doi 10.1007/b106715.
    """
    edges = np.unique(np.quantile(predicted, np.arange(1, BANDS) / BANDS))
    band = np.searchsorted(edges, predicted)
    lower, upper = np.zeros(len(edges) + 1), np.zeros(len(edges) + 1)
    errors = actual - predicted
    for number in range(len(edges) + 1):
        known = np.sort(errors[band == number] if (band == number).any() else errors)
        rank = min(math.ceil((1 + level) / 2 * (len(known) + 1)), len(known))
        lower[number], upper[number] = known[-rank], known[rank - 1]
    return Margins(level, edges, np.minimum(lower, 0.0), np.maximum(upper, 0.0))
