"""Missing values: where they are, and how they are filled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from gatework.errors import DataError
from gatework.tabular.timeline import Timeline

Missing = Literal["error", "interpolate", "zero", "previous", "mean"]
FILLS = ("interpolate", "zero", "previous", "mean")
"""The ways to fill missing values."""


def missing_values(
    gaps: np.ndarray, timeline: Timeline, rows: Sequence[int], name: str
) -> DataError:
    """Return the error that names the first missing value and how many there are.

    Shapes:
        gaps: (missing,), the periods without a value
    """
    first, count = int(gaps[0]), len(gaps)
    row = {int(position): row for position, row in zip(timeline.positions, rows, strict=True)}
    if first in row:
        place = f"row {row[first]}: the value is empty"
    else:
        before = max(position for position in row if position < first)
        place = f"no row for {timeline.labels[first]!r}, which belongs after row {row[before]}"
    rest = f" (the first of {count} missing values)" if count > 1 else ""
    return DataError(
        f"column {name!r}, {place}{rest}",
        hint="--missing interpolate (or zero, previous, mean)",
    )


def fill(values: np.ndarray, missing: str, name: str) -> np.ndarray:
    """Return the values with each nan filled; the first and last known values extend outwards.

    Shapes:
        values, result: (n,)

    Raises:
        DataError: the first value is missing and should repeat the one before it.

    Example:
        >>> fill(np.array([1.0, np.nan, 3.0, np.nan]), "interpolate", "faults")
        array([1., 2., 3., 3.])
    """
    places, gaps = np.arange(len(values)), np.isnan(values)
    known = places[~gaps]
    if missing == "previous":
        if gaps[0]:
            raise DataError(
                f"column {name!r} begins with a missing value, which has none before it",
                hint="--missing interpolate",
            )
        return values[np.maximum.accumulate(np.where(gaps, 0, places))]
    if missing == "interpolate":
        return np.interp(places, known, values[known])
    return np.where(gaps, 0.0 if missing == "zero" else values[known].mean(), values)


def describe_fill(gaps: np.ndarray, missing: str, timeline: Timeline) -> str:
    """Return the note that says how many values were filled, how, and the first period."""
    how = {
        "interpolate": "by interpolation",
        "zero": "with 0",
        "previous": "with the value before",
        "mean": "with the mean of the known values",
    }[missing]
    values = "1 missing value was" if len(gaps) == 1 else f"{len(gaps)} missing values were"
    return f"{values} filled {how}, the first in period {timeline.labels[gaps[0]]}"
