"""Losses over sequences of different lengths, and how a loss is applied to a batch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from gatework.errors import OptionError, ShapeError
from gatework.train.batches import Batch, Batches
from gatework.train.tree import detach

_ELEMENT_BY_ELEMENT = (
    nn.MSELoss,
    nn.L1Loss,
    nn.SmoothL1Loss,
    nn.HuberLoss,
    nn.BCELoss,
    nn.BCEWithLogitsLoss,
)


class MaskedLoss:
    """The mean of an elementwise loss over the steps that belong to their sequences.

    Args:
        elementwise: a loss that returns (B, T, ...), such as torch's with ``reduction="none"``.

    Shapes:
        prediction, target: (B, T, ...). lengths: (B).

    Raises:
        OptionError: when the loss has a ``reduction`` other than "none".

    Example:
        >>> loss = MaskedLoss(torch.nn.MSELoss(reduction="none"))
        >>> prediction = torch.tensor([[1.0, 1.0], [1.0, 9.0]])
        >>> float(loss(prediction, torch.zeros(2, 2), torch.tensor([2, 1])))
        1.0
    """

    def __init__(self, elementwise: Callable[[Tensor, Tensor], Tensor]) -> None:
        reduction = getattr(elementwise, "reduction", "none")
        if reduction != "none":
            raise OptionError(
                f"MaskedLoss needs a loss of every step, got one with reduction={reduction!r}",
                hint=f'MaskedLoss({type(elementwise).__name__}(reduction="none"))',
            )
        self.elementwise = elementwise

    def __repr__(self) -> str:
        return f"MaskedLoss({getattr(self.elementwise, '__qualname__', self.elementwise)})"

    def __call__(self, prediction: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean loss over all valid steps; 0 when there are none."""
        losses = self.elementwise(prediction, target)
        times = torch.arange(losses.shape[1], device=losses.device)
        valid = times.unsqueeze(0) < lengths.to(losses.device).unsqueeze(1)
        valid = valid.reshape(*valid.shape, *[1] * (losses.dim() - 2)).expand_as(losses)
        return losses.masked_fill(~valid, 0.0).sum() / valid.sum().clamp(min=1)


class BatchLoss:
    """A loss as the loop applies it: with the lengths, where it has a parameter of that name.

    And with the weights of the sequences, where a batch has some.
    """

    def __init__(self, loss: Callable[..., Tensor]) -> None:
        self.loss = loss
        self.takes_lengths = _has_lengths(loss)

    def __call__(self, prediction: Tensor, batch: Batch) -> Tensor:
        """Return the loss of a batch."""
        more = {} if batch.weights is None else {"weights": batch.weights}
        if self.takes_lengths:
            lengths = batch.lengths
            if lengths is None:
                rows, steps = batch.inputs.shape[:2]
                lengths = torch.full((rows,), steps)
            return self.loss(prediction, batch.targets, lengths, **more)
        return self.loss(prediction, batch.targets, **more)

    def items(self, batch: Batch) -> int:
        """Return how many targets a batch has, padding left out: its weight in a mean."""
        if self.takes_lengths and batch.lengths is not None:
            return int(batch.lengths.sum())
        return batch.targets.numel()

    def check(self, result: Any, batch: Batch) -> None:
        """Check what a model returned for a batch, before anything is learned from it.

        Raises:
            OptionError: when it is no pair of prediction and state, or padding would be counted.
            ShapeError: when prediction and targets do not fit together.
        """
        if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[0], Tensor):
            raise OptionError(
                f"the model must return the pair (prediction, state), got {type(result).__name__}",
                hint="return prediction, state; None for the state where there is none",
            )
        shape, target = tuple(result[0].shape), tuple(batch.targets.shape)
        elementwise = getattr(self.loss, "elementwise", self.loss)
        if isinstance(elementwise, _ELEMENT_BY_ELEMENT) and shape != target:
            raise ShapeError(
                f"the prediction has the shape {shape} but the targets have {target}; "
                f"{type(elementwise).__name__} compares them element by element",
                hint="give the targets the shape of the prediction, for instance unsqueeze(-1)",
            )
        padded = batch.lengths is not None and batch.targets.shape[:2] == batch.inputs.shape[:2]
        if padded and batch.targets.dim() > 1 and not self.takes_lengths:
            raise OptionError(
                "the batches have lengths and targets at every step, but the loss takes no "
                "lengths and would count the padding",
                hint='MaskedLoss(torch.nn.MSELoss(reduction="none")), or a loss with a '
                "parameter named lengths",
            )


def mean_loss(model: nn.Module, loss: BatchLoss, batches: Batches) -> float:
    """Return the mean loss of a model over all batches; each target counts the same."""
    total, items, state = 0.0, 0, None
    for index in range(len(batches)):
        batch = batches.batch(0, index)
        carried = None if batch.fresh else detach(state)
        prediction, state = model(batch.inputs, carried, batch.lengths)
        weight = loss.items(batch)
        total += loss(prediction, batch).item() * weight
        items += weight
    return total / max(items, 1)


def _has_lengths(loss: Callable[..., Tensor]) -> bool:
    try:
        function = loss.forward if isinstance(loss, nn.Module) else loss
        return "lengths" in inspect.signature(function).parameters
    except (TypeError, ValueError):  # a function written in C has no signature
        return False
