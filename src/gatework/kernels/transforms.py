"""The native operators for torch.func: grad, vmap and their combinations.

Transforms need autograd functions with a rule for batches. Runs with the same weights are folded
into one larger batch; others, and gradients, are computed one after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gatework.kernels.arguments import STATE, WEIGHTS, Arguments
from gatework.kernels.operators import backward, call, keep, keep_all
from gatework.kernels.recompute import double_backward


class Forward(torch.autograd.Function):
    """gatework::lstm."""

    @staticmethod
    def forward(*values: Any) -> Any:
        """Run the operator."""
        return call(torch.ops.gatework.lstm.default, values)

    setup_context = staticmethod(keep)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> Any:
        """Return the gradients."""
        return backward(ctx, *gradients, operator=Backward.apply)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *values: Any) -> Any:
        """Run a batch of runs."""
        a, dims = Arguments(*values), Arguments(*in_dims)
        own = any(getattr(dims, name) is not None for name in WEIGHTS)
        if own or a.save != 0 or a.lengths is not None:
            return _one_by_one(Forward.apply, info.batch_size, values, in_dims)
        return _folded(info.batch_size, a, dims)


class Backward(torch.autograd.Function):
    """gatework::lstm_backward."""

    @staticmethod
    def forward(*values: Any) -> Any:
        """Run the operator."""
        return call(torch.ops.gatework.lstm_backward.default, values)

    setup_context = staticmethod(keep_all)
    backward = staticmethod(double_backward)  # the gradients of the gradients

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], *values: Any) -> Any:
        """Run a batch of runs."""
        return _one_by_one(Backward.apply, info.batch_size, values, in_dims)


def _one_by_one(
    call: Callable[..., Any], count: int, values: tuple[Any, ...], dims: tuple[Any, ...]
) -> tuple[Any, tuple[Any, ...]]:
    runs = [
        call(
            *(
                value if dim is None else value.select(dim, i)
                for value, dim in zip(values, dims, strict=True)
            )
        )
        for i in range(count)
    ]
    stacked = tuple(torch.stack(parts) for parts in zip(*runs, strict=True))
    return stacked, (0,) * len(stacked)


def _folded(n: int, a: Arguments, dims: Arguments) -> tuple[Any, tuple[Any, ...]]:
    """Fold n runs with the same weights into the batch."""
    axes = {"x": 1, "zoneout_cell_mask": 1, "zoneout_hidden_mask": 1}
    axes |= dict.fromkeys((*STATE, "hidden_mask", "candidate_mask"), 0)
    folded: dict[str, Any] = {}
    for name, axis in axes.items():
        value, dim = getattr(a, name), getattr(dims, name)
        if value is None:
            continue
        value = value.unsqueeze(axis) if dim is None else value.movedim(dim, axis)
        value = value.expand(*value.shape[:axis], n, *value.shape[axis + 1 :])
        folded[name] = value.flatten(axis, axis + 1)
    B = folded["h0"].shape[0] // n
    y, h, c, normaliser, stabiliser, saved = Forward.apply(*a._replace(**folded))

    def split(part: Tensor) -> Tensor:
        return part.unflatten(0, (n, B)) if part.shape[0] else part.expand(n, *part.shape)

    outputs = (y.unflatten(1, (n, B)), *map(split, (h, c, normaliser, stabiliser)))
    return (*outputs, saved.expand(n, *saved.shape)), (1, 0, 0, 0, 0, 0)
