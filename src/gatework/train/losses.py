"""Losses over sequences of different lengths."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


class MaskedLoss:
    """The mean of an elementwise loss over the steps that belong to their sequences.

    Args:
        elementwise: a loss that returns (B, T, ...), such as torch's with ``reduction="none"``.

    Shapes:
        prediction, target: (B, T, ...). lengths: (B).

    Example:
        >>> loss = MaskedLoss(torch.nn.MSELoss(reduction="none"))
        >>> prediction = torch.tensor([[1.0, 1.0], [1.0, 9.0]])
        >>> float(loss(prediction, torch.zeros(2, 2), torch.tensor([2, 1])))
        1.0
    """

    def __init__(self, elementwise: Callable[[Tensor, Tensor], Tensor]) -> None:
        self.elementwise = elementwise

    def __call__(self, prediction: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean loss over all valid steps; 0 when there are none."""
        losses = self.elementwise(prediction, target)
        times = torch.arange(losses.shape[1], device=losses.device)
        valid = times.unsqueeze(0) < lengths.to(losses.device).unsqueeze(1)
        valid = valid.reshape(*valid.shape, *[1] * (losses.dim() - 2)).expand_as(losses)
        return losses.masked_fill(~valid, 0.0).sum() / valid.sum().clamp(min=1)
