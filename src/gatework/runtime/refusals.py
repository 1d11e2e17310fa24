"""What is wrong with an array that does not fit: the checks, worded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np

from gatework.errors import OptionError, ShapeError, counted


def check_array(name: str, value: object, dtype: np.dtype) -> np.ndarray:
    """Return ``value`` if it is an array of this dtype.

    Raises:
        ShapeError: when it is not.
    """
    if not isinstance(value, np.ndarray):
        raise ShapeError(
            f"{name} must be a numpy array, got {type(value).__name__}",
            hint=f"np.asarray({name}, np.{dtype})",
        )
    if value.dtype != dtype or not value.dtype.isnative:
        raise ShapeError(
            f"{name} must be {dtype}, as the model computes in, got {value.dtype}",
            hint=f"{name}.astype(np.{dtype})",
        )
    return value


def check_lengths(lengths: object, steps: int, batch: int) -> np.ndarray:
    """Return ``lengths`` (B) as int64.

    Raises:
        ShapeError: when there is not one whole number for each row, or one is not from 0 to T.
    """
    found = np.asarray(lengths)
    if found.shape != (batch,):
        raise ShapeError(
            f"lengths must hold one number for each of the {counted(batch, 'row')} of the batch, "
            f"got shape {found.shape}"
        )
    if found.dtype.kind not in "iu" and found.size:
        raise ShapeError(f"lengths must be whole numbers, got {found.dtype}")
    for row, length in enumerate(found.tolist()):
        if not 0 <= length <= steps:
            raise ShapeError(
                f"lengths[{row}] must be from 0 to {steps}, the steps of the input, got {length}"
            )
    return np.ascontiguousarray(found, np.int64)


def check_rows(rows: Sequence[int] | np.ndarray, batch: int) -> list[int]:
    """Return ``rows`` of a batch as numbers from 0.

    Raises:
        ShapeError: when one is not in the batch.
    """
    found = np.asarray(rows)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
        raise ShapeError(f"rows must be a list of whole numbers, got {rows!r}")
    outside = [row for row in found.tolist() if not -batch <= row < batch]
    if outside:
        raise ShapeError(f"rows {outside} are not in a batch of {batch}")
    return [row % batch for row in found.tolist()]


def check_tokens(name: str, value: object, dimensions: int, vocabulary: int) -> np.ndarray:
    """Return an array of token numbers, contiguous.

    Raises:
        ShapeError: when it is none.
    """
    form = {1: "(B)", 2: "(T, B)"}[dimensions]
    if not isinstance(value, np.ndarray) or value.dtype != np.int64 or value.ndim != dimensions:
        found = (
            f"{value.dtype} of the shape {value.shape}"
            if isinstance(value, np.ndarray)
            else type(value).__name__
        )
        raise ShapeError(
            f"{name} must be an array {form} of int64, got {found}",
            hint=f"np.asarray({name}, np.int64)",
        )
    if value.size and not (value.min() >= 0 and value.max() < vocabulary):
        raise ShapeError(
            f"{name} must be numbers of tokens from 0 to {vocabulary - 1}, "
            f"got {value.min()} to {value.max()}"
        )
    return np.require(value, requirements=["C", "A"])


def refuse_step(
    x: object,
    out: object,
    rows: int,
    inputs: int,
    outputs: int,
    dtype: np.dtype,
    busy: bool,
) -> NoReturn:
    """Raise the error that says why a step cannot take these arrays.

    Raises:
        ShapeError: always, but where another thread is in a step: then OptionError.
    """
    if busy:
        raise OptionError(
            "another thread is in a step of this stepper",
            hint="stepper.copy() for each thread",
        )
    arrays = [("x", x, inputs)] + ([] if out is None else [("out", out, outputs)])
    for name, value, width in arrays:
        array = check_array(name, value, dtype)
        shapes = [(rows, width)] + ([(width,)] if rows == 1 else [])
        if array.shape not in shapes:
            expected = " or ".join(map(str, shapes))
            raise ShapeError(f"{name} must have the shape {expected}, got {array.shape}")
        if not (array.flags.c_contiguous and array.flags.aligned):
            raise ShapeError(
                f"{name} must be contiguous, got the strides {array.strides} for the shape "
                f"{array.shape}",
                hint=f"np.ascontiguousarray({name})",
            )
        if name == "out" and not array.flags.writeable:
            raise ShapeError("out must be writeable, got an array that is not")
    raise ShapeError("out must not share memory with x", hint=f"np.empty({outputs}, np.{dtype})")
