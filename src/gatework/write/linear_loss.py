"""Cross entropy behind a linear layer, chunk by chunk: logits of a whole batch are never there.

For a vocabulary of thousands the logits, their softmax and its gradient take hundreds of megabytes,
which cost more to make room for than to compute.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

CHUNK = 2**21
"""Logits that are held at once: 8 MB in float32."""


def linear_cross_entropy(x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross entropy of targets under the softmax of a linear layer.

    Shapes:
        x: (N, O). weight: (V, O). bias: (V). targets: (N), whole numbers below V.

    Example:
        >>> x, weight, bias = torch.randn(5, 3), torch.randn(7, 3), torch.zeros(7)
        >>> targets = torch.tensor([0, 6, 3, 3, 1])
        >>> expected = functional.cross_entropy(x @ weight.T, targets)
        >>> torch.allclose(linear_cross_entropy(x, weight, bias, targets), expected)
        True
    """
    parts = (x, weight, bias)
    if len(x) * len(weight) <= CHUNK or torch.is_autocast_enabled(x.device.type):
        return functional.cross_entropy(functional.linear(x, weight, bias), targets)
    if torch.is_grad_enabled() and any(part.requires_grad for part in parts):
        return _Fused.apply(x, weight, bias, targets)
    return _run(x, weight, bias, targets, None)


class _Fused(torch.autograd.Function):
    """The loss, with its gradients computed while the logits are at hand."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
        """Return the loss, keeping the gradients of x, weight and bias."""
        gradients = [torch.empty_like(x), torch.zeros_like(weight), torch.zeros_like(bias)]
        loss = _run(x, weight, bias, targets, gradients)
        ctx.save_for_backward(*gradients)
        return loss

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        """Return the gradients of x, weight and bias; there are none of these again."""
        return _backward(ctx, *gradients)


@once_differentiable
def _backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
    return (*(kept * gradient for kept in ctx.saved_tensors), None)


def _run(
    x: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, gradients: list[Tensor] | None
) -> Tensor:
    """Return the mean loss; fill ``gradients`` of x, weight and bias with those of it."""
    count, size = len(x), len(weight)
    rows = max(1, CHUNK // size)
    room = x.new_empty(min(rows, count), size)
    total = x.new_zeros(())
    for first in range(0, count, rows):
        part, wanted = x[first : first + rows], targets[first : first + rows]
        logits = torch.addmm(bias, part, weight.T, out=room[: len(part)])
        chosen = logits.gather(1, wanted.unsqueeze(1)).squeeze(1)
        sums = torch.logsumexp(logits, dim=1)
        total += (sums - chosen).sum()
        if gradients is not None:
            shares = logits.sub_(sums.unsqueeze(1)).exp_()
            shares.scatter_add_(1, wanted.unsqueeze(1), shares.new_full((len(part), 1), -1))
            shares.div_(count)
            torch.mm(shares, weight, out=gradients[0][first : first + rows])
            gradients[1].addmm_(shares.T, part)
            gradients[2].add_(shares.sum(0))
    return total / count
