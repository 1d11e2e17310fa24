"""What mattered: a result attributed to the inputs of every step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from gatework.checks import is_whole
from gatework.errors import OptionError, counted
from gatework.examine.run import Run

NODES = 64


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each input of each step added to a result.

    Attributes:
        values: (T, S), the share of every input in ``result - baseline_result``.
        step, result_index: which result, of which step.
        result, baseline_result: with the inputs as they are, and with the baseline.
    """

    values: np.ndarray
    step: int
    result_index: int
    result: float
    baseline_result: float

    @property
    def gap(self) -> float:
        """What the shares lack of what they should sum to: the error of the integral."""
        return float(self.result - self.baseline_result - self.values.sum())


def integrated_gradients(
    run: Run,
    *,
    step: int = -1,
    result: int = 0,
    baseline: np.ndarray | None = None,
    nodes: int = NODES,
) -> Attribution:
    """Return the integrated gradients of a result by the model's raw inputs.

    Equations:
        values = (x - x') * integral over a from 0 to 1 of d F(x' + a (x - x')) / d x
        by Gauss-Legendre quadrature with ``nodes`` nodes

    Args:
        run: a network over a sequence.
        step: of the result; -1 is the last.
        result: which of the results.
        nodes: from 2 to 1000.
        baseline: x', (S,) or (T, S); the mean of each input over the sequence when not given.

    Raises:
        OptionError: there is no such step or result, or the baseline does not fit.

    Source: Sundararajan, Taly, Yan 2017, arXiv:1703.01365, eq. 1.
    """
    run = run.in_torch()
    T, _, S = run.raw.shape
    count = run.output.shape[1]
    if not -T <= step < T or not 0 <= result < count:
        raise OptionError(
            f"there is no result {result} at step {step}: the run has {counted(T, 'step')} "
            f"with {count} results each",
            hint="step=-1, result=0",
        )
    if not is_whole(nodes, 2, 1000):
        raise OptionError(f"nodes must be from 2 to 1000, got {nodes!r}")
    step %= T
    x = run.raw.detach()
    start = x.mean(dim=0, keepdim=True).expand_as(x)
    if baseline is not None:
        given = torch.as_tensor(np.asarray(baseline, np.float64), dtype=x.dtype)
        if given.shape not in ((S,), (T, S)):
            raise OptionError(
                f"baseline must have the shape ({S},) or ({T}, {S}), got {tuple(given.shape)}"
            )
        start = given.expand(T, S).unsqueeze(1)
    # What comes after the step cannot matter to a network that reads forward.
    stop = T if run.network.bidirectional else step + 1
    places, weights = np.polynomial.legendre.leggauss(nodes)
    total = torch.zeros(stop, 1, S, dtype=torch.float64)
    for place, weight in zip((places + 1) / 2, weights / 2, strict=True):
        point = (start + float(place) * (x - start))[:stop].clone().requires_grad_(True)
        with torch.enable_grad():
            (gradient,) = torch.autograd.grad(run.again(point)[step, result], point)
        total += float(weight) * gradient.double()
    with torch.no_grad():
        ends = [float(run.again(end[:stop])[step, result]) for end in (x, start)]
    shares = np.zeros((T, S))
    shares[:stop] = ((x - start)[:stop].double() * total)[:, 0].numpy()
    return Attribution(shares, step, result, ends[0], ends[1])
