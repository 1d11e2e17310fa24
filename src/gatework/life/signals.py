"""What the network sees of the sensors: standardised, and smoothed at several rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.life.fleet import Fleet

RATES = (0.3, 0.1, 0.04)
"""Of the exponentially weighted means: wear shows over tens of cycles, noise in each."""

CYCLES = 200.0
"""What the number of cycles is divided by."""


@dataclass(frozen=True, eq=False)
class Signals:
    """How sensors become signals; fitted to training units alone.

    Columns that do not vary among them say nothing and are left out.

    Attributes:
        names: columns in use. mean, deviation: of them, (S,).
    """

    names: tuple[str, ...]
    mean: np.ndarray
    deviation: np.ndarray

    @classmethod
    def of(cls, fleet: Fleet) -> Signals:
        """Return the signals of a fleet."""
        rows = np.concatenate(fleet.histories)
        mean, deviation = rows.mean(axis=0), rows.std(axis=0)
        varies = deviation > 1e-6 * np.maximum(1.0, np.abs(mean))
        names = tuple(name for name, used in zip(fleet.names, varies, strict=True) if used)
        return cls(names, mean[varies], deviation[varies])

    @property
    def width(self) -> int:
        """Return the number of signals: sensors, their means, a slope of each, and the age."""
        return len(self.names) * (len(RATES) + 2) + 1

    @property
    def signal_names(self) -> tuple[str, ...]:
        """Return what each signal is called."""
        means = (f"mean of {name}, rate {rate}" for rate in RATES for name in self.names)
        return (*self.names, *means, *(f"slope of {name}" for name in self.names), "cycles run")

    def begin(self) -> SignalState:
        """Return the state of a unit that has not run yet."""
        return SignalState(np.zeros((len(RATES), len(self.names))), 0)

    def step(self, state: SignalState, row: np.ndarray) -> np.ndarray:
        """Return the signals after a cycle, (width,); ``state`` is changed.

        Equations, for the standardised sensor z and each rate r:
            mean_r = mean_r + max(r, 1 / age) (z - mean_r)
            slope = mean_0.1 - mean_0.04
        """
        standard = (row - self.mean) / self.deviation
        state.age += 1
        rates = np.maximum(np.array(RATES), 1 / state.age)[:, None]
        state.means += rates * (standard - state.means)
        slope = state.means[1] - state.means[2]
        return np.concatenate([standard, state.means.ravel(), slope, [state.age / CYCLES]])

    def all(self, history: np.ndarray) -> np.ndarray:
        """Return the signals after every cycle of a unit, (cycles, width) float32."""
        state = self.begin()
        return np.stack([self.step(state, row) for row in history]).astype(np.float32)


@dataclass(eq=False)
class SignalState:
    """Means (rates, S) of a unit and the cycles it has run."""

    means: np.ndarray
    age: int
