"""Deltas: how fast each feature rises or falls, by a line through the steps around."""

from __future__ import annotations

import numpy as np

REACH = 2
"""Steps on either side of a step that its line goes through."""


def with_deltas(values: np.ndarray, order: int) -> np.ndarray:
    """Return features beside their deltas, and the deltas of these, up to an order.

    Shapes:
        values: (T, C). returns: (T, C * (1 + order)).

    Equations:
        d[t] = sum_n n (c[t+n] - c[t-n]) / (2 sum_n n^2),  n = 1 to REACH; before the first step
        and after the last one these are repeated.

    Source:
        Furui 1986, doi:10.1109/TASSP.1986.1164788; the form with repeated ends is that of the
        HTK Book 3.4, section 5.9.

    Example:
        >>> ramp = np.arange(6.0)[:, None]
        >>> with_deltas(ramp, 1)[:, 1].tolist()
        [0.5, 0.8, 1.0, 1.0, 0.8, 0.5]
    """
    parts = [values]
    for _ in range(order):
        parts.append(_slope(np.pad(parts[-1], ((REACH, REACH), (0, 0)), mode="edge")))
    return np.concatenate(parts, axis=1)


def _slope(padded: np.ndarray) -> np.ndarray:
    """Return the slopes (T, C) of steps with REACH more on either side (T + 2 REACH, C)."""
    steps = len(padded) - 2 * REACH
    total = np.zeros((steps, padded.shape[1]), padded.dtype)
    for n in range(1, REACH + 1):
        total += n * (padded[REACH + n :][:steps] - padded[REACH - n :][:steps])
    return total / (2 * sum(n * n for n in range(1, REACH + 1)))


class DeltaStream:
    """Features with their deltas as steps come; each is late by REACH steps an order.

    Example:
        >>> stream, ramp = DeltaStream(1), np.arange(6.0)[:, None]
        >>> parts = [stream.push(ramp[:1]), stream.push(ramp[1:]), stream.finish()]
        >>> [len(part) for part in parts]
        [0, 4, 2]
        >>> bool((np.concatenate(parts) == with_deltas(ramp, 1)).all())
        True
    """

    def __init__(self, order: int) -> None:
        self.order, self._late = order, order * REACH
        self._kept: np.ndarray | None = None
        self._gone = 0  # of the steps that are kept, which stay for those after them

    def push(self, values: np.ndarray) -> np.ndarray:
        """Return the steps (n, C * (1 + order)) that are complete after more steps (m, C)."""
        self._kept = values if self._kept is None else np.concatenate([self._kept, values])
        return self._until(len(self._kept) - self._late)

    def finish(self) -> np.ndarray:
        """Return the steps that were waiting for others, after the last one came."""
        return np.zeros((0, 0)) if self._kept is None else self._until(len(self._kept))

    def _until(self, end: int) -> np.ndarray:
        """Return the steps that are kept, from those that are gone to ``end``."""
        assert self._kept is not None
        if end <= self._gone:
            return np.zeros((0, self._kept.shape[1] * (1 + self.order)))
        found = with_deltas(self._kept, self.order)[self._gone : end]
        self._gone = min(end, self._late)
        self._kept = self._kept[end - self._gone :]
        return found
