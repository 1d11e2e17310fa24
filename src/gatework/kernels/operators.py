"""The native operators' fake kernels and gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from gatework.kernels import arguments, layout
from gatework.kernels.arguments import DIFFERENTIABLE, STATE, WEIGHTS, Arguments

LSTM = "gatework::lstm"
BACKWARD = "gatework::lstm_backward"
MATRICES = ("n0", "m0", "weight_hr", "peephole")
"""What may be absent and has two dimensions."""


def call(operator: Any, values: Iterable[Any]) -> Any:
    """Call an operator below autograd: asking it what nobody wants costs more than a step."""
    with torch._C._AutoDispatchBelowAutograd():
        return operator(*values)


def fake_lstm(*values: Any) -> tuple[Tensor, ...]:
    """Return tensors of the shapes that the operator returns."""
    a = Arguments(*values)
    for name in ("h0", "c0", *WEIGHTS):
        value = getattr(a, name)
        # torch answers with this for a tensor on the device meta, too.
        if value is not None and value.device != a.x.device:
            raise RuntimeError(f"{name} is on {value.device}, but x is on {a.x.device}")
    T, B = a.x.shape[:2]
    extra = B if a.n0 is not None else 0
    H, P = a.c0.shape[1], a.h0.shape[1]
    sizes = ((T, B, P), (B, P), (B, H), (extra, H), (extra, H), (layout.length(a),))
    return tuple(a.x.new_empty(size) for size in sizes)


def fake_inference(
    x: Tensor, h0: Any, c0: Any, weight_ih: Tensor, weight_hh: Tensor, *_: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """Return tensors as lstm_inference returns them: output (T, B, P), hidden and cell state."""
    T, B, H, P = *x.shape[:2], weight_ih.shape[0] // 4, weight_hh.shape[1]
    return x.new_empty(T, B, P), x.new_empty(B, P), x.new_empty(B, H)


def fake_backward(*values: Any) -> tuple[Tensor, ...]:
    """Return tensors of the shapes that lstm_backward returns."""
    a = Arguments(*values[8:-2])
    wants_dx, wants_weights = values[-2:]

    def gradient(name: str, wanted: bool) -> Tensor:
        value = getattr(a, name)
        if value is None:
            return a.x.new_empty(0, *([a.c0.shape[1]] if name in MATRICES else []))
        return a.x.new_empty(value.shape if wanted else (0, *value.shape[1:]))

    states = [gradient(name, True) for name in STATE]
    return (gradient("x", wants_dx), *states, *(gradient(name, wants_weights) for name in WEIGHTS))


def keep(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    """Keep what backward needs: the output, the saved values and every argument."""
    arguments.keep(ctx, inputs, output[0], output[5])


def keep_all(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, ...]) -> None:
    """Keep every argument of a backward run, for the gradient of the gradient."""
    arguments.keep(ctx, inputs)


def backward(
    ctx: Any, *gradients: Tensor | None, operator: Callable[..., Any] | None = None
) -> tuple[Any, ...]:
    """Return the gradient of every argument; None where there is none.

    ``operator`` stands for lstm_backward where a transform needs it in another form.
    """
    outputs, values = arguments.kept(ctx)
    needed = [ctx.needs_input_grad[place] for place in DIFFERENTIABLE]
    wants_weights = any(needed[1 + len(STATE) :])
    native: Any = torch.ops.gatework.lstm_backward.default
    given = (*gradients, *outputs, *values, needed[0], wants_weights)
    if operator is not None:
        found = operator(*given)
    elif torch.is_grad_enabled() or torch.compiler.is_compiling():
        found = native(*given)
    else:
        found = call(native, given)
    result: list[Tensor | None] = [None] * len(values)
    for place, need, gradient in zip(DIFFERENTIABLE, needed, found, strict=True):
        result[place] = gradient if need else None
    return tuple(result)
