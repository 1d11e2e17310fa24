"""The parameters that the search goes over, fitted to the length of the series."""

from __future__ import annotations

import numpy as np

from gatework.errors import DataError
from gatework.forecast.backtest import Split
from gatework.search import Axis, Choice, Sizes
from gatework.search.axes import AnyAxis

SHORTEST_WINDOW = 4
LONGEST_WINDOW = 64
GREATEST = 1e100
"""Values beyond it overflow where they are squared."""


def least_length(horizon: int) -> int:
    """Return how many values a series needs for a shortest window and a horizon.

    The training part, 64 % of the series, must hold a few of the shortest windows, and the series
    twice the horizon.
    """
    return max(24, 2 * horizon)


def check_length(n: int, horizon: int, name: str) -> None:
    """Check that a series is long enough.

    Raises:
        DataError: naming the least length.
    """
    least = least_length(horizon)
    if n < least:
        raise DataError(
            f"series {name!r} has {n} values, but a window of at least {SHORTEST_WINDOW} and a "
            f"horizon of {horizon} need at least {least}",
            hint="add earlier periods, shorten the horizon, or count by a shorter period",
        )


def check_range(values: np.ndarray, name: str) -> None:
    """Check that values can be squared, and differences divided by, in double precision.

    Raises:
        DataError: naming the range that can be used.
    """
    greatest, spread = float(np.abs(values).max()), float(np.ptp(values))
    if greatest > GREATEST or 0 < spread < 1 / GREATEST:
        raise DataError(
            f"series {name!r} reaches up to {greatest:g} and spreads over {spread:g}, but can be "
            f"used up to {GREATEST:g} and from a spread of {1 / GREATEST:g}",
            hint="count in another unit",
        )


def search_space(split: Split, season: int, transforms: tuple[str, ...]) -> list[AnyAxis]:
    """Return the axes: window, layer sizes, learning rate, dropout, and how values are scaled.

    The windows double from 4 up to half of the training part; a season that fits is one of them.
    """
    longest = min(LONGEST_WINDOW, max(SHORTEST_WINDOW, split.train_end // 2))
    windows = [2**k for k in range(2, 7) if 2**k <= longest]
    if windows[-1] < season <= split.train_end // 2:
        longest = season
        windows.append(season)
    return [
        Axis(
            "window",
            tuple(windows),
            scale="log",
            integer=True,
            low=SHORTEST_WINDOW,
            high=longest,
        ),
        Sizes("hidden_sizes", ((16,), (32,), (32, 16), (64, 32, 16)), low=4, high=128),
        Axis("learning_rate", (0.001, 0.003, 0.01, 0.03), scale="log", low=0.0002, high=0.1),
        Axis("dropout", (0.0, 0.2, 0.4), low=0.0, high=0.6),
        Choice("transform", transforms),
    ]
