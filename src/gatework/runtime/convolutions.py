"""Convolutions over the last few steps, of numpy: those that a recogniser has with its LSTM."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

FILTERS = (64, 128, 64)
KERNELS = (8, 5, 3)
"""Of each layer: what it tells of a step, and the steps that it sees."""
EPSILON = 1e-5
"""What is added to a variance before it is divided by."""

Kept = list[np.ndarray]
"""The last steps that each layer read, (B, kernel - 1, C): what the next window begins with."""


def convolution_shapes(channels: int, prefix: str) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every tensor of convolutions over so many channels."""
    shapes: dict[str, tuple[int, ...]] = {}
    for place, (count, kernel) in enumerate(zip(FILTERS, KERNELS, strict=True)):
        before = FILTERS[place - 1] if place else channels
        shapes[f"{prefix}windows.{place}.weight"] = (count, before, kernel)
        for name in ("weight", "bias", "mean", "variance"):
            shapes[f"{prefix}norms.{place}.{name}"] = (count,)
    return shapes


class PackedConvolutions:
    """Layers of windows that end at the step they tell of, each normalised and rectified.

    Args:
        weights: by name, as ``convolution_shapes`` has them.
        prefix: what their names begin with.
    """

    def __init__(self, weights: Mapping[str, np.ndarray], prefix: str) -> None:
        self.layers: list[tuple[np.ndarray, np.ndarray]] = []
        for place in range(len(KERNELS)):
            norm = {
                name: weights[f"{prefix}norms.{place}.{name}"]
                for name in ("weight", "bias", "mean", "variance")
            }
            scale = norm["weight"] / np.sqrt(norm["variance"] + np.float32(EPSILON))
            window = weights[f"{prefix}windows.{place}.weight"]  # (F, C, kernel)
            taps = (window * scale[:, None, None]).transpose(2, 1, 0).copy()  # (kernel, C, F)
            self.layers.append((taps, norm["bias"] - norm["mean"] * scale))

    def running(self, x: np.ndarray, kept: Kept | None = None) -> tuple[np.ndarray, Kept]:
        """Return what the windows see that end at each step, and what the next steps go on from.

        Shapes:
            x: (B, T, C). returns: (B, T, F).
        """
        ends: Kept = []
        for place, (taps, shift) in enumerate(self.layers):
            B, T, C = x.shape
            before = KERNELS[place] - 1
            begin = np.zeros((B, before, C), x.dtype) if kept is None else kept[place]
            x = np.concatenate([begin, x], axis=1)
            ends.append(x[:, -before:])
            seen = sum(x[:, tap : tap + T] @ taps[tap] for tap in range(before + 1))
            x = np.maximum(seen + shift, 0)
        return x, ends
