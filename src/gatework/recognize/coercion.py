"""What estimators take: arrays, lists of arrays, or what a reader gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.errors import DataError
from gatework.recognize.sequences import Sequences


def take(data: Any) -> Sequences:
    """Return data as sequences.

    Args:
        data: Sequences; an array (N, T, C), or (N, T) for one channel; or a list of arrays
            (T, C) or (T), each of its own length.

    Raises:
        DataError: when they are none of these, or a value is not finite, naming the place.

    Example:
        >>> take([[1.0, 2.0], [3.0, 4.0, 5.0]]).lengths.tolist()
        [2, 3]
    """
    if isinstance(data, Sequences):
        return data
    if hasattr(data, "toarray"):
        raise DataError("sequences cannot be a sparse matrix", hint="X.toarray()")
    sized = hasattr(data, "__len__") or hasattr(data, "__array__")
    if isinstance(data, str | bytes | dict) or not sized:
        raise DataError(
            f"sequences must be an array, a list of arrays or Sequences, got {type(data).__name__}"
        )
    if isinstance(data, list | tuple) or getattr(data, "dtype", None) == np.dtype(object):
        parts = [_numbers(part, f"X[{row}]") for row, part in enumerate(data)]
    else:
        whole = _numbers(data, "X")
        if whole.ndim not in (2, 3):
            raise DataError(
                f"X must have the shape (N, T, C), or (N, T) for one channel, got {whole.shape}",
                hint="Reshape your data: X.reshape(1, -1) for a single sequence",
            )
        parts = list(whole)
    for row, part in enumerate(parts):
        if part.ndim not in (1, 2):
            raise DataError(f"X[{row}] must have the shape (T, C) or (T), got {part.shape}")
    parts = [part[:, None] if part.ndim == 1 else part for part in parts]
    return Sequences(tuple(parts), tuple(f"X[{row}]" for row in range(len(parts))))


def real_numbers(value: Any, name: str, dtype: Any) -> np.ndarray:
    """Return values as an array; what is too large becomes infinite.

    Raises:
        DataError: when they are no real numbers.
    """
    try:
        found = np.asarray(value)
        if not np.iscomplexobj(found):
            with np.errstate(over="ignore"):
                return found.astype(dtype)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name} must hold numbers: {error}") from error
    raise DataError(f"Complex data not supported: {name} must hold real numbers")


def _numbers(value: Any, name: str) -> np.ndarray:
    found = real_numbers(value, name, np.float32)
    if not np.isfinite(found).all():
        place = np.argwhere(~np.isfinite(found))[0].tolist()
        value = "NaN" if np.isnan(found[tuple(place)]) else "infinite, or too large for float32"
        raise DataError(
            f"{name}{place} is {value}",
            hint="fill the value, or leave the sequence out",
        )
    return found
