"""Sequences that are learned from, or kept apart, with their targets and how much each counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.errors import DataError, counted
from gatework.recognize.coercion import real_numbers
from gatework.recognize.sequences import Sequences


@dataclass(frozen=True, eq=False)
class LabelledPart:
    """A part of the data.

    Attributes:
        sequences: of it.
        coded: the target of each.
        weights: how much each counts, (N); None for all alike.
    """

    sequences: Sequences
    coded: list[Any]
    weights: np.ndarray | None = None

    def rows(self, rows: Sequence[int] | np.ndarray) -> LabelledPart:
        """Return some of it."""
        weights = None if self.weights is None else self.weights[rows]
        return LabelledPart(self.sequences.rows(rows), [self.coded[row] for row in rows], weights)


def sample_weights(given: Any, count: int) -> np.ndarray | None:
    """Return how much each sequence counts, (N), float64; None where nothing is given.

    Raises:
        DataError: when there is not one finite number of at least 0 for each, or all are 0.

    Example:
        >>> sample_weights([1, 0, 2], 3)
        array([1., 0., 2.])
    """
    if given is None:
        return None
    found = real_numbers(given, "sample_weight", np.float64)
    if found.shape != (count,):
        raise DataError(
            "sample_weight must hold one number for each of the "
            f"{counted(count, 'sequence')}, got the shape {found.shape}"
        )
    wrong = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if len(wrong):
        raise DataError(
            f"sample_weight[{wrong[0]}] must be a finite number of at least 0, "
            f"got {found[wrong[0]]}"
        )
    if not found.any():
        raise DataError("every sample weight is zero, so nothing would count")
    return found


def some(given: Any, rows: np.ndarray) -> Any:
    """Return some of the targets, an array or a list."""
    return given[rows] if isinstance(given, np.ndarray) else [given[row] for row in rows]
