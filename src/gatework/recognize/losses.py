"""The losses of the estimators, each of which shows all its settings to a checkpoint."""

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

    def mean(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Return the mean over the targets (N) that are labels, of predictions (N, K)."""
        if self.weights is None:
            return functional.cross_entropy(prediction, target, ignore_index=NO_LABEL)
        total = functional.cross_entropy(
            prediction, target, self.weights, ignore_index=NO_LABEL, reduction="sum"
        )
        counted = self.weights[target.clamp(min=0)] * (target != NO_LABEL)
        return total / counted.sum().clamp(min=1e-9)  # a batch may be all of a class of weight 0


class ClassLoss(WeightedLoss):
    """Cross-entropy of whole sequences, (B, K) against (B).

    Example:
        >>> import torch
        >>> ClassLoss()(torch.zeros(1, 2), torch.tensor([1]))
        tensor(0.6931)
    """

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Return the mean over the sequences."""
        return self.mean(prediction, target)


class StepLoss(WeightedLoss):
    """The cross-entropy of every step, padding left out; else as ClassLoss.

    Shapes:
        prediction: (T, B, K). target: (T, B), -1 on padding. lengths: (B), which tell the loop how
            many steps count.
    """

    def forward(self, prediction: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean over the steps."""
        return self.mean(prediction.flatten(0, 1), target.flatten())


class CtcLoss(nn.Module):
    """Connectionist temporal classification: the probability of a transcript by any alignment.

    Class 0 is the blank. A transcript that does not fit into its sequence counts nothing.

    Shapes:
        prediction: (T, B, K), before the softmax. target: (B, S), filled with -1. lengths: (B).

    Source: Graves, Fernandez, Gomez, Schmidhuber 2006, doi 10.1145/1143844.1143891; computed by
        torch.nn.functional.ctc_loss.
    """

    def forward(self, prediction: Tensor, target: Tensor, lengths: Tensor) -> Tensor:
        """Return the mean over the sequences of the loss a label."""
        sizes = (target != NO_LABEL).sum(dim=1)
        return functional.ctc_loss(
            prediction.log_softmax(dim=-1),
            target.clamp(min=1),
            lengths,
            sizes,
            reduction="mean",
            zero_infinity=True,
        )
