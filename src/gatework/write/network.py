"""The language model: an embedding, a stack of LSTM layers, and a head over the vocabulary."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from gatework.network import LSTM, LayerSummary, State
from gatework.write.linear_loss import linear_cross_entropy
from gatework.write.settings import CLUSTER_DIVISOR, Settings


class Rates(NamedTuple):
    """What acts while training only.

    Attributes:
        embedding: probability that a token's embedding is zero wherever it comes in a batch.
        input, output: probability that a feature is zero, the same ones at all steps, before the
            first layer and after the last.
        activation: weight of the mean square of the output.
        change: weight of the mean square of its change from step to step.
    """

    embedding: float = 0.0
    input: float = 0.0
    output: float = 0.0
    activation: float = 0.0
    change: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> Rates:
        """Return those of some settings."""
        return cls(
            settings.embedding_dropout,
            settings.input_dropout,
            settings.output_dropout,
            settings.activation_penalty,
            settings.change_penalty,
        )


class LanguageNetwork(nn.Module):
    """Reads tokens and tells, after each, what may follow.

    Called, it returns the output of the LSTM; ``loss`` and ``log_probabilities`` put the head on
    it, so that with an adaptive softmax the head costs what the targets need.

    Shapes:
        tokens: (B, T), whole numbers below V. output: (B, T, O). log-probabilities: (B, T, V).

    Source: embedding dropout, dropout with one mask over time, DropConnect, activation
        regularisation: Merity, Keskar, Socher 2018, arXiv:1708.02182, sections 2 to 4. Tied
        weights: Press and Wolf 2017, arXiv:1608.05859. Adaptive softmax: Grave et al. 2017,
        arXiv:1609.04309.
    """

    def __init__(
        self,
        vocabulary_size: int,
        embedding_size: int,
        lstm: LSTM,
        *,
        tied: bool = False,
        cutoffs: tuple[int, ...] | None = None,
        rates: Rates | None = None,
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.lstm = lstm
        self.tied, self.cutoffs = tied, cutoffs
        self.rates = rates or Rates()
        self.head: LinearHead | AdaptiveHead = (
            LinearHead(vocabulary_size, lstm.output_size, tied=tied)
            if cutoffs is None
            else AdaptiveHead(
                lstm.output_size, vocabulary_size, list(cutoffs), div_value=CLUSTER_DIVISOR
            )
        )
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)

    @classmethod
    def of(cls, settings: Settings, vocabulary_size: int) -> LanguageNetwork:
        """Return the network that settings describe, with new weights."""
        lstm = LSTM(
            settings.embedding_size,
            list(settings.hidden_sizes),
            batch_first=True,
            dropout=[settings.dropout] * (len(settings.hidden_sizes) - 1),
            peephole=settings.peephole,
            layer_norm=settings.layer_norm,
            exponential_gating=settings.exponential_gating,
            recurrent_dropout=settings.recurrent_dropout,
            drop_connect=settings.drop_connect,
            proj_size=[0] * (len(settings.hidden_sizes) - 1) + [settings.proj_size],
        )
        lstm.variational = True
        return cls(
            vocabulary_size,
            settings.embedding_size,
            lstm,
            tied=settings.tied,
            cutoffs=settings.cutoffs_for(vocabulary_size),
            rates=Rates.of(settings),
        )

    def extra_repr(self) -> str:
        """Return what the parts do not show."""
        return f"tied={self.tied}, cutoffs={self.cutoffs}, rates={tuple(self.rates)}"

    def forward(
        self, tokens: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the output after each token, (B, T, O), and the state of the LSTM."""
        weight = self.embedding.weight
        if self.training and self.rates.embedding:
            kept = weight.new_empty(len(weight), 1).bernoulli_(1 - self.rates.embedding)
            weight = weight * (kept / (1 - self.rates.embedding))
        x = self._drop(functional.embedding(tokens, weight), self.rates.input)
        return self.lstm(x, state, lengths)

    def loss(self, output: Tensor, targets: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of the targets, in nats a token.

        While training, dropout acts on the output, and the penalties are added.

        Shapes:
            output: (B, T, O). targets: (B, T).
        """
        return self._loss(output, targets, None)

    def loss_of_documents(self, output: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
        """Return the same over the first tokens of each row, as many as lengths (B) says."""
        steps = torch.arange(targets.shape[1], device=targets.device)
        return self._loss(
            output, targets, steps.unsqueeze(0) < lengths.to(targets.device).unsqueeze(1)
        )

    def _loss(self, output: Tensor, targets: Tensor, valid: Tensor | None) -> Tensor:
        dropped = self._drop(output, self.rates.output)
        if valid is None:
            flat, wanted = dropped.flatten(0, 1), targets.flatten()
        else:
            flat, wanted = dropped[valid], targets[valid]
        result = self.head.loss(flat, wanted, self._tied_weight())
        if self.training and self.rates.activation:
            result = result + self.rates.activation * flat.square().mean()
        if self.training and self.rates.change and output.shape[1] > 1:
            change = (output[:, 1:] - output[:, :-1]).square()
            if valid is not None:
                change = change[valid[:, 1:]]
            result = result + self.rates.change * change.mean()
        return result

    def log_probabilities(self, output: Tensor) -> Tensor:
        """Return the log-probability of every token to follow, (..., V)."""
        flat = self.head.log_probabilities(output.flatten(0, -2), self._tied_weight())
        return flat.unflatten(0, output.shape[:-1])

    def layer_summary(self) -> list[LayerSummary]:
        """Return a description of each layer, for tables and pictures."""
        size, wide = self.embedding.weight.shape
        first = LayerSummary("Embedding", "linear", size, wide, wide, 1, size * wide)
        outputs = self.lstm.output_size
        weights = sum(parameter.numel() for parameter in self.head.parameters())
        last = LayerSummary("Head", "linear", outputs, size, size, 1, weights)
        return [first, *self.lstm.layer_summary(), last]

    def _tied_weight(self) -> Tensor | None:
        return self.embedding.weight if self.tied else None

    def _drop(self, x: Tensor, rate: float) -> Tensor:
        """Drop features of x (B, T, F), the same ones at all steps."""
        if not self.training or not rate:
            return x
        return x * (x.new_empty(x.shape[0], 1, x.shape[2]).bernoulli_(1 - rate) / (1 - rate))


class LinearHead(nn.Module):
    """From the output to the vocabulary: a linear layer, its weight perhaps the embedding's."""

    weight: Tensor | None

    def __init__(self, size: int, features: int, *, tied: bool) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(size))
        made = None if tied else nn.Parameter(torch.empty(size, features))
        self.register_parameter("weight", made)
        if made is not None:
            nn.init.uniform_(made, -(features**-0.5), features**-0.5)

    def loss(self, flat: Tensor, targets: Tensor, tied: Tensor | None) -> Tensor:
        """Return the mean negative log-likelihood of targets (N) after outputs (N, O)."""
        return linear_cross_entropy(flat, self._weight(tied), self.bias, targets)

    def log_probabilities(self, flat: Tensor, tied: Tensor | None) -> Tensor:
        """Return log-probabilities (N, V) after outputs (N, O)."""
        scores = functional.linear(flat, self._weight(tied), self.bias)
        return functional.log_softmax(scores, dim=-1)

    def _weight(self, tied: Tensor | None) -> Tensor:
        weight = self.weight if tied is None else tied
        assert weight is not None
        return weight


class AdaptiveHead(nn.AdaptiveLogSoftmaxWithLoss):
    """From the output to the vocabulary by an adaptive softmax.

    Frequent tokens are told at once, rare ones within clusters of their own, which are computed
    where a target lies in them.
    """

    def loss(self, flat: Tensor, targets: Tensor, tied: Tensor | None) -> Tensor:
        """Return the mean negative log-likelihood of targets (N) after outputs (N, O)."""
        return self(flat, targets).loss

    def log_probabilities(self, flat: Tensor, tied: Tensor | None) -> Tensor:
        """Return log-probabilities (N, V) after outputs (N, O)."""
        return self.log_prob(flat)
