"""Networks that read and write tokens: what is in front of the layers and behind them, in numpy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np

from gatework.errors import DataError
from gatework.runtime.choose import ChoiceSettings, choose
from gatework.runtime.equations import project_input
from gatework.runtime.reference.network import ArrayLinear, ArrayNetwork, Kept, Runner
from gatework.runtime.words import END

MOST_LOOKED_UP = 1 << 24
"""The most values of a table of the first cell's products; more are multiplied at each step."""

VALUES_AT_ONCE = 1 << 20
"""Log-probabilities that are held at once."""


class TokenNetwork(ArrayNetwork):
    """A network that may also have a vocabulary in front of its layers and behind them."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.words = 0
        self.embedding: np.ndarray | None = None
        self.table: np.ndarray | None = None
        self.scores: ArrayLinear | None = None
        self.tails: list[tuple[ArrayLinear, ArrayLinear]] = []

    def add_words(self, embedding: np.ndarray) -> None:
        """Begin a network of words with their embedding (V, E), before any cell."""
        self.add_member()
        self.words, self.embedding = len(embedding), embedding.copy()

    def add_cell(self, weight_ih: np.ndarray, *arguments: Any, **options: Any) -> None:
        """Begin a layer with a cell; what the first one makes of each word is kept, if small."""
        super().add_cell(weight_ih, *arguments, **options)
        small = self.words * len(weight_ih) <= MOST_LOOKED_UP
        if self.embedding is None or len(self.members[0].layers) > 1 or not small:
            return
        [cell] = self.members[0].layers[0]
        exact = cell.widened() | {"weight_ih": weight_ih}
        self.table, self.embedding = project_input(self.embedding, exact), None

    def add_scores(self, weight: np.ndarray, bias: np.ndarray | None = None) -> None:
        """End it with the scores of all words, or of the frequent ones and each tail."""
        self.scores = ArrayLinear(Kept.of(weight, self.storage), bias)

    def add_tail(self, inner: np.ndarray, outer: np.ndarray) -> None:
        """Add the scores of rarer words, through inner (n, O) and outer (words, n)."""
        kept = [ArrayLinear(Kept.of(weight, self.storage)) for weight in (inner, outer)]
        self.tails.append((kept[0], kept[1]))

    @property
    def packed_bytes(self) -> int:
        """What all weights take."""
        linear = [one for one in (self.scores, *chain(*self.tails)) if one is not None]
        arrays = [array for array in (self.embedding, self.table) if array is not None]
        kept = sum(one.weight.bytes for one in linear)
        return super().packed_bytes + kept + sum(array.nbytes for array in arrays)

    def run_tokens(
        self,
        tokens: np.ndarray,
        targets: np.ndarray | None,
        states: np.ndarray,
        logs: np.ndarray,
        ended: np.ndarray,
        threads: int = 1,
    ) -> None:
        """Read tokens (T, B), states into ended (B, S); on one thread.

        logs: (T, B) of the targets (T, B), or (T * B, V) of all words.
        """
        runner, (T, B) = TokenRunner(self), tokens.shape
        at_once = max(1, VALUES_AT_ONCE // max(1, B * self.words))
        ended[...] = states
        for first in range(0, T, at_once):
            part = slice(first, min(first + at_once, T))
            found, _ = runner.run(tokens[part], ended)
            if targets is None:
                logs[first * B : part.stop * B] = found.reshape(-1, found.shape[-1])
            else:
                logs[part] = np.take_along_axis(found, targets[part, :, None], axis=-1)[..., 0]

    def token_stepper(self, rows: int) -> ArrayTokenStepper:
        """Return a stepper of some rows of tokens; their state is not set."""
        return ArrayTokenStepper(self, rows)


class TokenRunner:
    """A network of words with its weights as they are multiplied."""

    def __init__(self, network: TokenNetwork) -> None:
        self._network, self._runner = network, Runner(network)

    def run(self, tokens: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return log-probabilities after tokens (T, B), (T, B, V), and what the head was handed.

        The states (B, S) are moved on.
        """
        network, before = self._network, states.copy()
        x = tokens if network.embedding is None else network.embedding[tokens]
        given = None if network.table is None else network.table[tokens]
        hidden = self._runner.after(x, given, before, states)
        with np.errstate(all="ignore"):
            return self._logs(hidden), hidden

    def _logs(self, hidden: np.ndarray) -> np.ndarray:
        """Return the log-probabilities of all words; rare ones are told within their cluster."""
        head, tails = self._network.scores, self._network.tails
        if head is None:
            raise ValueError("the network of words is not whole")
        logs = _normalised(head(hidden))
        if not tails:
            return logs
        common = head.outputs - len(tails)
        inside = [
            _normalised(outer(inner(hidden))) + logs[..., common + i, None]
            for i, (inner, outer) in enumerate(tails)
        ]
        return np.concatenate([logs[..., :common], *inside], axis=-1)


