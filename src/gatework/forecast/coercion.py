"""What users give as a series, taken for one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from gatework.errors import DataError, ShapeError
from gatework.forecast.panel.panel import Panel
from gatework.forecast.panel.reading import read_panel
from gatework.forecast.reading import read_series
from gatework.forecast.series import Series
from gatework.tabular.frames import is_frame
from gatework.tabular.style import ReadingStyle


def as_series(
    series: Series | Any,
    style: ReadingStyle | None = None,
    missing: Literal["error", "mask"] = "error",
) -> Series:
    """Return values as a Series with numbered periods; a table is read in the style.

    Of a table ``missing`` says whether values may be missing; of others they may.

    Raises:
        DataError: when a value is infinite or no number.
        ShapeError: when they are not one-dimensional.
    """
    if isinstance(series, Series):
        return series
    dated = getattr(series, "index", None)
    numbered = dated is None or np.issubdtype(np.asarray(dated).dtype, np.number)
    if hasattr(series, "columns") or (hasattr(series, "to_frame") and not numbered):
        # A data frame, or a series of pandas over dates.
        return read_series(series, style=style, missing=missing)
    values = as_numbers(series, finite=False)
    labels = tuple(str(number) for number in range(1, len(values) + 1))
    known = values[~np.isnan(values)]
    whole = bool(np.all(np.isfinite(known)) and np.all(known == np.round(known)))
    counts = whole and bool(np.all(known >= 0))
    notes = ()
    if len(known) > 1 and known.max() == known.min():
        notes = (f"the series is constant: every value is {known[0]:g}",)
    return Series("series", values, labels, counts=counts, notes=notes)


def as_panel(
    panel: Panel | Sequence[Series] | Mapping[str, Any] | Any, like: Panel | None = None
) -> Panel:
    """Return series as a Panel; a data frame or the path of a table is read by ``read_panel``.

    It is read in the style of ``like``, with the same columns. Values by name, or sequences of
    values, are series with numbered periods.

    Raises:
        DataError, OptionError: as ``read_panel`` says, or where the series do not fit together.
        ShapeError: where the values of a series are not one-dimensional.
    """
    if isinstance(panel, Panel):
        return panel
    if isinstance(panel, str | os.PathLike) or is_frame(panel):
        return read_panel(panel, **({} if like is None else like.reading))
    named = panel.items() if isinstance(panel, Mapping) else enumerate(panel, start=1)
    return Panel.from_series(
        [
            one if isinstance(one, Series) else replace(as_series(one), name=str(name))
            for name, one in named
        ]
    )


def as_numbers(values: Sequence[float] | np.ndarray | float, *, finite: bool = True) -> np.ndarray:
    """Return values as float64 (n,); with ``finite`` none may be infinite, but nan may be.

    Raises:
        DataError: when they are no real numbers. ShapeError: when they are not one-dimensional.
    """
    try:
        numbers = np.asarray(values)
        real = not np.iscomplexobj(numbers)
        numbers = numbers.astype(np.float64) if real else numbers
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"the series must be numbers: {error}") from error
    if not real:
        raise DataError("the series must be real numbers, got complex ones")
    if numbers.ndim == 0 and finite:
        numbers = numbers[None]
    if numbers.ndim != 1:
        raise ShapeError(f"the series must have the shape (n,), got {numbers.shape}")
    if finite and np.isinf(numbers).any():
        raise DataError("a value of the series must be finite or nan for missing, got infinity")
    return numbers
