"""What files of forecasters hold of a series: its name, and what labels of periods follow from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatework.errors import GateworkError, OptionError
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Values
from gatework.estimator.style_field import style_field
from gatework.forecast.series import Series
from gatework.tabular.style import ReadingStyle

NAME = Field(js.text, of="tail.name")
PERIODS = {
    "frequency": Field(js.optional(js.text), of="tail.frequency"),
    "season": Field(js.whole(1, js.MOST_VALUES), of="tail.season"),
    "counts": Field(js.switch, of="tail.counts"),
    "style": style_field("tail.style"),
}


def strings(names: Sequence[object]) -> tuple[str, ...]:
    """Return names that may be numbers in a file as strings."""
    return tuple(map(str, names))


def series_said(
    said: Values, labels: Sequence[str], values: Sequence[float] | np.ndarray
) -> Series:
    """Return the series of a file that says name and periods.

    Raises:
        OptionError: when no period can follow on it.
    """
    try:
        series = Series(
            said.name,
            np.array(values, dtype=np.float64),
            tuple(labels),
            said.frequency,
            said.season,
            said.counts,
            style=said.style or ReadingStyle(),
        )
        series.future_labels(1)
    except GateworkError as error:
        raise OptionError(f"the end of the series is not sound: {error}") from error
    return series
