"""The mel scale: frequencies as far apart as they sound."""

from __future__ import annotations

import numpy as np


def hz_to_mel(frequency: np.ndarray) -> np.ndarray:
    """Return frequencies in mel, 2595 log10(1 + f / 700).

    Source:
        O'Shaughnessy 1987, Speech Communication: Human and Machine, p. 150; HTK Book 3.4, 5.4.

    Example:
        >>> round(float(hz_to_mel(np.array(1000.0))))
        1000
    """
    return 2595.0 * np.log10(1.0 + frequency / 700.0)


def mel_to_hz(mel: np.ndarray) -> np.ndarray:
    """Return frequencies in Hz."""
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)


def mel_filters(mels: int, bins: int, rate: int, low: float, high: float) -> np.ndarray:
    """Return triangles over the bins of a Fourier transform, as far apart as they are wide in mel.

    Args:
        mels: M, triangles; each begins in the middle of the one before.
        bins: n of the transform, of which n // 2 + 1 are kept.
        rate: samples a second.
        low: where the first one begins, in Hz.
        high: where the last one ends, in Hz.

    Shapes:
        returns: (M, n // 2 + 1), 1 at the tip of a triangle.

    Source:
        Davis, Mermelstein 1980, doi:10.1109/TASSP.1980.1163420, figure 1.

    Example:
        >>> mel_filters(10, 512, 8000, 0.0, 4000.0).shape
        (10, 257)
    """
    ends = hz_to_mel(np.array([low, high]))
    corners = mel_to_hz(np.linspace(ends[0], ends[1], mels + 2))[:, None]
    frequencies = np.arange(bins // 2 + 1) * (rate / bins)
    rising = (frequencies - corners[:-2]) / (corners[1:-1] - corners[:-2])
    falling = (corners[2:] - frequencies) / (corners[2:] - corners[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling))