class ArrayTokenStepper:
    """Rows of tokens, from the state where they stand."""

    def __init__(self, network: TokenNetwork, rows: int) -> None:
        self._network, self._runner = network, TokenRunner(network)
        self._states = np.empty((rows, network.state_size), network.dtype)
        self._hidden = self._nothing(rows)
        self._busy = threading.Lock()

    def step(self, tokens: np.ndarray, logs: np.ndarray) -> None:
        """Read tokens (B); log-probabilities of the next into logs (B, V)."""
        with self._alone():
            shape, dtype = (len(self._states), self._network.words), self._network.dtype
            if logs.shape != shape or logs.dtype != dtype or not logs.flags.carray:
                raise ValueError("the array of log-probabilities does not fit the network")
            self._check(tokens)
            logs[...] = self._step(tokens)

    def write(
        self,
        tokens: np.ndarray,
        recent: np.ndarray,
        draws: np.ndarray,
        chosen: np.ndarray,
        settings: tuple[float, int, float, float, float, float],
        forbid_unknown: bool,
        allow_end: bool,
    ) -> int:
        """Read tokens (B), choose by draws (B, N) and recent (B, W) into chosen (B, N).

        settings: temperature, top_k, top_p, min_p, typical, penalty; 0 leaves a filter out.
        Returns the row whose log-probabilities are not numbers, else -1.
        """
        temperature, k, p, share, typical, penalty = settings
        asked = (k or None, p or None, share or None, typical or None)
        choice = ChoiceSettings(temperature, *asked, penalty, forbid_unknown)
        with self._alone():
            self._check(tokens)
            chosen[...] = END
            came, window = np.concatenate([recent, chosen], axis=1), recent.shape[1]
            following, ended = tokens.copy(), np.zeros(len(tokens), bool)
            for n in range(draws.shape[1]):
                if ended.all():
                    break
                logs = self._step(following)
                for b in np.flatnonzero(~ended):
                    lately = came[b : b + 1, n : window + n]
                    try:
                        token = choose(
                            logs[b : b + 1],
                            choice,
                            draws[b : b + 1, n],
                            recent=lately,
                            allow_end=allow_end,
                        )[0]
                    except DataError:  # one is not a number
                        return int(b)
                    came[b, window + n] = following[b] = chosen[b, n] = token
                    ended[b] = token == END
        return -1

    def keep(self, rows: np.ndarray) -> None:
        """Go on with these rows."""
        with self._alone():
            self._states = self._states[rows]
            self._hidden = self._nothing(len(rows))

    def hidden(self, out: np.ndarray) -> None:
        """Write what the last step handed to the head into (B, O)."""
        out[...] = self._hidden

    def read(self, states: np.ndarray) -> None:
        """Write the state of all rows into (B, S)."""
        states[...] = self._states

    def set(self, states: np.ndarray) -> None:
        """Set the state of all rows from (B, S)."""
        with self._alone():
            self._states[...] = states

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._busy.acquire(blocking=False):
            raise RuntimeError("another thread is in a step of this stepper")
        try:
            yield
        finally:
            self._busy.release()

    def _check(self, tokens: np.ndarray) -> None:
        sound = isinstance(tokens, np.ndarray) and tokens.dtype == np.int64
        if not sound or tokens.shape != self._states.shape[:1]:
            raise ValueError("the tokens do not fit the rows")
        if tokens.size and not (tokens.min() >= 0 and tokens.max() < self._network.words):
            raise IndexError("a token is not in the vocabulary")

    def _step(self, tokens: np.ndarray) -> np.ndarray:
        logs, hidden = self._runner.run(tokens[None], self._states)
        self._hidden = hidden[0]
        return logs[0]

    def _nothing(self, rows: int) -> np.ndarray:
        return np.zeros((rows, self._network.output_size), self._network.dtype)


def _normalised(scores: np.ndarray) -> np.ndarray:
    """Return scores (..., n) as log-probabilities."""
    most = scores.max(axis=-1, keepdims=True)
    return scores - (most + np.log(np.exp(scores - most).sum(axis=-1, keepdims=True)))
