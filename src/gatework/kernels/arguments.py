"""The arguments of the native operators: their order, and how a backward run gets them back."""

from __future__ import annotations

from typing import Any, NamedTuple

from torch import Tensor

from gatework.cell.description import LSTM_CELL

STATE = ("h0", "c0", "n0", "m0")
WEIGHTS = tuple(part.name for part in LSTM_CELL.weights)


class Arguments(NamedTuple):
    """The arguments of the forward operator, in its order; see native/torch_ops.cpp."""

    x: Tensor
    h0: Tensor
    c0: Tensor
    n0: Tensor | None
    m0: Tensor | None
    weight_ih: Tensor
    weight_hh: Tensor
    bias: Tensor | None
    weight_hr: Tensor | None
    peephole: Tensor | None
    input_gain: Tensor | None
    recurrent_gain: Tensor | None
    cell_gain: Tensor | None
    cell_shift: Tensor | None
    hidden_mask: Tensor | None
    candidate_mask: Tensor | None
    zoneout_cell_mask: Tensor | None
    zoneout_hidden_mask: Tensor | None
    zoneout_cell: float
    zoneout_hidden: float
    lengths: Tensor | None
    reverse: bool
    save: int
    bfloat16: bool
    target: int


DIFFERENTIABLE = tuple(Arguments._fields.index(name) for name in ("x", *STATE, *WEIGHTS))
"""Places of the arguments that have gradients, in the order in which backward returns them."""


def keep(ctx: Any, inputs: tuple[Any, ...], *outputs: Tensor) -> None:
    """Keep the arguments of a run, and some of what it returned."""
    ctx.places = [i for i, value in enumerate(inputs) if isinstance(value, Tensor)]
    ctx.rest = [None if isinstance(value, Tensor) else value for value in inputs]
    ctx.save_for_backward(*outputs, *(inputs[place] for place in ctx.places))
    ctx.set_materialize_grads(False)


def kept(ctx: Any) -> tuple[list[Any], list[Any]]:
    """Return the outputs and the arguments that ``keep`` kept."""
    tensors, values = list(ctx.saved_tensors), list(ctx.rest)
    first = len(tensors) - len(ctx.places)
    for place, tensor in zip(ctx.places, tensors[first:], strict=True):
        values[place] = tensor
    return tensors[:first], values
