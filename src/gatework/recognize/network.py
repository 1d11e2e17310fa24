"""The network: an LSTM stack with a head at its end, or at every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from gatework.network import LSTM, LayerSummary, State
from gatework.recognize.convolutions import Convolutions
from gatework.recognize.pooling import Pooling

SHADOW = 0.8
"""How much of an LSTM is dropped beside convolutions while training, as in the paper: it would know
few data by heart before the convolutions have learned anything."""


class SequenceNetwork(nn.Module):
    """An LSTM stack, convolutions with it, whose outputs are pooled and read by a linear head.

    Args:
        channels: C, features of a step.
        outputs: O, of the head.
        hidden_sizes: H of each layer.
        bidirectional: each layer also reads the sequence from its end.
        pooling: one of POOLINGS, or None for an output at every step.
        dropout: between layers and before the head, while training.
        convolutions: "beside" the LSTM, so that the head reads the mean of theirs with its outputs;
            "before" it, so that it reads theirs; "none" for none.
        variants: further options of gatework.LSTM.

    Attributes:
        others: networks of the same form beside it, whose predictions are averaged with its own;
            None where there are none.

    Shapes:
        input: (T, B, C). lengths: (B). output: (B, O), or (T, B, O) without pooling.

    Source: an LSTM beside convolutions, Karim, Majumdar, Darabi, Chen 2018, doi
        10.1109/ACCESS.2017.2779939.
    """

    def __init__(
        self,
        channels: int,
        outputs: int,
        hidden_sizes: Sequence[int],
        *,
        bidirectional: bool = False,
        pooling: str | None = "last",
        dropout: float = 0.0,
        convolutions: str = "none",
        variants: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__()
        sizes = list(hidden_sizes)
        self.convolutions = None if convolutions == "none" else Convolutions(channels)
        self.before, self.beside = convolutions == "before", convolutions == "beside"
        self.lstm = LSTM(
            Convolutions.features if self.before else channels,
            sizes,
            dropout=[dropout] * (len(sizes) - 1),
            bidirectional=bidirectional,
            **(variants or {}),
        )
        features = self.lstm.output_size
        learned = pooling not in (None, "last")
        self.pooling = Pooling(pooling, features) if learned and pooling else None
        self.average = Pooling("mean", Convolutions.features) if pooling and self.beside else None
        self.every_step = pooling is None
        self.dropout = nn.Dropout(dropout)
        self.shadow = nn.Dropout(SHADOW) if self.beside else None
        self.head = nn.Linear(features + Convolutions.features * self.beside, outputs)
        self.others: nn.ModuleList | None = None

    @classmethod
    def several(cls, members: int, *sizes: Any, **options: Any) -> SequenceNetwork:
        """Return a network with others of the same form beside it, as many as members in all."""
        built = [cls(*sizes, **options) for _ in range(members)]
        if members > 1:
            built[0].others = nn.ModuleList(built[1:])
        return built[0]

    @property
    def networks(self) -> tuple[SequenceNetwork, ...]:
        """Return this network and those beside it."""
        return (self, *cast("Any", self.others or ()))

    def extra_repr(self) -> str:
        """Return what the weights do not show, for the fingerprint of a training."""
        return f"every_step={self.every_step}"

    def forward(
        self, x: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, None]:
        """Return the prediction for whole sequences; the second part is for the Trainer.

        Networks beside it learn each by itself; once they have learned, the mean is told.

        Shapes:
            returns: (B, O), or (T, B, O) at every step; while several are trained (M, B, O).
        """
        told = self._told(x, state, lengths)
        if not self.others:
            return told, None
        each = torch.stack([told, *(other(x, None, lengths)[0] for other in self.networks[1:])])
        return each if self.training else each.mean(dim=0), None

    def _told(self, x: Tensor, state: State | None, lengths: Tensor | None) -> Tensor:
        """Return what this network tells by itself."""
        if lengths is not None and int(lengths.min()) == len(x):
            lengths = None  # nothing is padded
        seen = None if self.convolutions is None else self.convolutions(x, lengths)
        if seen is not None and lengths is not None:
            padding = torch.arange(len(x))[:, None] >= lengths
            seen = seen.masked_fill(padding[..., None], 0.0)
        output, ended = self.lstm(seen if self.before else x, state, lengths)
        if self.every_step:
            pooled = output
        elif self.pooling is not None:
            pooled = self.pooling(output, lengths)
        else:
            pooled = torch.cat([one.hidden for one in ended.layers[-1]], dim=-1)
        if self.shadow is not None:
            assert seen is not None
            pooled = self.shadow(pooled)
            seen = seen if self.average is None else self.average(seen, lengths)
            pooled = torch.cat([pooled, seen], dim=-1)
        return self.head(self.dropout(pooled))

    def settle(self, batches: Callable[[], Iterable[Sequence[Any]]]) -> None:
        """Normalise by sequences as they are, once it has learned; see Convolutions.settle."""
        for network in self.networks:
            if network.convolutions is not None:
                network.convolutions.settle(batches)

    def tell(self, output: Tensor, x: Tensor) -> Tensor:
        """Return the prediction after every step, did the sequence end there.

        Shapes:
            output: (T, B, F), of the stack. x: (T, B, C), what all of it reads.
            returns: (T, B, O).
        """
        each = [self._after(output, x)]
        for other in self.networks[1:]:
            read = other.convolutions(x) if other.convolutions and other.before else x
            each.append(other._after(other.lstm(read)[0], x))
        return torch.stack(each).mean(dim=0)

    def _after(self, output: Tensor, x: Tensor) -> Tensor:
        """Return what this network tells by itself after every step."""
        if self.pooling is not None:
            output = self.pooling.running(output)[0]
        elif self.lstm.bidirectional and not self.every_step:
            # What is read backwards is told where that reading ends, at the first step.
            ahead, back = output.chunk(2, dim=-1)
            output = torch.cat([ahead, back[:1].expand_as(back)], dim=-1)
        if self.convolutions is not None and self.beside:
            seen = self.convolutions(x)
            if self.average is not None:
                seen = self.average.running(seen)[0]
            output = torch.cat([output, seen], dim=-1)
        return self.head(output)

    def layer_summary(self) -> tuple[LayerSummary, ...]:
        """Return a description of each layer, of the first of several networks."""
        head = LayerSummary.linear("Head", self.head)
        if self.others:
            head = replace(head, options=(f"mean of {len(self.networks)} networks",))
        layers = [*self.lstm.layer_summary(), head]
        if self.convolutions is not None:
            layers.insert(0 if self.before else -1, self.convolutions.summary(beside=self.beside))
        return tuple(layers)
