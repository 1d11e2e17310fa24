"""Long columns taken a part at a time, so that what is needed on the way takes little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

PART = 1 << 19
"""Rows that are worked on at once."""


def parts(count: int, size: int = PART) -> Iterator[slice]:
    """Return slices that cover so many rows; the last one may be shorter, and of none there is one.

    Example:
        >>> list(parts(5, 2))
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return (slice(at, min(at + size, count)) for at in range(0, count or 1, size))


def piecewise(function: Callable[..., np.ndarray], *columns: np.ndarray) -> np.ndarray:
    """Return what a function of arrays makes of these, row by row, a part at a time.

    Shapes:
        columns, result: (rows, ...)

    Example:
        >>> piecewise(np.add, np.array([1, 2]), np.array([3, 4]))
        array([4, 6])
    """
    count, whole = len(columns[0]), None
    size = max(PART * count // max(columns[0].size, 1), 1)
    for part in parts(count, size):
        done = function(*(column[part] for column in columns))
        if count <= size:
            return done
        whole = np.empty((count, *done.shape[1:]), done.dtype) if whole is None else whole
        whole[part] = done
    assert whole is not None
    return whole


def different(values: np.ndarray) -> np.ndarray:
    """Return the different values of an array (n,) of dates or whole numbers, sorted."""
    found = [_different(values[part]) for part in parts(len(values))]
    return found[0] if len(found) == 1 else _different(np.concatenate(found))


def _different(values: np.ndarray) -> np.ndarray:
    if (values[1:] > values[:-1]).all():
        return values
    ordered = np.sort(values.view(np.int64)).view(values.dtype)  # as numbers they sort faster
    return ordered[np.append(True, ordered[1:] != ordered[:-1])]
