"""How far a loss reaches back: gradients by the hidden states of earlier steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gatework.errors import OptionError
from gatework.examine.network_run import NetworkRun, over_time
from gatework.examine.run import Run
from gatework.network import RNN, Trace
from gatework.train import seeded

ORIGINS = 12
"""Steps whose loss is followed back; the sizes are averaged over them."""
VANISHED = 1e-3
"""Share of the gradient at its own step below which it counts as vanished."""
EXPLODED = 10.0
"""Times the gradient at its own step above which it counts as exploded."""


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The size of d loss_t / d hidden_{t-k}, for each layer.

    Attributes:
        sizes: (layers, K + 1), root of the mean square over the origins of the gradient's norm, by
            how many steps k it went back.
        origins: the steps t that it was averaged over.
    """

    sizes: np.ndarray
    origins: tuple[int, ...]

    @property
    def relative(self) -> np.ndarray:
        """The sizes relative to k = 0, (layers, K + 1)."""
        return self.sizes / np.maximum(self.sizes[:, :1], 1e-300)

    def reach(self, layer: int) -> int:
        """Return after how many steps back the gradient has vanished; K + 1 where it has not."""
        gone = np.flatnonzero(self.relative[layer] < VANISHED)
        return int(gone[0]) if len(gone) else self.sizes.shape[1]

    def exploded(self, layer: int) -> bool:
        """Return whether the gradient grows beyond EXPLODED times its size at its own step."""
        return bool((self.relative[layer] > EXPLODED).any())


def gradient_flow(run: Run, *, most: int = 60, origins: int = ORIGINS) -> GradientFlow:
    """Return how gradients flow back through the network.

    The loss of a step is half the sum of the squared results of that step, differentiated by the
    hidden state of each layer at earlier steps, on every way from there: through time, and through
    the layers above. A step's own gradient counts as k = 0.

    Equations:
        size_k = sqrt(mean over t of |d loss_t / d h_{t-k}|^2)

    Raises:
        OptionError: the network reads in both directions, or the sequence has one step.

    Source: Hochreiter et al. 2001, "Gradient flow in recurrent nets: the difficulty of learning
        long-term dependencies"; Pascanu, Mikolov, Bengio 2013, arXiv:1211.5063, eqs. 3 to 5.
    """
    run = run.in_torch()
    network = run.network
    if network.bidirectional:
        raise OptionError(
            "gradients over time are shown for networks that read forward only: in the other "
            "direction a step depends on what comes later",
            hint="memory, saturation and attribution are shown for both directions",
        )
    length = len(run)
    depth = min(most, length - 1)
    if depth < 1:
        raise OptionError("the sequence has one step, and gradients flow from step to step")
    # Only the last part is followed back, from the state in which the rest left the network.
    first = max(0, length - depth - max(origins, 1) * 4)
    tail, raw, start = run.inputs[first:], run.raw[first:], run.start
    if first:
        with torch.no_grad():
            _, start = network(over_time(network, run.inputs[:first]), run.start)
    with torch.enable_grad():
        inputs = tail.detach().clone().requires_grad_(True)
        output, _, trace = network(over_time(network, inputs), start, trace="steps")
        results = run.finish(over_time(network, output), raw)
        chosen = np.unique(np.linspace(depth, len(tail) - 1, origins).astype(int))
        told = [t for t in chosen if not results[t].isnan().any()]
        chosen = told or chosen  # a module that answers once says nothing before the last step
        squares = np.zeros((network.num_layers, depth + 1))
        for t in chosen:
            squares += _one(results[t], trace, int(t), depth)
    return GradientFlow(np.sqrt(squares / len(chosen)), tuple(int(t) + first for t in chosen))


def _one(result: Tensor, trace: Trace, t: int, depth: int) -> np.ndarray:
    """Return |d loss_t / d h_{t-k}|^2 for each layer and k, (layers, depth + 1)."""
    layers = [row[0].steps for row in trace.layers]
    wanted = [steps[t - k].state.hidden for steps in layers for k in range(depth + 1)]
    loss = 0.5 * result.square().sum()
    gradients = torch.autograd.grad(loss, wanted, retain_graph=True, allow_unused=True)
    norms = [0.0 if g is None else float(g.double().square().sum()) for g in gradients]
    return np.array(norms).reshape(len(layers), depth + 1)


def plain_rnn_like(run: Run, seed: int = 0) -> NetworkRun:
    """Return a run of an untrained plain RNN of the same sizes over the same input."""
    run = run.in_torch()
    network = run.network
    with seeded(seed):
        plain = RNN(network.input_size, list(network.hidden_sizes))
    plain = plain.to(next(network.parameters()).dtype).eval()
    return NetworkRun(
        network=plain,
        raw=run.inputs,
        values=run.values,
        names=run.names,
        features=tuple(f"input {n}" for n in range(network.input_size)),
        labels=run.labels,
        layers=tuple(plain.layer_summary()),
        title="RNN",
    )
