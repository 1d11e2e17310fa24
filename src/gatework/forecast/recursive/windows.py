"""Windows: pieces of a standardised series that the network learns from and forecasts with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

MOST_TAUGHT = 2**15
"""Steps of all windows together, about, that an epoch teaches; windows of a long series overlap so
much that more of them would teach little but take long."""


@dataclass(frozen=True)
class Scaler:
    """Standardises with the mean and deviation of the part that was learned from.

    With ``log`` the logarithm of 1 + value is standardised instead, which evens out series whose
    swings grow with their level.
    """

    mean: float
    deviation: float
    log: bool = False

    @classmethod
    def of(cls, values: np.ndarray, *, log: bool = False) -> Scaler:
        """Return the scaler of some values.

        A constant series gets a deviation too small to see, so that whatever a network makes of
        it, the forecast is that constant.
        """
        values = np.log1p(values) if log else values
        mean, deviation = float(values.mean()), float(values.std())
        least = 1e-6 * max(1.0, abs(mean))
        return cls(mean, max(deviation, least), log)

    def scale(self, values: np.ndarray) -> np.ndarray:
        """Return standardised values."""
        return ((np.log1p(values) if self.log else values) - self.mean) / self.deviation

    def restore(self, values: np.ndarray) -> np.ndarray:
        """Return values in the series' units."""
        restored = values * self.deviation + self.mean
        return np.expm1(restored) if self.log else restored


def training_windows(scaled: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return windows and, for each of their steps, the value that follows it.

    A long series gives fewer windows, evenly spaced by at most their length, so that each value is
    still seen.

    Shapes:
        scaled: (n,). Returns inputs (N, length, 1) and targets (N, length, 1).

    Example:
        >>> inputs, targets = training_windows(np.arange(5.0), 3)
        >>> inputs[..., 0].tolist(), targets[..., 0].tolist()
        ([[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0]])
    """
    pieces = sliding_window_view(scaled, length + 1)
    stride = max(1, min(length, len(pieces) * length // MOST_TAUGHT))
    pieces = pieces[::-1][::stride][::-1]  # counted from the end, so that the latest is always in
    return pieces[:, :-1, None].copy(), pieces[:, 1:, None].copy()


def origin_windows(scaled: np.ndarray, length: int, start: int, stop: int) -> np.ndarray:
    """Return the windows that end just before each origin from ``start`` to ``stop`` - 1.

    Shapes:
        scaled: (n,). Returns (stop - start, length).
    """
    return sliding_window_view(scaled, length)[start - length : stop - length].copy()
