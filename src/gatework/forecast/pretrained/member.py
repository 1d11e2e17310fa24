"""One network: an LSTM between two linear layers, run with numpy and the native runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gatework.forecast.pretrained.knots import KNOTS, between
from gatework.runtime import Model

if TYPE_CHECKING:
    from gatework.cell.summary import LayerSummary


@dataclass(frozen=True, eq=False)
class NetworkMember:
    """One network: its weights by name, and its LSTM ready to run.

    Shapes:
        entry.weight (E, SIGNALS), entry.bias (E,); head.weight (K (N + 1), F), head.bias;
        spread.weight (K PARAMETERS, F), spread.bias; F = H + E.
    """

    weights: Mapping[str, np.ndarray]
    lstm: Model

    def enter(self, said: np.ndarray) -> np.ndarray:
        """Return what the LSTM sees of signals, (..., E)."""
        return np.tanh(said @ self.weights["entry.weight"].T + self.weights["entry.bias"])

    def scores(self, features: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return the smoothers' scores and the correction so many steps ahead, (B, H, N + 1)."""
        return self._between(steps, self._head("head", features, np.arange(len(KNOTS))))

    def spread(self, features: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """Return what distributions are made of so many steps ahead, (B, H, PARAMETERS)."""
        return self._between(steps, self._head("spread", features, np.arange(len(KNOTS))))

    def at(self, knots: np.ndarray, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return both at some of the knots alone, by their numbers, which costs less."""
        return self._head("head", features, knots), self._head("spread", features, knots)

    def next_location(
        self, output: np.ndarray, entered: np.ndarray, apart: np.ndarray
    ) -> np.ndarray:
        """Return what the smoothers' forecasts one step ahead, (..., N), come to, (...)."""
        features = np.concatenate([output, entered], axis=-1)
        rows = features.reshape(-1, features.shape[-1])
        made = self._head("head", rows, np.arange(1)).reshape(*apart.shape[:-1], -1)
        scores, correction = made[..., :-1], made[..., -1]
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return (weights * apart).sum(axis=-1) / weights.sum(axis=-1) + correction

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer, from the entry to the head."""
        from gatework.cell.summary import LayerSummary

        sizes = {name: one.shape for name, one in self.weights.items()}
        entry = sizes["entry.weight"]
        head, spread = sizes["head.weight"], sizes["spread.weight"]
        first = LayerSummary("Entry", "linear", entry[1], entry[0], entry[0], 1, _numbers(entry))
        results, numbers = head[0] + spread[0], _numbers(head) + _numbers(spread)
        called = "Weights, quantiles"
        last = LayerSummary(called, "linear", head[1], results, results, 1, numbers)
        return (first, *self.lstm.layer_summary(), last)

    def _head(self, name: str, features: np.ndarray, knots: np.ndarray) -> np.ndarray:
        """Return what a head says at some of the knots, (B, k, n)."""
        parts = (self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])
        weight, bias = (one.reshape(len(KNOTS), -1, *one.shape[1:])[knots] for one in parts)
        made = features @ weight.reshape(-1, weight.shape[-1]).T + bias.ravel()
        return made.reshape(len(features), *bias.shape)

    def _between(self, steps: np.ndarray, made: np.ndarray) -> np.ndarray:
        """Return what lies on the lines between the knots, (B, H, n).

        How far another forecast reaches changes no bit of one.
        """
        after = np.searchsorted(KNOTS, np.minimum(steps, KNOTS[-1]))
        share = between(steps).astype(np.float32)[np.arange(len(steps)), after][:, None]
        return share * made[:, after] + (1 - share) * made[:, np.maximum(after - 1, 0)]


def _numbers(weight: tuple[int, ...]) -> int:
    """Return the numbers of a linear layer with biases."""
    return weight[0] * (weight[1] + 1)
