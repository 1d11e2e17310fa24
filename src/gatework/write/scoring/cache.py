"""The neural cache: what followed when the network was last in such a state is likely again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.checks import below, checked, is_whole, must, refuse, wrong_fields

MOST_WINDOW = 10**6


_WINDOW = must(
    f"a whole number from 1 to {MOST_WINDOW:,}", lambda size: is_whole(size, 1, MOST_WINDOW)
)


@dataclass(frozen=True)
class NeuralCache:
    """A memory of the last hidden states, each with the token that followed it.

    Equations (h_t the hidden state after token x_t):

        p_cache(w) ~ sum over i in the window, where x_{i+1} = w, of exp(theta h_t . h_i)
        p(w) = (1 - share) p_network(w) + share p_cache(w)

    Args:
        theta: how much a state must resemble; at 0 all remembered tokens count alike.
        share: lambda of the paper, how much the memory weighs; 0 is plain scoring.
        window: how many states are remembered.

    Raises:
        OptionError: naming all arguments that are out of range.

    Source: Grave, Joulin, Usunier 2017, arXiv:1612.04426, equations 2 and 3.
    """

    theta: float = checked(0.3, below(0, 1000))
    share: float = checked(0.1, below(0, 1))
    window: int = checked(2000, _WINDOW)

    def __post_init__(self) -> None:
        refuse(wrong_fields(self), "a neural cache is not possible so: ")


class CacheMemory:
    """The states that a neural cache remembers while a text is read."""

    def __init__(self, settings: NeuralCache) -> None:
        self._settings = settings
        self._states = np.zeros((0, 0), np.float32)
        self._followers = np.zeros(settings.window, np.int64)
        self._seen = 0

    def mixed(self, logs: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        """Return the log-probabilities with the memory mixed in, (V), float64.

        Shapes:
            logs: (V). hidden: (O), the state now.
        """
        settings = self._settings
        logs = logs.astype(np.float64)
        kept = min(self._seen, settings.window)
        if not kept or not settings.share:
            return logs
        alike = settings.theta * (self._states[:kept] @ hidden).astype(np.float64)
        weights = np.exp(alike - alike.max())
        followed = np.bincount(self._followers[:kept], weights, len(logs)) / weights.sum()
        with np.errstate(divide="ignore"):  # what neither foresees stays impossible
            return np.log((1 - settings.share) * np.exp(logs) + settings.share * followed)

    def add(self, hidden: np.ndarray, follower: int) -> None:
        """Remember a state (O) and the token that followed it; the oldest one gives way."""
        place = self._seen % self._settings.window
        if place >= len(self._states) and self._seen < self._settings.window:
            # Grows as it fills: a short text takes no more memory than it has states.
            size = min(self._settings.window, max(64, 2 * len(self._states)))
            grown = np.zeros((size, len(hidden)), np.float32)
            grown[: len(self._states)] = self._states.reshape(-1, len(hidden))
            self._states = grown
        self._states[place] = hidden
        self._followers[place] = follower
        self._seen += 1
