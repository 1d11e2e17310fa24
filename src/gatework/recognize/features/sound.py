"""What the features of sound share: frames, their power on the mel scale, deltas, streams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from gatework.checks import checked, number, one_of, optional, whole
from gatework.errors import DataError, OptionError, ShapeError
from gatework.recognize.features.base import Features
from gatework.recognize.features.deltas import DeltaStream, with_deltas
from gatework.recognize.features.mel import mel_filters

PRE_EMPHASIS = 0.97
FLOOR = 1e-8
"""The least power of a band, a little above the noise of 16-bit samples."""
FRAMES_AT_ONCE = 4096
"""So that an hour of sound needs little memory."""


@dataclass(frozen=True)
class SoundFeatures(Features):
    """Frames of sound, their power in bands as wide as the ear's.

    Args:
        rate: samples a second; sound of another rate is resampled to it when it is read.
        window: of a frame, in seconds.
        hop: from a frame to the next, in seconds.
        mels: bands.
        low: where the bands begin, in Hz.
        high: where they end, in Hz; half the rate where left out.
        deltas: 0, 1 for the rise of every feature beside it, 2 for the rise of the rise also.
        normalise: "none"; "mean": each feature less its mean over the sound, which takes the
            loudness and the sound of room and microphone out; "deviation": divided by its
            deviation also.
        depth: decibels below the loudest band of the sound beneath which nothing is told apart:
            26 for speech in whatever noise a room has. None for FLOOR alone.

    Only features without ``normalise`` and ``depth`` can be streamed.

    Raises:
        OptionError: when settings are out of range or do not go together.

    Equations:
        y[s] = x[s] - 0.97 x[s-1]
        P[t, k] = |sum_s w[s] y[t hop + s] exp(-2 pi i k s / n)|^2 / sum_s w[s]^2,  w: Hamming
        E[t, m] = log(max(1e-8, sum_k F[m, k] P[t, k]))
        with depth, E[t, m] = max(E[t, m], max E - depth log(10) / 10)
        T = 1 + floor((S - window) / hop); a sound shorter than a window is filled up with zeros.

    Source:
        Davis, Mermelstein 1980, doi:10.1109/TASSP.1980.1163420; the mean: Atal 1974,
        doi:10.1121/1.1914702.
    """

    rate: int = checked(8000, whole(1000, 384_000))
    window: float = checked(0.025, number(0.002, 1.0))
    hop: float = checked(0.010, number(0.001, 1.0))
    mels: int = checked(40, whole(1, 512))
    low: float = checked(20.0, number(0, 192_000))
    high: float | None = None
    deltas: int = checked(0, one_of((0, 1, 2)))
    normalise: str = checked("none", one_of(("none", "mean", "deviation")))
    depth: float | None = checked(None, optional(number(1, 200)))

    reads: ClassVar[str] = "sound"
    LATER: ClassVar[Mapping[str, Any]] = {"depth": None}

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self._filters.sum(axis=1) > 0).all():
            raise OptionError(
                f"mels={self.mels} is too many for windows of {self.window:g} s at {self.rate} Hz, "
                "for some bands would be empty",
                hint="fewer mels, or a longer window",
            )

    def _contradictions(self) -> list[str]:
        found = number(0, self.rate / 2)("low", self.low)
        if self.high is not None:
            found += number(float(self.low) + 1, self.rate / 2)("high", self.high)
        return found

    @property
    def statics(self) -> int:
        """Return the features of a frame, without deltas."""
        return self.mels

    @property
    def channels(self) -> int:
        """Return the features of a frame."""
        return self.statics * (1 + self.deltas)

    @property
    def streams(self) -> bool:
        """Whether frames are made as samples come."""
        return self.normalise == "none" and self.depth is None

    @property
    def window_samples(self) -> int:
        """Return the samples of a window."""
        return max(2, round(self.window * self.rate))

    @property
    def hop_samples(self) -> int:
        """Return the samples from a frame to the next."""
        return max(1, round(self.hop * self.rate))

    @cached_property
    def _filters(self) -> np.ndarray:
        bins = 2 ** int(np.ceil(np.log2(2 * self.window_samples)))
        high = self.rate / 2 if self.high is None else float(self.high)
        return mel_filters(self.mels, bins, self.rate, float(self.low), high)

    @cached_property
    def _weights(self) -> np.ndarray:
        weights = np.hamming(self.window_samples)
        return weights / np.sqrt((weights**2).sum())

    def static(self, energies: np.ndarray) -> np.ndarray:
        """Return the features without deltas (T, statics) of log energies (T, mels)."""
        return energies

    def __call__(self, content: np.ndarray) -> np.ndarray:
        """Return the features of a sound, (T, C), float32.

        Shapes:
            content: (S), samples from -1 to 1 at ``rate``.

        Raises:
            ShapeError: when there is more than a channel. DataError: when there is no sample.
        """
        content = np.asarray(content, np.float64)
        if content.ndim != 1:
            raise ShapeError(f"the sound must have the shape (samples,), got {content.shape}")
        if not len(content):
            raise DataError("the sound has no sample", hint="leave it out")
        if len(content) < self.window_samples:
            content = np.pad(content, (0, self.window_samples - len(content)))
        energies = self._energies(emphasised(content, content[0]))
        if self.depth is not None:
            energies = np.maximum(energies, energies.max() - self.depth * np.log(10) / 10)
        values = self.static(energies)
        values = with_deltas(values, self.deltas)
        if self.normalise != "none":
            values = values - values.mean(axis=0)
        if self.normalise == "deviation":
            values = values / np.maximum(values.std(axis=0), 1e-3)
        return values.astype(np.float32)

    def _energies(self, samples: np.ndarray) -> np.ndarray:
        """Return the log energies (T, mels) of emphasised samples, at least a window of them."""
        windows = np.lib.stride_tricks.sliding_window_view(samples, self.window_samples)
        windows = windows[:: self.hop_samples]
        bins = 2 * (self._filters.shape[1] - 1)
        parts = []
        for begin in range(0, len(windows), FRAMES_AT_ONCE):
            frames = windows[begin : begin + FRAMES_AT_ONCE] * self._weights
            spectrum = np.fft.rfft(frames, bins)
            power = spectrum.real**2 + spectrum.imag**2
            parts.append(np.log(np.maximum(power @ self._filters.T, FLOOR)))
        return np.concatenate(parts)

    def stream(self) -> SoundStream:
        """Return what takes samples as they come and gives frames.

        Raises:
            OptionError: when frames depend on the whole sound.
        """
        if not self.streams:
            setting = "depth" if self.normalise == "none" else "normalise"
            raise OptionError(
                f"features with {setting}={getattr(self, setting)!r} need the whole sound, "
                "so they cannot be streamed",
                hint="train with normalise='none' and depth=None",
            )
        return SoundStream(self)


class LogMel(SoundFeatures):
    """Log-mel energies: the logarithm of the power in each band, how loud it is frame by frame.

    Example:
        >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
        >>> LogMel(rate=8000, mels=20)(tone).shape
        (98, 20)
    """

    kind: ClassVar[str] = "log_mel"


def emphasised(samples: np.ndarray, before: float) -> np.ndarray:
    """Return samples with their high frequencies raised, given the sample before the first."""
    return samples - PRE_EMPHASIS * np.concatenate([[before], samples[:-1]])


class SoundStream:
    """Frames of sound as samples come: in the end the same as of the whole sound."""

    def __init__(self, features: SoundFeatures) -> None:
        self.features = features
        self._deltas = DeltaStream(features.deltas)
        self._before: float | None = None
        self._samples = np.zeros(0)
        self._skip = 0
        self._begun = False

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Return the frames (n, C) that are complete after more samples (m), n possibly 0."""
        samples = np.asarray(samples, np.float64)
        if samples.ndim != 1:
            raise ShapeError(f"the samples must have the shape (samples,), got {samples.shape}")
        if not len(samples):
            return self._empty()
        before = samples[0] if self._before is None else self._before
        self._before = float(samples[-1])
        joined = np.concatenate([self._samples, emphasised(samples, before)])
        gone = min(self._skip, len(joined))
        self._skip -= gone
        self._samples = joined[gone:]
        return self._frames()

    def finish(self) -> np.ndarray:
        """Return the frames that waited for the samples after them."""
        if self._before is None:
            return self._empty()
        frames = [self._empty()]
        if not self._begun:  # a sound shorter than a window
            frames.append(self.push(np.zeros(self.features.window_samples - len(self._samples))))
        frames.append(self._deltas.finish().astype(np.float32))
        return np.concatenate(frames)

    def _frames(self) -> np.ndarray:
        made = self.features
        count = 1 + (len(self._samples) - made.window_samples) // made.hop_samples
        if count < 1:
            return self._empty()
        self._begun = True
        used = self._samples[: (count - 1) * made.hop_samples + made.window_samples]
        values = made.static(made._energies(used))
        ahead = count * made.hop_samples
        self._skip = max(0, ahead - len(self._samples))
        self._samples = self._samples[ahead:]
        return self._deltas.push(values).astype(np.float32)

    def _empty(self) -> np.ndarray:
        return np.zeros((0, self.features.channels), np.float32)
