"""The parameters that the search goes over, fitted to the length of the series."""

from __future__ import annotations

import numpy as np

from gatework.forecast.backtest import SeriesSplit
from gatework.search import Axis, Choice, Sizes
from gatework.search.axes import AnyAxis

SHORTEST_WINDOW = 4
LONGEST_WINDOW = 64


def search_space(split: SeriesSplit, season: int, transforms: tuple[str, ...]) -> list[AnyAxis]:
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


def transforms(values: np.ndarray) -> tuple[str, ...]:
    """Return the scalings that the search may choose from; a logarithm needs values from 0 up."""
    return ("none", "log") if np.all(values >= 0) else ("none",)
