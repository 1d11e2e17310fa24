"""Mel-frequency cepstral coefficients: the shape of the spectrum in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from gatework.checks import whole
from gatework.recognize.features.sound import SoundFeatures


@dataclass(frozen=True)
class Mfcc(SoundFeatures):
    """The cosine transform of log-mel energies, of which the first coefficients are kept.

    Args:
        coefficients: K, the one of loudness counted; the others as SoundFeatures.

    Equations:
        c[t, k] = s[k] sum_m E[t, m] cos(pi k (m + 1/2) / M),  s[0] = sqrt(1/M), else sqrt(2/M)

    Source:
        Davis, Mermelstein 1980, doi:10.1109/TASSP.1980.1163420, equation 1; the scale makes the
        transform orthonormal.

    Example:
        >>> Mfcc(rate=8000, deltas=2)(np.ones(8000)).shape
        (98, 39)
    """

    coefficients: int = 13

    kind: ClassVar[str] = "mfcc"

    def _contradictions(self) -> list[str]:
        return super()._contradictions() + whole(1, self.mels)("coefficients", self.coefficients)

    @property
    def statics(self) -> int:
        """Return the coefficients of a frame."""
        return self.coefficients

    @cached_property
    def _cosines(self) -> np.ndarray:
        """The transform, (M, K)."""
        angles = np.pi * np.outer(np.arange(self.mels) + 0.5, np.arange(self.coefficients))
        scale = np.full(self.coefficients, np.sqrt(2.0 / self.mels))
        scale[0] = np.sqrt(1.0 / self.mels)
        return np.cos(angles / self.mels) * scale

    def static(self, energies: np.ndarray) -> np.ndarray:
        """Return the coefficients (T, K) of log energies (T, M)."""
        return energies @ self._cosines
