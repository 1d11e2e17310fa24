"""What a network is given to read, as steps with the names of their features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gatework.errors import DataError, OptionError, ShapeError, counted


class Steps(NamedTuple):
    """Values (T, F) in float64, F names of the features, T labels of the steps."""

    values: np.ndarray
    names: tuple[str, ...]
    labels: tuple[str, ...]


def steps_of(
    data: Any, input_size: int, labels: Sequence[str] | None, names: Sequence[str] | None
) -> Steps:
    """Return data as steps; names and labels that are not given are numbers, or a frame's columns.

    Raises:
        ShapeError: when the data are empty or have neither one nor two dimensions.
        DataError: when a value is not a finite number.
        OptionError: when there are no data, which ``input_size`` is told of, or a name too few.
    """
    if data is None:
        raise OptionError(
            "there is nothing for the network to read: data is missing",
            hint=f"data: an array of shape (steps, {input_size})",
        )
    values = _values(data)
    if names is None and hasattr(data, "columns"):
        names = list(map(str, data.columns))
    return Steps(
        values,
        _texts("names", names, values.shape[1], "feature "),
        _texts("labels", labels, len(values), ""),
    )


def check_features(values: np.ndarray, input_size: int) -> None:
    """Check that values (T, F) have as many features as a network takes.

    Raises:
        ShapeError: when they have not.
    """
    if values.shape[1] != input_size:
        raise ShapeError(
            f"data have {counted(values.shape[1], 'feature')} at each step, but the network "
            f"takes {input_size}"
        )


def _values(data: Any) -> np.ndarray:
    if hasattr(data, "detach"):  # a tensor of torch
        data = data.detach().cpu()
        data = (data if data.is_complex() else data.double()).numpy()
    try:
        values = np.asarray(data.to_numpy() if hasattr(data, "to_numpy") else data)
        if values.dtype.kind == "c":
            raise TypeError("complex ones have two parts")
        values = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"data must be numbers: {error}") from error
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim == 3 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 2 or not values.size:
        raise ShapeError(
            f"data must have the shape (steps, features) with at least one of each, "
            f"got {values.shape}",
            hint="pass one sequence, for instance x[:, 0]",
        )
    values = values.copy() if not values.flags.writeable else values
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        step, feature = wrong[0]
        raise DataError(
            f"data, step {step}, feature {feature}: {values[step, feature]} is not a finite number",
            hint="fill or drop what is missing first",
        )
    return values


def _texts(what: str, given: Sequence[str] | None, count: int, word: str) -> tuple[str, ...]:
    if given is None:
        return tuple(f"{word}{n}" for n in range(count))
    found = tuple(map(str, given))
    if len(found) != count:
        raise OptionError(f"{what} must have one entry for each of {count}, got {len(found)}")
    return found
