"""Pooling: what is read off the outputs of a sequence, at its end or while it is still coming."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn


class Pooling(nn.Module):
    """Make one vector of the outputs of a sequence.

    Args:
        kind: "mean" of all steps; "max" of each feature; "attention", a mean whose weights are the
            softmax of a learned score of each step. "last" is read off the state of the network
            and needs no module.
        features: F, of an output.

    Shapes:
        output: (T, B, F), zero on padding. lengths: (B), from 1; None when nothing is padded.
        returns: (B, F).

    Equations:
        attention: a_t = w h_t + b,  p = sum_t exp(a_t) h_t / sum_t exp(a_t)

    Example:
        >>> Pooling("mean", 1)(torch.tensor([[[1.0]], [[3.0]]]), None)
        tensor([[2.]])

    Source: attention over the states of a recurrent network, Bahdanau, Cho, Bengio 2015,
        arXiv:1409.0473, here with a linear score and no query.
    """

    def __init__(self, kind: str, features: int) -> None:
        super().__init__()
        self.kind = kind
        self.score = nn.Linear(features, 1) if kind == "attention" else None

    def extra_repr(self) -> str:
        """Return the kind, for the fingerprint of a training."""
        return self.kind

    def forward(self, output: Tensor, lengths: Tensor | None) -> Tensor:
        """Return the pooled outputs."""
        if self.kind == "mean":
            total = output.sum(dim=0)
            return total / output.shape[0] if lengths is None else total / lengths.unsqueeze(1)
        times = torch.arange(len(output))[:, None]
        beyond = None if lengths is None else (times >= lengths)[..., None]  # (T, B, 1)
        if self.score is None:
            hidden = output if beyond is None else output.masked_fill(beyond, -torch.inf)
            return Largest.apply(hidden)
        scores = self.score(output)
        if beyond is not None:
            scores = scores.masked_fill(beyond, -torch.inf)
        return (scores.softmax(dim=0) * output).sum(dim=0)

    def running(self, output: Tensor, pooled: Pooled | None = None) -> tuple[Tensor, Pooled]:
        """Return what is pooled after each step, and what the next steps go on from.

        Shapes:
            output: (T, B, F) of the steps that came. returns: (T, B, F).
        """
        if self.kind == "max":
            largest = output.cummax(dim=0).values
            if pooled is not None:
                largest = torch.maximum(largest, pooled.total)
            return largest, Pooled(largest[-1])
        # A mean is attention whose scores are all alike. Relative to the largest score so far, so
        # that no exp overflows.
        scores = torch.zeros_like(output[..., :1]) if self.score is None else self.score(output)
        before = scores[0] if pooled is None else torch.maximum(scores[0], pooled.top)
        top = torch.maximum(scores.amax(dim=0), before)
        if (top - before).max() > FURTHEST:
            first, pooled = self.running(output[: len(output) // 2], pooled)
            rest, pooled = self.running(output[len(output) // 2 :], pooled)
            return torch.cat([first, rest]), pooled
        weights = (scores - top).exp()
        total, weight = (weights * output).cumsum(dim=0), weights.cumsum(dim=0)
        if pooled is not None:
            scale = (pooled.top - top).exp()
            total, weight = total + scale * pooled.total, weight + scale * pooled.weight
        return total / weight, Pooled(total[-1], weight[-1], top)


SPAN = 28
"""Steps that are compared at a time, about the root of the number of steps of a long sequence."""


class Largest(torch.autograd.Function):
    """The largest of each feature; its gradient goes to the first step that has it.

    torch.amax compares the whole output with its maximum to find the way back, ten times as long as
    finding the maximum took; here the steps are looked up in two stages.

    Shapes:
        output: (T, B, F). returns: (B, F).
    """

    @staticmethod
    def forward(ctx: Any, output: Tensor) -> Tensor:
        """Return the largest."""
        T, tail = len(output), len(output) % SPAN
        spans = output[: T - tail].unflatten(0, (-1, SPAN)) if T >= SPAN else output[None]
        tops = spans.amax(dim=1)
        if tail and T >= SPAN:
            tops = torch.cat([tops, output[T - tail :].amax(dim=0, keepdim=True)])
        largest, span = tops.max(dim=0)
        ctx.save_for_backward(output, largest, span)
        return largest

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> Tensor:
        """Return the gradient of the output: that of the largest at its step, elsewhere 0."""
        output, largest, span = ctx.saved_tensors
        steps = span * SPAN + torch.arange(min(SPAN, len(output))).view(-1, 1, 1)
        steps = steps.clamp(max=len(output) - 1)
        there = output.gather(0, steps) == largest
        first = steps.gather(0, there.to(torch.uint8).argmax(dim=0, keepdim=True))
        return torch.zeros_like(output).scatter_(0, first, given[0].unsqueeze(0))


FURTHEST = 60.0
"""As in gatework.runtime.pooled, of float32."""


class Pooled(NamedTuple):
    """What the steps so far come to.

    Shapes:
        total: (B, F), a sum, or the largest. weight, top: (B, 1).
    """

    total: Tensor
    weight: Tensor = torch.zeros(1, 1)
    top: Tensor = torch.zeros(1, 1)
