"""Sound varied by speed, place in time, loudness and noise, its features by tempo and masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.random import Generator

from gatework.checks import checked, number, optional, whole
from gatework.recognize.augment.base import Augmentation
from gatework.recognize.augment.spans import SpanMasks, hidden, stretched


@dataclass(frozen=True)
class SoundAugmentation(SpanMasks, Augmentation):
    """Play a sound faster or slower, later, louder, with noise; stretch and mask its features.

    Each amount is drawn evenly from its range; 0 leaves it out.

    Args:
        speed: as a share: 0.1 for 0.9 to 1.1 times as fast, and as high.
        shift: a share of the sound's duration; up to so much silence is put before it, or cut
            off its beginning.
        gain: in decibels, up and down.
        noise: loudest noise, in decibels below the sound's own power, as 15; white, from there
            down by 30 decibels. None for none.
        tempo: as a share: 0.2 for 0.8 to 1.2 times as many features a second, pitch and vowels
            left as they are. Together with ``speed`` voices vary from small to large, each of
            which may talk slowly or fast.
        time_masks: spans of steps that are hidden, each up to ``time_width``.
        time_width: of a span, as a share of all steps.
        channel_masks: spans of neighbouring features that are hidden, each up to
            ``channel_width``.
        channel_width: of a span, as a share of all features.

    What is hidden becomes the mean of its feature over the sound.

    Raises:
        OptionError: when an amount is out of range.

    Source:
        speed: Ko, Peddinti, Povey, Khudanpur 2015, doi:10.21437/Interspeech.2015-711;
        masks: Park et al. 2019, arXiv:1904.08779.

    Example:
        >>> draw = np.random.default_rng(0)
        >>> slower = SoundAugmentation(speed=0.2, shift=0).vary(np.ones(1000, np.float32), draw)
        >>> 800 < len(slower) < 1300
        True
    """

    speed: float = checked(0.1, number(0, 0.9))
    shift: float = checked(0.1, number(0, 0.9))
    gain: float = checked(6.0, number(0, 60))
    noise: float | None = checked(15.0, optional(number(-60, 120)))
    tempo: float = checked(0.0, number(0, 0.9))
    time_masks: int = checked(1, whole(0, 100))
    time_width: float = checked(0.1, number(0, 1))
    channel_masks: int = checked(1, whole(0, 100))
    channel_width: float = checked(0.1, number(0, 1))

    reads: ClassVar[str] = "sound"
    REFUSAL: ClassVar[str] = "sound cannot be varied like this"

    @property
    def keeps_steps(self) -> bool:
        """Whether each step stays where it is: speed and shifts move them."""
        return False

    @property
    def keeps_whole(self) -> bool:
        """Whether all of it is still there: a shift may cut off the beginning."""
        return not self.shift

    def vary(self, content: np.ndarray, draw: Generator) -> np.ndarray:
        """Return samples (S) that mean the same, float32; their number may differ."""
        samples = np.asarray(content, np.float32)
        if self.speed:
            samples = _faster(samples, 1 + draw.uniform(-1, 1) * self.speed)
        if self.shift:
            samples = _later(samples, round(draw.uniform(-1, 1) * self.shift * len(samples)))
        if self.noise is not None:
            below = self.noise + draw.uniform(0, 30)
            power = float(np.mean(samples**2)) * 10 ** (-below / 10)
            noise = draw.standard_normal(len(samples), np.float32)
            samples = samples + np.float32(power**0.5) * noise
        if self.gain:
            samples = samples * np.float32(10 ** (draw.uniform(-1, 1) * self.gain / 20))
        return samples

    def vary_features(self, values: np.ndarray, draw: Generator) -> np.ndarray:
        """Return features (T, C), T not as before, with spans of steps and of channels hidden."""
        if self.tempo:
            values = stretched(values, 1 + draw.uniform(-1, 1) * self.tempo)
        return hidden(values, draw, self)


def _faster(samples: np.ndarray, speed: float) -> np.ndarray:
    """Return samples played at another speed, linear between them."""
    count = max(1, round(len(samples) / speed))
    places = np.linspace(0, len(samples) - 1, count)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def _later(samples: np.ndarray, steps: int) -> np.ndarray:
    if steps >= 0:
        return np.concatenate([np.zeros(steps, np.float32), samples])
    return samples[-steps:] if len(samples) > -steps else samples
