"""The native operator's run again on the reference path, for gradients of gradients."""

from __future__ import annotations

from collections.abc import Sequence

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
    T, B = a.x.shape[:2]
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
        values = [
            v.detach().requires_grad_(v.is_floating_point()) if isinstance(v, Tensor) else v
            for v in a
        ]
        b = Arguments(*values)
        flowing = [None if v is None else v.detach().requires_grad_() for v in incoming]
        outputs = run(b)
        pairs = [
            (o, g)
            for o, g in zip(outputs, flowing, strict=True)
            if g is not None and o.requires_grad
        ]
        sources = [b[place] for place in DIFFERENTIABLE]
        present = [s for s in sources if s is not None]
        first = torch.autograd.grad(
            [o for o, _ in pairs],
            present,
            [g for _, g in pairs],
            create_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
        by_source = iter(first)
        firsts = [None if s is None else next(by_source) for s in sources]
        ends = [
            (f, g)
            for f, g in zip(firsts, gradients, strict=True)
            if f is not None and g is not None and g.numel() and f.requires_grad
        ]
        targets = [*flowing, *b]
        wanted = [
            i
            for i, (t, need) in enumerate(zip(targets, needed, strict=True))
            if need and isinstance(t, Tensor)
        ]
        found = (
            torch.autograd.grad(
                [f for f, _ in ends],
                [targets[i] for i in wanted],
                [g for _, g in ends],
                create_graph=torch.is_grad_enabled(),
                allow_unused=True,
            )
            if ends and wanted
            else ()
        )
    result: list[Tensor | None] = [None] * len(targets)
    for place, gradient in zip(wanted, found, strict=False):
        result[place] = gradient
    return result[:6], result[6:]
