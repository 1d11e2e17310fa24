"""The native operators' arguments, fake kernels and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gatework.cell.description import LSTM_CELL

LSTM = "gatework::lstm"
BACKWARD = "gatework::lstm_backward"
WEIGHTS = tuple(part.name for part in LSTM_CELL.weights)
STATE = ("h0", "c0", "n0", "m0")


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
    target: int


DIFFERENTIABLE = tuple(Arguments._fields.index(name) for name in ("x", *STATE, *WEIGHTS))
"""Places of the arguments that have gradients, in the order in which backward returns them."""


def saved_length(a: Arguments) -> Any:
    """Return the length of the flat tensor of saved values (saved_layout in torch_ops.cpp)."""
    T, B = a.x.shape[:2]
    H, G = a.c0.shape[1], a.weight_ih.shape[0]
    exponential, norm = a.n0 is not None, a.input_gain is not None
    length = 0
    if a.save >= 1:
        length += T * B * H * (3 if exponential else 1)
    if a.save >= 2:
        length += T * B * H * (5 if exponential else 4)
        length += T * B * 2 * (G + 1) if norm else 0
    return length


def fake_lstm(*arguments: Any) -> tuple[Tensor, ...]:
    """Return tensors of the shapes that the operator returns."""
    a = Arguments(*arguments)
    for name in ("h0", "c0", *WEIGHTS):
        value = getattr(a, name)
        # torch answers with this for a tensor on the device meta, too.
        if value is not None and value.device != a.x.device:
            raise RuntimeError(f"{name} is on {value.device}, but x is on {a.x.device}")
    T, B = a.x.shape[:2]
    extra = B if a.n0 is not None else 0
    H = a.c0.shape[1]
    return (
        a.x.new_empty(T, B, a.h0.shape[1]),
        a.x.new_empty(B, a.h0.shape[1]),
        a.x.new_empty(B, H),
        a.x.new_empty(extra, H),
        a.x.new_empty(extra, H),
        a.x.new_empty(saved_length(a)),
    )


def fake_backward(*arguments: Any) -> tuple[Tensor, ...]:
    """Return tensors of the shapes that lstm_backward returns."""
    a = Arguments(*arguments[8:-2])
    wants_dx, wants_weights = arguments[-2:]

    def like(value: Tensor | None, wanted: bool, shape: tuple[int, ...]) -> Tensor:
        there = wanted and value is not None
        full = shape if value is None else value.shape
        return a.x.new_empty(full) if there else a.x.new_empty(0, *full[1:])

    G, I, P = *a.weight_ih.shape, a.h0.shape[1]  # noqa: E741
    H = a.c0.shape[1]
    gates = G // H
    shapes = ((G, I), (G, P), (G,), (P, H), (gates - 1, H), (G,), (G,), (H,), (H,))
    weights = [
        like(getattr(a, name), wants_weights, shape)
        for name, shape in zip(WEIGHTS, shapes, strict=True)
    ]
    states = [like(getattr(a, name), True, tuple(a.c0.shape)) for name in STATE]
    return (like(a.x, wants_dx, tuple(a.x.shape)), *states, *weights)


def keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    """Keep what backward needs: every argument, the output and the saved values."""
    tensors = [value for value in inputs if isinstance(value, Tensor)]
    ctx.places = [i for i, value in enumerate(inputs) if isinstance(value, Tensor)]
    ctx.rest = [None if isinstance(value, Tensor) else value for value in inputs]
    ctx.save_for_backward(output[0], output[5], *tensors)
    ctx.set_materialize_grads(False)


def backward(
    ctx: Any, *gradients: Tensor | None, operator: Callable[..., Any] | None = None
) -> tuple[Any, ...]:
    """Return the gradient of every argument; None where there is none.

    ``operator`` stands for lstm_backward where a transform needs it in another form.
    """
    y, saved, *tensors = ctx.saved_tensors
    values = list(ctx.rest)
    for place, tensor in zip(ctx.places, tensors, strict=True):
        values[place] = tensor
    needed = [ctx.needs_input_grad[place] for place in DIFFERENTIABLE]
    wants_weights = any(needed[1 + len(STATE) :])
    native: Any = torch.ops.gatework.lstm_backward.default
    arguments = (*gradients, y, saved, *values, needed[0], wants_weights)
    if operator is not None:
        found = operator(*arguments)
    elif torch.is_grad_enabled() or torch.compiler.is_compiling():
        found = native(*arguments)
    else:
        with torch._C._AutoDispatchBelowAutograd():
            found = native(*arguments)
    result: list[Tensor | None] = [None] * len(values)
    for place, need, gradient in zip(DIFFERENTIABLE, needed, found, strict=True):
        result[place] = gradient if need else None
    return tuple(result)


def keep_all(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    """Keep every argument of a backward run, for the gradient of the gradient."""
    ctx.places = [i for i, value in enumerate(inputs) if isinstance(value, Tensor)]
    ctx.rest = [None if isinstance(value, Tensor) else value for value in inputs]
    ctx.save_for_backward(*(value for value in inputs if isinstance(value, Tensor)))
    ctx.set_materialize_grads(False)
