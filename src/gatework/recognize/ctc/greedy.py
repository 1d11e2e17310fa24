"""The most probable path, and how many steps a transcript needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BLANK = 0
"""The number of the label that says nothing."""


def greedy(logits: np.ndarray) -> tuple[list[int], list[int]]:
    """Return the labels of the most probable path, and the step at which each begins.

    A path has a label or the blank at each step; repeated labels are one, blanks are left out.

    Shapes:
        logits: (T, K), number 0 is the blank.

    Example:
        >>> greedy(np.eye(3)[[0, 1, 1, 0, 1, 2]])
        ([1, 1, 2], [1, 4, 5])

    Source: best path decoding, Graves, Fernandez, Gomez, Schmidhuber 2006,
        doi 10.1145/1143844.1143891, section 3.2.
    """
    path = logits.argmax(axis=1)
    begins = (path != BLANK) & np.concatenate([[True], path[1:] != path[:-1]])
    steps = np.flatnonzero(begins)
    return path[steps].tolist(), steps.tolist()


def required_steps(labels: Sequence[int] | np.ndarray) -> int:
    """Return the steps that a transcript needs at least: equal neighbours need a blank between.

    Example:
        >>> required_steps([3, 3, 1])
        4
    """
    values = np.asarray(labels)
    return len(values) + int((values[1:] == values[:-1]).sum())
