"""Whether a series can be forecast at all, and whether a fitted forecaster can be asked for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.checks import is_number, is_whole, share
from gatework.errors import DataError, OptionError, counted

LEAST_VALUES = 24

GREATEST = 1e100
"""Values beyond it overflow where they are squared."""

MOST_AHEAD = 10_000
"""Periods that are forecast at most."""

MOST_PATHS = 1_000_000
"""Sample paths that are drawn at most."""


def least_length(horizon: int) -> int:
    """Return how many values a series must have that is forecast by itself."""
    return max(LEAST_VALUES, 2 * horizon)


def check_length(n: int, horizon: int, name: str) -> None:
    """Check that a series is long enough to be learned from (64 % of it), validated and tested.

    Raises:
        DataError: naming the least length.
    """
    least = least_length(horizon)
    if n < least:
        longest = f"--horizon {n // 2} is the longest it can have; or " if n >= LEAST_VALUES else ""
        raise DataError(
            f"series {name!r} has {counted(n, 'value')}, but learning, validating and testing "
            f"with a horizon of {horizon} need at least {least}",
            hint=f"{longest}add earlier periods, or count by a shorter period",
        )


def check_some(n: int, name: str) -> None:
    """Check that a series has a value to forecast from.

    Raises:
        DataError: when it has none.
    """
    if n < 1:
        raise DataError(f"series {name!r} has no value", hint="a series of one value is enough")


def check_counts(values: np.ndarray, name: str, *, counts: bool) -> None:
    """Check that values that follow on a series are not negative where it is one of ``counts``.

    Raises:
        DataError: naming the first that is.
    """
    if counts and (values < 0).any():
        raise DataError(
            f"{values[values < 0][0]:g} is negative, but {name!r} is a series of counts",
            hint="nan where it is missing; Series(..., counts=False) of values that may be "
            "negative",
        )


def check_range(values: np.ndarray, name: str) -> None:
    """Check that values can be squared, and differences divided by, in double precision.

    Raises:
        DataError: naming the range that can be used.
    """
    values = values[~np.isnan(values)]
    greatest, spread = float(np.abs(values).max()), float(np.ptp(values))
    if greatest > GREATEST or 0 < spread < 1 / GREATEST:
        raise DataError(
            f"series {name!r} reaches up to {greatest:g} and spreads over {spread:g}, but can be "
            f"used up to {GREATEST:g} and from a spread of {1 / GREATEST:g}",
            hint="count in another unit",
        )


def check_refit_every(periods: int | None) -> None:
    """Check after how many periods a backtest fits anew, None for never.

    Raises:
        OptionError: when it is below 1.
    """
    if periods is not None and periods < 1:
        raise OptionError(f"refit_every must be at least 1, got {periods}")


def check_horizon(horizon: object, most: int, hint: str) -> None:
    """Check the steps ahead that a forecaster is asked for, which was fitted for ``most``.

    Raises:
        OptionError: when it is no whole number from 1 to ``most``.
    """
    if not is_whole(horizon, 1):
        raise OptionError(f"horizon must be a whole number of at least 1, got {horizon!r}")
    if not is_whole(horizon, 1, most):
        raise OptionError(
            f"horizon must be from 1 to {most}, which was fitted for, got {horizon!r}", hint=hint
        )


def check_ahead(horizon: object) -> None:
    """Check the steps ahead that the pretrained network is asked for.

    Raises:
        OptionError: when it is no whole number from 1 to MOST_AHEAD.
    """
    if not is_whole(horizon, 1, MOST_AHEAD):
        raise OptionError(
            f"horizon must be a whole number from 1 to {MOST_AHEAD}, got {horizon!r}",
            hint="count by a longer period, to look further ahead",
        )


def several(values: Any) -> list[Any]:
    """Return what may be given as one number or as several as a list."""
    try:
        return [values] if isinstance(values, str) else list(values)
    except TypeError:
        return [values]


def wrong_levels(name: str, levels: Any) -> list[str]:
    """Return what is wrong with levels of intervals, or with a single one, in sentences."""
    each = several(levels)
    if not each or any(share(name, one) for one in each):
        return [f"{name} must be numbers between 0 and 1, got {levels!r}"]
    return []


def wrong_totals(totals: Any) -> list[str]:
    """Return what is wrong with totals of which the chance is asked, or a single one."""
    if not all(map(is_number, several(totals))):
        return [f"at_least must be numbers such as [10, 20], got {totals!r}"]
    return []


def wrong_level(level: object, levels: object) -> list[str]:
    """Return what is wrong with a level of intervals, or with several, in sentences."""
    if level is not None and levels is not None:
        return ["level and levels exclude each other"]
    wrong = [] if levels is None else wrong_levels("levels", levels)
    return wrong if level is None else share("level", level)
