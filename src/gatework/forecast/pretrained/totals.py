"""What the periods to come come to together, by sample paths through them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from gatework.forecast.pretrained.ahead import ForecastsAhead

PATHS = 2000
"""Drawn through the periods to come of each series."""

ByLevel = dict[float, np.ndarray]


def sample_paths(
    found: ForecastsAhead,
    names: Sequence[str],
    count: int,
    seed: int,
    counts: np.ndarray | None = None,
) -> Iterator[np.ndarray]:
    """Yield so many paths through the periods to come of each series, (count, H).

    What is drawn of a series follows from the seed and its name, whatever others are beside it;
    those of ``counts`` (B,) are whole.
    """
    for row, name in enumerate(names):
        own = seed << 32 | zlib.crc32(name.encode())
        drawn = found.rows(np.array([row])).paths(count, own)[:, 0]
        yield drawn if counts is None or not counts[row] else np.round(drawn)


def totals_of(
    found: ForecastsAhead,
    names: Sequence[str],
    levels: Sequence[float],
    at_least: Sequence[float],
    seed: int,
    counts: np.ndarray | None = None,
) -> tuple[np.ndarray, ByLevel, ByLevel, ByLevel]:
    """Return what the periods come to: totals (B,), ends by level, chances by total.

    Those of ``counts`` (B,) are whole but for the total that is expected, which is a mean.
    """
    drawn = sample_paths(found, names, PATHS, seed, counts)
    total = np.stack([paths.sum(axis=1) for paths in drawn], axis=1)
    expected = found.location.sum(axis=1)
    low, high = {}, {}
    for level in levels:
        ends = np.quantile(total, [(1 - level) / 2, (1 + level) / 2], axis=0, method="inverted_cdf")
        low[level], high[level] = np.minimum(ends[0], expected), np.maximum(ends[1], expected)
        if counts is not None:
            low[level] = np.where(counts, np.floor(low[level]), low[level])
            high[level] = np.where(counts, np.ceil(high[level]), high[level])
    chances = {float(least): (total >= least).mean(axis=0) for least in at_least}
    return expected, low, high, chances
