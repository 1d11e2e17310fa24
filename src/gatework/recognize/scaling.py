"""What is taken from every channel, and what it is divided by, before the network sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

STANDARDIZE = ("auto", "channel", "together", "none")


@dataclass(frozen=True, eq=False)
class Scaling:
    """Means and deviations of the training data, a part of the model.

    Shapes:
        mean, deviation: (C), float32.

    Example:
        >>> Scaling.of([np.array([[1.0], [3.0]], np.float32)], "channel").apply(np.ones((1, 1)))
        array([[-1.]], dtype=float32)
    """

    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, values: Sequence[np.ndarray], how: str, kind: str = "array") -> Scaling:
        """Return the scaling of sequences (T, C).

        Args:
            values: the training sequences.
            how: "channel" standardises each channel by itself; those that are 0 or 1 throughout,
                as marks of characters are, stay as they are. "together" takes one mean and one
                deviation for all: pixels at the rim of an image hardly vary and would become huge.
                "auto" is "together" for images, else "channel". "none" changes nothing.
            kind: of the sequences.
        """
        channels = values[0].shape[1]
        mean, deviation = np.zeros(channels), np.ones(channels)
        if how == "auto":
            how = "together" if kind == "image" else "channel"
        if how != "none":
            count = sum(len(part) for part in values)
            total = np.sum([part.sum(axis=0, dtype=np.float64) for part in values], axis=0)
            mean = total / count
            if how == "together":
                mean = np.full(channels, mean.mean())
            total = np.sum([np.square(part - mean).sum(axis=0) for part in values], axis=0)
            square = total / count
            if how == "together":
                square = np.full(channels, square.mean())
            deviation = np.sqrt(square)
            deviation[deviation <= 1e-6 * np.maximum(1.0, np.abs(mean))] = 1.0  # constant
        if how == "channel":
            marks = np.all([((part == 0) | (part == 1)).all(axis=0) for part in values], axis=0)
            mean, deviation = np.where(marks, 0.0, mean), np.where(marks, 1.0, deviation)
        return cls(mean.astype(np.float32), deviation.astype(np.float32))

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Return values (..., C) as the network takes them, float32."""
        return ((values - self.mean) / self.deviation).astype(np.float32, copy=False)
