"""The native operator's run again on the reference path, for gradients of gradients.

They are taken through the equations themselves, differentiably.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from gatework.cell import GATES, CellState, DropoutMasks, Gates, Weights
from gatework.cell.cells import step
from gatework.kernels import layout, reference
from gatework.kernels.arguments import DIFFERENTIABLE, WEIGHTS, Arguments, kept


class GivenCell:
    """A cell made of an operator's arguments: weights and masks are given, none is drawn."""

    def __init__(self, arguments: Arguments) -> None:
        self._given = arguments
        self.output_size = arguments.h0.shape[1]
        self._coupled = arguments.weight_ih.shape[0] < len(GATES) * arguments.c0.shape[1]

    def run_weights(self) -> Weights:
        """Return the given weights."""
        return Weights(*(getattr(self._given, name) for name in WEIGHTS))

    def run_masks(self, steps: int, batch: int, like: Tensor) -> DropoutMasks:
        """Return the given masks, or rates where there is no mask."""
        a = self._given
        cell = a.zoneout_cell_mask if a.zoneout_cell_mask is not None else a.zoneout_cell or None
        hidden = (
            a.zoneout_hidden_mask if a.zoneout_hidden_mask is not None else a.zoneout_hidden or None
        )
        return DropoutMasks(a.hidden_mask, a.candidate_mask, cell, hidden)

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: DropoutMasks, t: int
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
    gates = [torch.stack(s.gates, dim=1) for s in steps if s.gates is not None]
    if valid is not None:
        gates = [gate * valid[t].unsqueeze(-1) for t, gate in enumerate(gates)]
    saved = {
        "gates": gates,
        "cells": [s.state.cell for s in steps if s.state.cell is not None],
        "normalisers": [s.state.normaliser for s in steps if s.state.normaliser is not None],
        "stabilisers": [s.state.stabiliser for s in steps if s.state.stabiliser is not None],
    }
    return (found.output, *ends, layout.join(a, saved))


def double_backward(ctx: Any, *gradients: Tensor | None) -> tuple[Any, ...]:
    """Differentiate the backward run, of which ``keep_all`` kept the arguments.

    Its own inputs y and saved are functions of the others, so no gradient flows into them.
    """
    _, values = kept(ctx)
    incoming, a = values[:6], Arguments(*values[8:-2])
    to_incoming, to_arguments = _twice(a, incoming, gradients)
    return (*to_incoming, None, None, *to_arguments, None, None)


def _twice(
    a: Arguments,
    incoming: Sequence[Tensor | None],
    gradients: Sequence[Tensor | None],
) -> tuple[list[Tensor | None], list[Tensor | None]]:
    """Return the gradients of the backward operator's inputs.

    Args:
        a: the forward run's arguments.
        incoming: what flowed into backward: gradients of y, h, c, n, m and the saved values.
        gradients: of what backward returned, in its order.
    """
    vjp: Any = torch.func.vjp
    flowing = [place for place, gradient in enumerate(incoming) if gradient is not None]
    sources = [place for place in DIFFERENTIABLE if a[place] is not None]
    asked = [g for place, g in zip(DIFFERENTIABLE, gradients, strict=True) if a[place] is not None]

    def outputs(*given: Tensor) -> tuple[Tensor, ...]:
        values: list[Any] = list(a)
        for place, tensor in zip(sources, given, strict=True):
            values[place] = tensor
        found = run(Arguments(*values))
        return tuple(found[place] for place in flowing)

    def first(given: tuple[Tensor, ...], into: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        _, pull = vjp(outputs, *given)
        return pull(into)

    given: tuple[Any, ...] = tuple(a[place] for place in sources)
    into: tuple[Any, ...] = tuple(incoming[place] for place in flowing)
    firsts, pull = vjp(first, given, into)
    to_sources, to_incoming = pull(
        tuple(
            torch.zeros_like(one) if g is None or not g.numel() else g
            for one, g in zip(firsts, asked, strict=True)
        )
    )
    result: list[Tensor | None] = [None] * (len(incoming) + len(a))
    for place, gradient in zip(flowing, to_incoming, strict=True):
        result[place] = gradient
    for place, gradient in zip(sources, to_sources, strict=True):
        result[len(incoming) + place] = gradient
    return result[: len(incoming)], result[len(incoming) :]
