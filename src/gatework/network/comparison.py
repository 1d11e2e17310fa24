"""What accelerate brings on a user's own model: time before and after, and how far numbers lie."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gatework.errors import ShapeError

SECONDS = 0.5
"""How long a forward run and a training step are timed, each; three rounds at least."""


@dataclass(frozen=True)
class ModelComparison:
    """A model on torch's own LSTM and on Gatework's kernels; prints as a table.

    Attributes:
        forward: seconds of a run without gradients in evaluation, before and after.
        training: seconds of a run and its backward run in training, before and after; None where
            nothing of the output has a gradient.
        outputs, gradients: the largest difference in evaluation, as a share of the largest value;
            gradients of all parameters.
    """

    forward: tuple[float, float]
    training: tuple[float, float] | None
    outputs: float
    gradients: float | None

    def __str__(self) -> str:
        lines = [f"{'':15}{'torch':>12}{'gatework':>12}{'ratio':>8}"]
        named = (("forward", self.forward), ("training step", self.training))
        for name, times in named:
            if times is not None:
                before, after = times
                columns = f"{before * 1e3:>9.3f} ms{after * 1e3:>9.3f} ms{before / after:>8.2f}"
                lines.append(f"{name:15}{columns}")
        apart = f"outputs {self.outputs:.1e}"
        if self.gradients is not None:
            apart += f", gradients {self.gradients:.1e}"
        lines.append(f"largest difference, as a share of the largest value: {apart}")
        return "\n".join(lines)


def compare(
    before: nn.Module, after: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any]
) -> ModelComparison:
    """Compare two models that should compute the same; both are left in another mode.

    Raises:
        ShapeError: when the models return no tensor of numbers.
    """
    models = (before, after)

    def loss(model: nn.Module) -> Tensor:
        found = list(floats(model(*inputs, **keywords)))
        if not found:
            raise ShapeError(
                "the model returned no tensor of floating-point numbers to compare",
                hint="compare(x) with what the model's forward takes",
            )
        # Uneven weights, so that no gradient cancels.
        together = torch.cat([one.reshape(-1) for one in found])
        weights = torch.linspace(-1, 1, len(together), dtype=together.dtype)
        return together @ weights.to(together.device)

    def forward(model: nn.Module) -> None:
        with torch.no_grad():
            model(*inputs, **keywords)

    def step(model: nn.Module) -> None:
        model.zero_grad()
        loss(model).backward()

    with torch.random.fork_rng(devices=[]):
        for model in models:
            model.eval()
        learns = loss(before).requires_grad
        with torch.no_grad():
            outputs = [list(floats(model(*inputs, **keywords))) for model in models]
        gradients = [_gradients(model, step) for model in models] if learns else None
        forward_times = _times(forward, models)
        for model in models:
            model.train()
        training_times = _times(step, models) if learns else None
    return ModelComparison(
        forward_times,
        training_times,
        _apart(*outputs),
        None if gradients is None else _apart(*gradients),
    )


def floats(found: Any) -> Iterator[Tensor]:
    """Yield every tensor of floating-point numbers in what a model returned.

    Example:
        >>> [one.shape for one in floats((torch.zeros(2), {"a": [torch.ones(3), None]}))]
        [torch.Size([2]), torch.Size([3])]
    """
    if isinstance(found, Tensor):
        if found.is_floating_point():
            yield found
    elif isinstance(found, Mapping):
        for part in found.values():
            yield from floats(part)
    elif isinstance(found, tuple | list):
        for part in found:
            yield from floats(part)


def _gradients(model: nn.Module, step: Callable[[nn.Module], None]) -> list[Tensor]:
    step(model)
    return [p.grad.clone() for p in model.parameters() if p.grad is not None]


def _apart(before: list[Tensor], after: list[Tensor]) -> float:
    """Return the largest difference as a share of the largest value."""
    pairs = [(a, b) for a, b in zip(after, before, strict=True) if b.numel()]
    apart = max((float((a - b).abs().max()) for a, b in pairs), default=0.0)
    largest = max((float(b.abs().max()) for _, b in pairs), default=0.0)
    return apart / largest if apart else 0.0


def _times(
    call: Callable[[nn.Module], None], models: tuple[nn.Module, nn.Module]
) -> tuple[float, float]:
    """Return the median seconds of a call with each of two models, which take turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for model in models:
        call(model)
    end = time.perf_counter() + SECONDS
    while len(taken[0]) < 3 or time.perf_counter() < end:
        for model, samples in zip(models, taken, strict=True):
            began = time.perf_counter()
            call(model)
            samples.append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])
