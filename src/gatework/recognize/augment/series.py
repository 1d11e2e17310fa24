"""Series of numbers varied by noise, size, tempo, pieces and hidden spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from gatework.checks import checked, number, whole
from gatework.recognize.augment.base import Augmentation
from gatework.recognize.augment.spans import SpanMasks, hidden, stretched


@dataclass(frozen=True)
class SeriesAugmentation(SpanMasks, Augmentation):
    """Add noise to a series, make it larger or smaller, faster or slower, hide spans of it.

    For arrays, tables and features that were made before. Each amount is drawn evenly from its
    range; 0 leaves it out.

    Args:
        noise: deviation of the noise that is added to each number, up to so much, as a share of the
            deviation of its channel over the series; where the channel changes less from step to
            step than chance would, as a share of those changes, for a smooth one is made rough by
            less.
        scale: as a share: 0.1 for 0.9 to 1.1 times as large, each channel by itself, about its
            mean.
        tempo: as a share: 0.2 for 0.8 to 1.2 times as fast.
        piece: the least share of the steps that is read, anywhere; 1 for all.
        time_masks: spans of steps that are hidden, each up to ``time_width``.
        time_width: of a span, as a share of all steps.
        channel_masks: spans of neighbouring channels that are hidden, each up to
            ``channel_width``.
        channel_width: of a span, as a share of all channels.

    What is hidden becomes the mean of its channel over the series. Channels of 0 and 1 alone get
    neither noise nor another size.

    Raises:
        OptionError: when an amount is out of range.

    Source:
        noise, scale, pieces: Um et al. 2017, doi:10.1145/3136755.3136817 (jittering, scaling,
        cropping); masks: Park et al. 2019, arXiv:1904.08779.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> series = np.ones((20, 3), np.float32)
        >>> SeriesAugmentation(tempo=0.5).vary_features(series, draw).shape[1]
        3
    """

    noise: float = checked(0.1, number(0, 100))
    scale: float = checked(0.1, number(0, 0.9))
    tempo: float = checked(0.0, number(0, 0.9))
    piece: float = checked(1.0, number(0.01, 1))
    time_masks: int = checked(0, whole(0, 100))
    time_width: float = checked(0.1, number(0, 1))
    channel_masks: int = checked(0, whole(0, 100))
    channel_width: float = checked(0.1, number(0, 1))

    reads: ClassVar[str] = "array"
    REFUSAL: ClassVar[str] = "series cannot be varied like this"

    @property
    def keeps_steps(self) -> bool:
        """Whether each step stays where it is."""
        return not self.tempo and self.piece == 1

    @property
    def keeps_whole(self) -> bool:
        """Whether all of it is still there."""
        return self.piece == 1

    def vary_features(self, values: np.ndarray, draw: Generator) -> np.ndarray:
        """Return a series (T, C), T not as before."""
        if self.piece < 1:
            count = int(draw.integers(max(1, round(len(values) * self.piece)), len(values) + 1))
            begin = int(draw.integers(0, len(values) - count + 1))
            values = values[begin : begin + count]
        if self.tempo:
            values = stretched(values, 1 + draw.uniform(-1, 1) * self.tempo)
        numbers = ~((values == 0) | (values == 1)).all(axis=0)
        if self.scale:
            mean = values.mean(axis=0)
            sizes = 1 + draw.uniform(-1, 1, values.shape[1]) * self.scale * numbers
            values = mean + (values - mean) * sizes.astype(np.float32)
        if self.noise:
            share = np.float32(draw.uniform(0, 1) * self.noise) * numbers
            deviation = roughness(values) * share.astype(np.float32)
            values = values + deviation * draw.standard_normal(values.shape, np.float32)
        return hidden(values, draw, self)


def roughness(values: np.ndarray) -> np.ndarray:
    """Return the deviation of what is rough in each channel of steps (T, C), (C).

    Equations:
        min(deviation of x[t], deviation of (x[t] - x[t-1]) / sqrt(2))

    Of noise both are the same; a series that is smooth changes less from step to step.
    """
    found, changes = values.std(axis=0), np.diff(values, axis=0)
    if not len(changes):
        return found
    return np.minimum(found, changes.std(axis=0) / np.float32(np.sqrt(2)))
