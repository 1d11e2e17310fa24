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
        self._stages = [_Stage() for _ in range(order)]
        self._waiting: list[np.ndarray | None] = [None] * (order + 1)

    def push(self, values: np.ndarray) -> np.ndarray:
        """Return the steps (n, C * (1 + order)) that are complete after more steps (m, C)."""
        parts = [values]
        for stage in self._stages:
            parts.append(stage.push(parts[-1]))
        return self._complete(parts)

    def finish(self) -> np.ndarray:
        """Return the steps that were waiting for others, after the last one came."""
        width = 0 if self._waiting[0] is None else self._waiting[0].shape[1]
        empty = np.zeros((0, width))
        parts = [empty]
        for stage in self._stages:
            more = stage.push(parts[-1]) if len(parts[-1]) else empty
            parts.append(np.concatenate([more, stage.finish(width)]))
        return self._complete(parts)

    def _complete(self, parts: list[np.ndarray]) -> np.ndarray:
        joined = [
            part if kept is None else np.concatenate([kept, part])
            for kept, part in zip(self._waiting, parts, strict=True)
        ]
        ready = min(map(len, joined))
        self._waiting = [part[ready:] for part in joined]
        return np.concatenate([part[:ready] for part in joined], axis=1)


class _Stage:
    """The deltas of one order."""

    def __init__(self) -> None:
        self._kept: np.ndarray | None = None

    def push(self, values: np.ndarray) -> np.ndarray:
        if not len(values):
            return values
        before = np.repeat(values[:1], REACH, axis=0) if self._kept is None else self._kept
        padded = np.concatenate([before, values])
        ready = max(0, len(padded) - 2 * REACH)
        self._kept = padded[ready:]
        return _slope(padded) if ready else values[:0]

    def finish(self, width: int) -> np.ndarray:
        if self._kept is None:
            return np.zeros((0, width))
        padded = np.concatenate([self._kept, np.repeat(self._kept[-1:], REACH, axis=0)])
        return _slope(padded)
