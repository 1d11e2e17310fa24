"""A series that comes value by value: before its first one, and from one to the next."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework.errors import OptionError, ShapeError
from gatework.forecast.beginning import before
from gatework.forecast.checks import check_counts
from gatework.forecast.coercion import as_numbers
from gatework.forecast.pretrained.fitted import FittedPretrained
from gatework.forecast.pretrained.plain import network_of

if TYPE_CHECKING:
    from gatework.forecast.local.forecaster import Forecaster


def begun(
    forecaster: Forecaster, start: str | None, frequency: str | None, how: Mapping[str, Any]
) -> FittedPretrained:
    """Return where a series stands before its first value; see Forecaster.begin."""
    forecaster.check_settings()
    if forecaster.searched or forecaster.tune:
        asking = (forecaster.search_asked or ["method"])[0]
        what = f"{asking} asks for a search" if forecaster.searched else "tune asks for a tuning"
        raise OptionError(f"{what}, which needs a series", hint="Forecaster().begin(...)")
    first, network = before(start, frequency, **how), network_of(forecaster.network)
    return FittedPretrained.begun(network, first, forecaster.horizon, forecaster.level)


def go_on(
    forecaster: Forecaster,
    values: Sequence[float] | np.ndarray | float,
    labels: Sequence[str] | None,
) -> None:
    """Go on by the values of the next periods; see Forecaster.update."""
    forecaster.check_fitted()
    new, fitted = as_numbers(values), forecaster.fitted_
    if labels is not None and len(labels) != len(new):
        raise ShapeError(f"labels must be {len(new)}, as the values, got {len(labels)}")
    check_counts(new, fitted.tail.name, counts=fitted.tail.counts)
    for number, value in enumerate(new):
        label = None if labels is None else labels[number]
        if forecaster.blend_ is not None:
            expected = forecaster.predict(1)[0]
            known = expected.value if math.isnan(value) else value
            forecaster.blend_.update(known, expected.period if label is None else label)
        fitted.update(float(value), label)
