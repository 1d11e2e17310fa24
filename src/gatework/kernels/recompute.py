"""The native operator's run again on the reference path, for gradients of gradients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gatework.cell import CellState, Gates, Masks, Weights
from gatework.cell.cells import step
from gatework.kernels import reference
from gatework.kernels.operators import DIFFERENTIABLE, WEIGHTS, Arguments, saved_length


class GivenCell:
    """A cell made of an operator's arguments: weights and masks are given, none is drawn."""

    def __init__(self, arguments: Arguments) -> None:
        self._given = arguments
        self.output_size = arguments.h0.shape[1]
        self._coupled = arguments.weight_ih.shape[0] == 3 * arguments.c0.shape[1]

    def run_weights(self) -> Weights:
        """Return the given weights."""
        return Weights(*(getattr(self._given, name) for name in WEIGHTS))

    def run_masks(self, steps: int, batch: int, like: Tensor) -> Masks:
        """Return the given masks, or rates where there is no mask."""
        a = self._given
        cell = a.zoneout_cell_mask if a.zoneout_cell_mask is not None else a.zoneout_cell or None
        hidden = (
            a.zoneout_hidden_mask if a.zoneout_hidden_mask is not None else a.zoneout_hidden or None
        )
        return Masks(a.hidden_mask, a.candidate_mask, cell, hidden)

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: Masks, t: int
    ) -> tuple[CellState, Gates | None]:
        """Advance by one step of the equations."""
        return step(
            a, state, w, masks, t, coupled=self._coupled, exponential=state.normaliser is not None
        )


def run(a: Arguments) -> tuple[Tensor, ...]:
    """Return what the operator returns, computed by the equations, differentiably."""
    T = a.x.shape[0]
    valid = None
    if a.lengths is not None:
        times = torch.arange(T, device=a.x.device).unsqueeze(1)
        valid = (times < a.lengths).unsqueeze(-1)
    start = CellState(a.h0, a.c0, a.n0, a.m0)
    found = reference.run(GivenCell(a), a.x, start, valid=valid, reverse=a.reverse, trace=True)
    steps = found.steps or ()
    empty = a.x.new_empty(0)
    ends = [empty if part is None else part for part in found.state]
    kept: list[Tensor] = []
    if a.save >= 2:
        gates = [torch.stack(s.gates, dim=1) for s in steps if s.gates is not None]
        kept += [
            gate if valid is None else gate * valid[t].unsqueeze(-1) for t, gate in enumerate(gates)
        ]
    if a.save >= 1:
        kept += [s.state.cell for s in steps if s.state.cell is not None]
        kept += [s.state.normaliser for s in steps if s.state.normaliser is not None]
        kept += [s.state.stabiliser for s in steps if s.state.stabiliser is not None]
    flat = torch.cat([empty, *(part.reshape(-1) for part in kept)])
    rest = flat.new_zeros(saved_length(a) - flat.numel())
    return (found.output, *ends, torch.cat([flat, rest]))


def double_backward(
    a: Arguments,
    incoming: Sequence[Tensor | None],
    gradients: Sequence[Tensor | None],
    needed: Sequence[bool],
) -> tuple[list[Tensor | None], list[Tensor | None]]:
    """Return the gradients of the backward operator's inputs.

    Args:
        a: the forward run's arguments.
        incoming: what flowed into backward: gradients of y, h, c, n, m and the saved values.
        gradients: of what backward returned, in its order.
        needed: whether a gradient is wanted, for each of ``incoming`` and then of ``a``.
    """
    with torch.enable_grad():
        b = Arguments(*(_leaf(value) for value in a))
        flowing: list[Any] = [_leaf(value) for value in incoming]
        outputs = run(b)
        sources: list[Any] = [b[place] for place in DIFFERENTIABLE]
        reached = [i for i, g in enumerate(flowing) if g is not None and outputs[i].requires_grad]
        firsts = torch.autograd.grad(
            [outputs[i] for i in reached],
            [source for source in sources if source is not None],
            [flowing[i] for i in reached],
            create_graph=True,
            materialize_grads=True,
        )
        asked = [g for source, g in zip(sources, gradients, strict=True) if source is not None]
        ends = [
            (first, g)
            for first, g in zip(firsts, asked, strict=True)
            if g is not None and g.numel() and first.requires_grad
        ]
        targets: list[Any] = [*flowing, *b]
        wanted = [
            i
            for i, need in enumerate(needed)
            if need and isinstance(targets[i], Tensor) and targets[i].requires_grad
        ]
        result: list[Tensor | None] = [None] * len(targets)
        if ends and wanted:
            seconds = torch.autograd.grad(
                [first for first, _ in ends],
                [targets[i] for i in wanted],
                [g for _, g in ends],
                allow_unused=True,
            )
            for place, gradient in zip(wanted, seconds, strict=True):
                result[place] = gradient
    return result[:6], result[6:]


def _leaf(value: Any) -> Any:
    if not isinstance(value, Tensor):
        return value
    return value.detach().requires_grad_(value.is_floating_point())
