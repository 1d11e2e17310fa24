"""Steps made slower or faster, and spans of steps and of channels hidden."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator


def stretched(values: np.ndarray, tempo: float) -> np.ndarray:
    """Return steps (T, C) that pass ``tempo`` times as fast, linear between them."""
    count = max(1, round(len(values) / tempo))
    places = np.linspace(0, len(values) - 1, count)
    before = places.astype(np.int64)
    share = (places - before).astype(np.float32)[:, None]
    after = np.minimum(before + 1, len(values) - 1)
    return values[before] * (1 - share) + values[after] * share


class SpanMasks:
    """How many spans an augmentation hides, and how wide they are; see SeriesAugmentation."""

    time_masks: int
    time_width: float
    channel_masks: int
    channel_width: float


def hidden(values: np.ndarray, draw: Generator, masks: SpanMasks) -> np.ndarray:
    """Return steps (T, C) with spans of either replaced by the mean of their channel.

    Source:
        Park et al. 2019, arXiv:1904.08779, section 2.
    """
    if not masks.time_masks and not masks.channel_masks:
        return values
    values, mean = values.copy(), values.mean(axis=0)
    for _ in range(masks.time_masks):
        values[span(len(values), masks.time_width, draw)] = mean
    for _ in range(masks.channel_masks):
        wide = span(values.shape[1], masks.channel_width, draw)
        values[:, wide] = mean[wide]
    return values


def span(size: int, share: float, draw: Generator) -> slice:
    """Return a span that is up to a share of the size wide, anywhere."""
    wide = int(draw.uniform(0, 1) * share * size + 0.5)
    begin = int(draw.integers(0, size - wide + 1))
    return slice(begin, begin + wide)
