"""Convolutions over time: what lies within a few steps is seen at once, by many small windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from gatework.cell.summary import LayerSummary
from gatework.runtime.convolutions import EPSILON, FILTERS, KERNELS


class Convolutions(nn.Module):
    """Three layers of causal convolutions, each normalised over its batch and rectified.

    A window ends at the step that it tells of, so what is told of a step is the same however much
    follows it, and a stream can go on from the last few steps.

    Args:
        channels: C, features of a step.

    Shapes:
        x: (T, B, C). lengths: (B), from 1; None when nothing is padded. returns: (T, B, F), of any
        value on padding.

    Example:
        >>> Convolutions(3)(torch.zeros(5, 2, 3)).shape
        torch.Size([5, 2, 64])

    Source: Wang, Yan, Oates 2017, doi 10.1109/IJCNN.2017.7966039, the fully convolutional network,
        with half its filters; batch normalisation, Ioffe and Szegedy 2015, arXiv:1502.03167.
    """

    features = FILTERS[-1]

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        sizes = zip((channels, *FILTERS), FILTERS, KERNELS, strict=False)
        self.windows = nn.ModuleList(nn.Conv1d(*size, bias=False) for size in sizes)
        self.norms = nn.ModuleList(StepNorm(count) for count in FILTERS)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return what the windows that end at each step see."""
        x = x.permute(1, 2, 0)  # (B, C, T)
        there = None
        if lengths is not None:
            there = torch.arange(x.shape[2]) < lengths[:, None]  # (B, T)
        return self._seen(x, there, len(KERNELS)).permute(2, 0, 1)

    def _seen(self, x: Tensor, there: Tensor | None, layers: int) -> Tensor:
        """Return what the first so many layers see, (B, F, T), of x (B, C, T)."""
        for place in range(layers):
            x = functional.relu(self.norms[place](self._window(place, x), there))
        return x

    def _window(self, place: int, x: Tensor) -> Tensor:
        """Return the sums of a layer's windows, each ending at its step."""
        return self.windows[place](functional.pad(x, (KERNELS[place] - 1, 0)))

    @torch.no_grad()
    def settle(self, batches: Callable[[], Iterable[Sequence[Any]]]) -> None:
        """Normalise by the steps of some sequences from now on, in place of what training kept.

        While data are varied, training keeps means and variances of what was varied, noise
        included, and what is not varied would be normalised by those.

        Args:
            batches: gives them anew for each layer: rows, inputs (T, B, C) and lengths (B).

        Source: anew once data are no longer varied, Touvron, Vedaldi, Douze, Jegou 2019,
            arXiv:1906.06423; over all data at once, Wu and Johnson 2021, arXiv:2105.07576.
        """
        self.eval()
        for place, norm in enumerate(self.norms):
            assert isinstance(norm, StepNorm)
            count, total, squares = 0, torch.zeros(()), torch.zeros(())
            for _, x, lengths in batches():
                seen = self._seen(x.permute(1, 2, 0), None, place)
                there = torch.arange(len(x)) < lengths[:, None]
                steps = self._window(place, seen).transpose(1, 2)[there].double()
                count, total = count + len(steps), total + steps.sum(dim=0)
                squares = squares + steps.square().sum(dim=0)
            norm.mean.copy_(total / count)
            norm.variance.copy_((squares / count - (total / count).square()).clamp(min=0))

    def summary(self, *, beside: bool) -> LayerSummary:
        """Return a description of all of it as one layer."""
        wide, size = self.channels, self.features
        count = sum(weight.numel() for weight in self.parameters())
        name = "Convolutions beside" if beside else "Convolutions"
        return LayerSummary(name, "linear", wide, size, size, 1, count, beside=beside)


class StepNorm(nn.Module):
    """Batch normalisation over the steps that are there, padding left out.

    Shapes:
        x: (B, F, T). there: (B, T), or None for all. returns: (B, F, T), zero on padding while
        training.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features))
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("variance", torch.ones(features))

    def forward(self, x: Tensor, there: Tensor | None = None) -> Tensor:
        """Return the steps, each feature of mean 0 and deviation 1 before its learned scale."""
        many = x.shape[0] * x.shape[2] > 1  # a step alone has no deviation
        if there is None or not self.training:
            return self._normal(x, self.training and many)
        steps = x.transpose(1, 2)
        rows = steps[there]
        normal = self._normal(rows, len(rows) > 1)
        return torch.zeros_like(steps).masked_scatter(there[..., None], normal).transpose(1, 2)

    def _normal(self, x: Tensor, training: bool) -> Tensor:
        return functional.batch_norm(
            x, self.mean, self.variance, self.weight, self.bias, training, eps=EPSILON
        )
