"""The native operator with its gradient, for eager mode."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gatework.kernels import layout
from gatework.kernels.operators import backward, call, keep


class EagerFunction(torch.autograd.Function):
    """The operator and its gradient as they are registered, at a tenth of the cost of a call.

    The compiler needs what is registered, torch.func's transforms need gatework.kernels.transforms.
    """

    @staticmethod
    def forward(ctx: Any, *values: Any) -> Any:
        """Run the operator and keep what backward needs."""
        outputs = call(torch.ops.gatework.lstm.default, values)
        keep(ctx, values, outputs)
        return outputs

    backward = staticmethod(backward)  # differentiable where a graph of gradients is asked for


class PlainFunction(torch.autograd.Function):
    """The same for a plain cell, and only of the arguments that it has: each costs time."""

    @staticmethod
    def forward(ctx: Any, *values: Any) -> Any:
        """Run the operator on what ``_arguments`` takes, and keep what backward needs."""
        y, h, c, _, _, saved = call(torch.ops.gatework.lstm.default, _arguments(*values))
        ctx.save_for_backward(y, saved, *values[:7])
        ctx.rest = values[7:]
        ctx.set_materialize_grads(False)
        return y, h, c

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> Any:
        """Return the gradient of every argument; differentiable where a graph is asked for."""
        y, saved, *values = ctx.saved_tensors
        need = ctx.needs_input_grad
        native: Any = torch.ops.gatework.lstm_backward.default
        arguments = _arguments(*values, *ctx.rest)
        given = (*gradients, None, None, None, y, saved, *arguments, need[0], any(need[3:]))
        found = native(*given) if torch.is_grad_enabled() else call(native, given)
        dx, dh0, dc0, _, _, *weights = found
        parts = zip(need, (dx, dh0, dc0, *weights[:4]), strict=False)
        return *(part if wanted else None for wanted, part in parts), None, None, None


def run_plain(
    x: Tensor,
    start: tuple[Tensor | None, Tensor | None],
    weights: tuple[Any, ...],
    target: int,
    *,
    reverse: bool,
    low_memory: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Run a plain cell as inference.run does, and keep what its gradients need."""
    weight_ih, weight_hh, bias, other_bias, weight_hr = weights
    if bias is not None and other_bias is not None:
        bias = bias + other_bias
    h0, c0 = start
    if h0 is None or c0 is None:
        h0 = c0 = x.new_zeros(x.shape[1], weight_ih.shape[0] // 4)
        if weight_hr is not None:
            h0 = x.new_zeros(x.shape[1], weight_hr.shape[0])
    save = layout.SAVE_STATES if low_memory else layout.SAVE_ALL
    values = (x, h0, c0, weight_ih, weight_hh, bias, weight_hr, reverse, save, target)
    return PlainFunction.apply(*values)


def _arguments(
    x: Tensor,
    h0: Tensor,
    c0: Tensor,
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias: Tensor | None,
    weight_hr: Tensor | None,
    reverse: bool,
    save: int,
    target: int,
) -> tuple[Any, ...]:
    weights = (weight_ih, weight_hh, bias, weight_hr, *_NO_WEIGHTS)
    return (x, h0, c0, None, None, *weights, *_NO_MASKS, None, reverse, save, False, target)


_NO_WEIGHTS = (None,) * 5
_NO_MASKS = (None, None, None, None, 0.0, 0.0)
