"""The losses of the estimators, each of which shows all its settings to a checkpoint.

Each takes, beside what it compares, how much every sequence counts, (B); None for all alike.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

NO_LABEL = -1
"""The target of a step that is padding, and behind the end of a transcript."""


class WeightedLoss(nn.Module):
    """Cross-entropy whose targets count by the weights of their classes.

    Args:
        weights: of each class (K); None for the same.
    """

    def __init__(self, weights: Tensor | None = None) -> None:
        super().__init__()
        self.weights = weights

    def extra_repr(self) -> str:
        """Return the weights, for the fingerprint of a training."""
        return "" if self.weights is None else str(self.weights.tolist())

    def mean(self, prediction: Tensor, target: Tensor, counts: Tensor | None) -> Tensor:
        """Return the mean over the targets (N) that are labels, of predictions (N, K).

        ``counts`` (N) is what each target counts beside its class.
        """
        if self.weights is None and counts is None:
            return functional.cross_entropy(prediction, target, ignore_index=NO_LABEL)
        losses = functional.cross_entropy(
            prediction, target, self.weights, ignore_index=NO_LABEL, reduction="none"
        )
        counted = (target != NO_LABEL).to(losses.dtype)
        if self.weights is not None:
            counted = counted * self.weights[target.clamp(min=0)]
        total = losses.sum() if counts is None else (losses * counts).sum()
        return total / counted.sum().clamp(min=1e-9)  # a batch may be all of a class of weight 0


class ClassLoss(WeightedLoss):
    """Cross-entropy of whole sequences, (B, K), or (M, B, K) of several networks, against (B).

    Example:
        >>> import torch
        >>> ClassLoss()(torch.zeros(1, 2), torch.tensor([1]))
        tensor(0.6931)
    """

    def forward(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return the mean over the sequences, and the networks where there are several."""
        if prediction.dim() == 3:
            many = len(prediction)
            prediction, target = prediction.flatten(0, 1), target.repeat(many)
            weights = None if weights is None else weights.repeat(many)
        return self.mean(prediction, target, weights)


class StepLoss(WeightedLoss):
    """The cross-entropy of every step, padding left out; else as ClassLoss.

    Shapes:
        prediction: (T, B, K). target: (T, B), -1 on padding. lengths: (B), which tell the loop how
            many steps count.
    """

    def forward(
        self, prediction: Tensor, target: Tensor, lengths: Tensor, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean over the steps."""
        counts = None if weights is None else weights.expand_as(target).flatten()
        return self.mean(prediction.flatten(0, 1), target.flatten(), counts)


class SquaredLoss(nn.Module):
    """The squared error of numbers, (B, O) against (B, O)."""

    def forward(self, prediction: Tensor, target: Tensor, weights: Tensor | None = None) -> Tensor:
        """Return the mean over the numbers."""
        if weights is None:
            return functional.mse_loss(prediction, target)
        return (weights[:, None] * (prediction - target).square()).mean()


class CtcLoss(nn.Module):
    """Connectionist temporal classification: the probability of a transcript by any alignment.

    Class 0 is the blank. A transcript that does not fit into its sequence counts nothing.

    Shapes:
        prediction: (T, B, K), before the softmax. target: (B, S), filled with -1. lengths: (B).

    Source: Graves, Fernandez, Gomez, Schmidhuber 2006, doi 10.1145/1143844.1143891; computed by
        torch.nn.functional.ctc_loss.
    """

    def forward(
        self, prediction: Tensor, target: Tensor, lengths: Tensor, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean over the sequences of the loss a label."""
        sizes = (target != NO_LABEL).sum(dim=1)
        losses = functional.ctc_loss(
            prediction.log_softmax(dim=-1),
            target.clamp(min=1),
            lengths,
            sizes,
            reduction="none",
            zero_infinity=True,
        ) / sizes.clamp(min=1)
        return losses.mean() if weights is None else (losses * weights).mean()
