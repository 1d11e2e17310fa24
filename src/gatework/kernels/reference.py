"""The reference path: the equations step by step, for every variant, with lengths and traces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from gatework.cell import CellState, DropoutMasks, Gates, Weights
from gatework.cell.equations import project_input


class Steppable(Protocol):
    """What a run needs of a cell."""

    output_size: int

    def run_weights(self) -> Weights:
        """Return the weights for one run."""
        ...

    def run_masks(self, steps: int, batch: int, like: Tensor) -> DropoutMasks:
        """Return the masks for one run."""
        ...

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: DropoutMasks, t: int
    ) -> tuple[CellState, Gates | None]:
        """Advance by one step."""
        ...


class TracedStep(NamedTuple):
    """One step of a run: the state it ends with, and its gates (None for a plain RNN)."""

    state: CellState
    gates: Gates | None

    def get(self, signal: str) -> Tensor | None:
        """Return a gate or a part of the state by its name, None where there is none."""
        found = getattr(self.state, signal, None)
        return getattr(self.gates, signal, None) if found is None else found


class LayerRun(NamedTuple):
    """A layer and direction run over a sequence.

    Shapes:
        output: (T, B, P), zero where the sequence is padded.
        steps: T of them in the order of the input, where a trace was asked for and the path
            computes step by step.
        signals: (T, B, ...) by name, where a trace was asked for and the path does not.
    """

    output: Tensor
    state: CellState
    steps: tuple[TracedStep, ...] | None = None
    signals: Mapping[str, Tensor] | None = None


def run(
    cell: Steppable,
    x: Tensor,
    state: CellState,
    *,
    valid: Tensor | None = None,
    reverse: bool = False,
    trace: bool = False,
) -> LayerRun:
    """Run ``cell`` over ``x`` from ``state``, a step at a time.

    Shapes:
        x: (T, B, I). valid: (T, B, 1) booleans, False on padding; there the state stands still
        and the output is zero. With ``reverse`` time runs from T - 1 to 0.
    """
    T, B = x.shape[:2]
    weights = cell.run_weights()
    masks = cell.run_masks(T, B, x)
    pre_activations = project_input(x, weights).unbind(0)
    valid_at = None if valid is None else valid.unbind(0)
    outputs: list[Tensor] = []
    steps: list[TracedStep] = []
    for t in reversed(range(T)) if reverse else range(T):
        new, gates = cell.step(pre_activations[t], state, weights, masks, t)
        if valid_at is None:
            outputs.append(new.hidden)
        else:
            new = hold(valid_at[t], new, state)
            outputs.append(new.hidden.masked_fill(~valid_at[t], 0.0))
        state = new
        if trace:
            steps.append(TracedStep(state, gates))
    if reverse:
        outputs.reverse()
        steps.reverse()
    output = torch.stack(outputs) if outputs else x.new_zeros(0, B, cell.output_size)
    return LayerRun(output, state, tuple(steps) if trace else None)


def hold(valid: Tensor, new: CellState, old: CellState) -> CellState:
    """Return ``new`` where ``valid`` and ``old`` elsewhere. Shapes: valid (B, 1)."""
    return CellState(
        *(
            None if after is None or before is None else torch.where(valid, after, before)
            for after, before in zip(new, old, strict=True)
        )  # type: ignore[arg-type]
    )
