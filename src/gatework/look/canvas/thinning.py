"""Fewer points for the same picture: what falls on one pixel is drawn by its extremes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np


def evenly(count: int, most: int) -> list[int]:
    """Return at most ``most`` of so many places, evenly spaced, the first and the last among them.

    Example:
        >>> evenly(9, 3), evenly(2, 5)
        ([0, 4, 8], [0, 1])
    """
    return sorted({int(at) for at in np.linspace(0, count - 1, min(most, count))})


def thin(values: np.ndarray, buckets: int) -> np.ndarray:
    """Return the indices worth drawing: in each of ``buckets`` stretches the least and the most.

    The first and the last index are always among them; a value that is nan is passed over. A
    series that is short enough is kept whole.

    Shapes:
        values: (n,)
        result: (at most 2 * buckets + 2,), ascending

    Example:
        >>> thin(np.array([0.0, 5.0, 1.0, -3.0, 2.0, 0.0]), 1)
        array([0, 1, 3, 5])
    """
    n = len(values)
    if n <= 2 * buckets + 2:
        return np.arange(n)
    edges = np.linspace(0, n, buckets + 1).astype(int)
    kept = {0, n - 1}
    for first, last in pairwise(edges.tolist()):
        known = first + np.flatnonzero(~np.isnan(values[first:last]))
        if known.size:
            kept.add(int(known[np.argmin(values[known])]))
            kept.add(int(known[np.argmax(values[known])]))
    return np.array(sorted(kept))


def straightened(
    points: Sequence[tuple[float, float]], apart: float = 0.3
) -> list[tuple[float, float]]:
    """Return the points of a line without those that lie on it to within ``apart`` pixels.

    Example:
        >>> straightened([(0, 0), (1, 0.1), (2, 0), (3, 5), (4, 10)])
        [(0, 0), (2, 0), (4, 10)]
    """
    line = np.asarray(points, np.float64)
    kept, open_ends = {0, len(line) - 1}, [(0, len(line) - 1)]
    while open_ends:
        first, last = open_ends.pop()
        if last - first < 2:
            continue
        along = line[last] - line[first]
        rest = line[first + 1 : last] - line[first]
        away = np.abs(along[0] * rest[:, 1] - along[1] * rest[:, 0])
        most = int(away.argmax())
        if away[most] > apart * max(float(np.hypot(*along)), 1e-9):
            middle = first + 1 + most
            kept.add(middle)
            open_ends += [(first, middle), (middle, last)]
    return [points[at] for at in sorted(kept)]
