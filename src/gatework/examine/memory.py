"""How long each unit remembers, and how long the data ask it to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatework.errors import OptionError
from gatework.examine.run import Run

LEAST_KEPT = 0.5
FOREVER = 1e6
"""Half-lives are not told beyond this many steps: the gate is as good as open for ever."""


@dataclass(frozen=True, eq=False)
class Memory:
    """How long the units of a layer and direction remember.

    Attributes:
        layer, direction: which.
        half_life: (units,), steps after which half of a cell's content is left, on average.
        kept: (D + 1, units), mean share of a cell's content that is left after 0 to D steps.
    """

    layer: int
    direction: str
    half_life: np.ndarray
    kept: np.ndarray


def memory_of(run: Run, layer: int, direction: str = "forward", *, most: int = 200) -> Memory:
    """Return how long the units of a layer remember.

    Equations:
        kept_d = mean over t of f_{t+1} f_{t+2} ... f_{t+d}
        half-life = log(1/2) / mean over t of log f_t

    Content of a cell is multiplied by the forget gate at every step, so the product of the gates
    is the share that is left of what was there; the half-life is that of the geometric mean.
    With exponential gating the share is that of the cell relative to its normaliser:
    f_t n_{t-1} / n_t.

    Shapes:
        ``most``: D, at most T - 1.

    Raises:
        OptionError: the network has no forget gate, or there is no such layer.
    """
    gate = kept_each_step(run, layer, direction)
    if direction == "reverse":
        gate = gate[::-1]
    logs = np.log(np.clip(gate, 1e-30, None))
    # The first step forgets the initial state, which says nothing.
    rate = logs[1:].mean(axis=0) if len(logs) > 1 else logs[0]
    half_life = np.minimum(np.log(LEAST_KEPT) / np.minimum(rate, -1e-12), FOREVER)
    depth = min(most, len(gate) - 1)
    sums = np.concatenate([np.zeros((1, gate.shape[1])), np.cumsum(logs, axis=0)])
    kept = np.ones((depth + 1, gate.shape[1]))
    for steps in range(1, depth + 1):
        # From after step t to after step t + d: the gates of steps t + 1 to t + d.
        kept[steps] = np.exp(sums[1 + steps :] - sums[1:-steps]).mean(axis=0)
    return Memory(layer, direction, half_life, kept)


def kept_each_step(run: Run, layer: int, direction: str = "forward") -> np.ndarray:
    """Return the share of a cell's content that each step keeps, (T, units).

    Raises:
        OptionError: the network has no forget gate.
    """
    cell = run.cell(layer, direction)
    if "forget_gate" not in cell:
        raise OptionError("a plain RNN has no forget gate and no memory cell", hint="use an LSTM")
    gate = cell["forget_gate"]
    if "normaliser" not in cell:
        return gate
    n = cell["normaliser"]
    order = slice(None, None, -1) if direction == "reverse" else slice(None)
    n, gate = n[order], gate[order]
    before = np.concatenate([np.zeros((1, n.shape[1])), n[:-1]])
    share = gate * before / np.maximum(n, 1e-30)
    return np.clip(share, 0.0, 1.0)[order]


def needed_memory(run: Run) -> int | None:
    """Return how many steps the data ask a network to remember; None where nothing is seen."""
    if run.text is not None or not run.values.size:
        return None
    seen = longest_dependency(run.values)
    return max(seen or 0, run.season if run.season > 1 else 0) or None


def longest_dependency(values: np.ndarray) -> int | None:
    """Return the longest lag at which a series still depends on itself; None where none is seen.

    That is the largest lag, up to a third of the series, at which the partial autocorrelation is
    beyond 3 / sqrt(n) and the autocorrelation beyond 2 / sqrt(n) as well. Series of several
    columns: the largest of them.

    Shapes:
        values: (T,) or (T, V), finite.

    Example:
        >>> season = np.tile([0.0, 0.0, 0.0, 5.0, 0.0, 0.0, 0.0], 30)
        >>> longest_dependency(season + np.random.default_rng(0).normal(0, 1, 210)) >= 7
        True

    Source: the recursion of Durbin 1960 and Levinson 1947 for partial autocorrelations.
    """
    columns = values[:, None] if values.ndim == 1 else values
    found = [lag for column in columns.T if (lag := _longest(column)) is not None]
    return max(found, default=None)


def _longest(series: np.ndarray) -> int | None:
    n = len(series)
    centred = series - series.mean()
    power = float(centred @ centred)
    most = min(n // 3, 400)
    if n < 16 or power <= 1e-12 * n:
        return None
    auto = np.array([float(centred[: n - lag] @ centred[lag:]) / power for lag in range(most + 1)])
    partial = _partial(auto)
    bound = 1 / np.sqrt(n)
    seen = np.flatnonzero((np.abs(partial) > 3 * bound) & (np.abs(auto) > 2 * bound))
    seen = seen[seen > 0]
    return int(seen[-1]) if len(seen) else None


def _partial(auto: np.ndarray) -> np.ndarray:
    """Return partial autocorrelations from autocorrelations."""
    partial = np.zeros_like(auto)
    partial[0] = 1.0
    weights = np.zeros(0)
    error = 1.0
    for lag in range(1, len(auto)):
        reflection = (auto[lag] - weights @ auto[lag - 1 : 0 : -1]) / max(error, 1e-12)
        reflection = float(np.clip(reflection, -1.0, 1.0))
        weights = np.append(weights - reflection * weights[::-1], reflection)
        error *= 1 - reflection**2
        partial[lag] = reflection
    return partial
