"""How well units are predicted that networks have not seen, beside two simple models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.errors import counted
from gatework.life.fleet import Fleet
from gatework.life.signals import Signals

ALIKE = 0.05
"""The share by which errors differ at most where neither model is called the better one."""

RIDGE = 10.0
"""What is added to the squares of the standardised signals, so that alike ones share a weight."""


@dataclass(frozen=True)
class HeldOut:
    """How far off predictions were after every cycle of units held out, in cycles.

    Attributes:
        units: how many were held out.
        rmse: of the networks.
        linear_rmse: of a ridge regression on the same signals.
        mean_rmse: of the mean life left, always.
    """

    units: int
    rmse: float
    linear_rmse: float
    mean_rmse: float

    @property
    def simple(self) -> tuple[str, float]:
        """Return the better of the two simple models, and how far off it was."""
        if self.mean_rmse < self.linear_rmse:
            return "always saying the mean life left", self.mean_rmse
        return "a linear model of the same signals", self.linear_rmse

    @property
    def winner(self) -> str:
        """Return "simple" where a simple model is better, "alike" within 5 %, and else ""."""
        other = self.simple[1]
        if abs(self.rmse - other) <= ALIKE * max(self.rmse, other):
            return "alike"
        return "simple" if other < self.rmse else ""

    def sentence(self) -> str:
        """Return how far off they were, and which is better.

        Example:
            >>> HeldOut(4, 9.0, 18.5, 37.0).sentence()
            'on 4 units held out: RMSE 9.00 cycles, a linear model of the same signals 18.50'
            >>> HeldOut(4, 19.9, 18.5, 37.0).sentence().split(": ")[-1]
            'it is better than the network'
        """
        name, other = self.simple
        how = {"simple": ": it is better than the network", "alike": ": about as good", "": ""}
        told = f"RMSE {self.rmse:.2f} cycles, {name} {other:.2f}"
        return f"on {counted(self.units, 'unit')} held out: {told}{how[self.winner]}"


def linear_life(
    seen: Fleet, left: list[np.ndarray], asked: Fleet, signals: Signals, cap: float
) -> np.ndarray:
    """Return the life left after every cycle of units, by ridge regression on the signals.

    Args:
        seen: units that failed.
        left: their capped lives left, (cycles) each.
        asked: other units.
        signals: of the units seen.
        cap: most cycles that are predicted.

    Returns:
        (cycles of all units), from 0 to cap.

    Source: Hoerl and Kennard 1970, doi 10.1080/00401706.1970.10488634.
    """
    known = np.concatenate([signals.all(one) for one in seen.select(signals.names).histories])
    mean, deviation = known.mean(axis=0), np.maximum(known.std(axis=0), 1e-6)
    x, y = (known - mean) / deviation, np.concatenate(left)
    weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ (y - y.mean()))
    others = np.concatenate([signals.all(one) for one in asked.select(signals.names).histories])
    return np.clip((others - mean) / deviation @ weights + y.mean(), 0.0, cap)
