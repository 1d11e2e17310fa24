"""What accelerate brings on a user's own model: time before and after, and how far numbers lie."""

from __future__ import annotations

import copy
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from gatework.errors import ShapeError

Value = TypeVar("Value")
Given = tuple[tuple[Any, ...], Mapping[str, Any]]
Call = Callable[[nn.Module, Given], list[Tensor] | None]

SECONDS = 0.5
"""How long a forward run and a training step are timed, each; three rounds at least."""


@dataclass(frozen=True)
class ModelComparison:
    """A model on torch's own LSTM and on Gatework's kernels; prints as a table.

    Attributes:
        forward: seconds of a run without gradients in evaluation, before and after.
        training: seconds of a run and its backward run in training, before and after; None where
            nothing of the output has a gradient.
        outputs, gradients: the largest difference in evaluation, as a share of the largest finite
            value, NaN where one is; gradients of all parameters, None where none has one.
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
        apart = f"outputs {_written(self.outputs)}"
        if self.gradients is not None:
            apart += f", gradients {_written(self.gradients)}"
        lines.append(f"largest difference, as a share of the largest value: {apart}")
        return "\n".join(lines)


def compare(before: nn.Module, after: nn.Module, given: Given) -> ModelComparison:
    """Compare two models that should compute the same; they and what is given stay as they are.

    Each measurement has a model of its own; every run has the same random numbers to draw and a
    copy of what is given.

    Raises:
        ShapeError: when the models return no tensor of numbers.
    """
    models = (before, after)
    # Whatever the caller has switched off, training is compared too.
    with torch.inference_mode(False), torch.enable_grad():
        # Gradients first: they refuse what cannot be compared.
        gradients = [_run(_step, own_copy(model).eval(), given)[0] for model in models]
        outputs = [_run(_forward, own_copy(model).eval(), given)[0] for model in models]
        learns = gradients[0] is not None
        return ModelComparison(
            _times(_forward, [own_copy(model).eval() for model in models], given),
            _times(_step, [own_copy(model).train() for model in models], given) if learns else None,
            _apart(*outputs),
            _apart(*gradients) if gradients[0] else None,
        )


def own_copy(value: Value) -> Value:
    """Return a deep copy whose tensors have no graph and no gradient in common with the value.

    Example:
        >>> x = torch.ones(2, requires_grad=True) * 2
        >>> own_copy([x])[0].is_leaf
        True
    """
    held = tensors(value)
    if isinstance(value, nn.Module):
        # Parameters copy themselves; a state kept from a run does not.
        states = tensors([vars(module) for module in value.modules()])
        held = (one for one in states if not one.is_leaf)
    own = {id(one): one.detach().clone().requires_grad_(one.requires_grad) for one in held}
    return copy.deepcopy(value, own)


def tensors(found: Any) -> Iterator[Tensor]:
    """Yield every tensor in what a model takes or returns.

    Example:
        >>> [one.shape for one in tensors((torch.zeros(2), {"a": [torch.ones(3), None]}))]
        [torch.Size([2]), torch.Size([3])]
    """
    if isinstance(found, Tensor):
        yield found
    elif isinstance(found, Mapping):
        for part in found.values():
            yield from tensors(part)
    elif isinstance(found, tuple | list):
        for part in found:
            yield from tensors(part)


def _forward(model: nn.Module, given: Given) -> list[Tensor]:
    inputs, keywords = given
    with torch.no_grad():
        return _floats(model(*inputs, **keywords))


def _step(model: nn.Module, given: Given) -> list[Tensor] | None:
    """Return the gradients of a training step, None where nothing of the output has one."""
    inputs, keywords = given
    model.zero_grad()
    found = _floats(model(*inputs, **keywords))
    if not found:
        raise ShapeError(
            "the model returned no tensor of floating-point numbers to compare",
            hint="compare(x) with what the model's forward takes",
        )
    # Uneven weights, so that no gradient cancels.
    together = torch.cat([one.reshape(-1) for one in found])
    weights = torch.linspace(-1, 1, len(together), dtype=together.dtype)
    loss = together @ weights.to(together.device)
    if not loss.requires_grad:
        return None
    loss.backward()
    return [p.grad for p in model.parameters() if p.grad is not None]


def _floats(found: Any) -> list[Tensor]:
    return [one for one in tensors(found) if one.is_floating_point()]


def _run(call: Call, model: nn.Module, given: Given) -> tuple[Any, float]:
    """Return what a call with a copy of what is given finds, and its seconds."""
    own = own_copy(given)
    with _same_randomness():
        began = time.perf_counter()
        found = call(model, own)
        return found, time.perf_counter() - began


@contextmanager
def _same_randomness() -> Iterator[None]:
    """Leave every generator of random numbers where it was."""
    plain, array = random.getstate(), np.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(plain)
        np.random.set_state(array)


def _apart(before: list[Tensor], after: list[Tensor]) -> float:
    """Return the largest difference as a share of the largest finite value; NaN if one is NaN."""
    worst = largest = torch.zeros((), dtype=torch.float64)
    for b, a in zip(before, after, strict=True):
        if b.numel():
            # Equal infinities do not differ; torch's maximum keeps NaN, Python's may lose it.
            apart = torch.where(a == b, 0.0, (a - b).abs()).max()
            worst = worst.maximum(apart.cpu().double())
            largest = largest.maximum(b.nan_to_num(0.0, 0.0, 0.0).abs().max().cpu().double())
    return float(worst / largest) if worst else 0.0


def _written(share: float) -> str:
    return "NaN (not a number, no difference can be told)" if math.isnan(share) else f"{share:.1e}"


def _times(call: Call, models: list[nn.Module], given: Given) -> tuple[float, float]:
    """Return the median seconds of a call with each of two models, which take turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for model in models:
        _run(call, model, given)
    end = time.perf_counter() + SECONDS
    while len(taken[0]) < 3 or time.perf_counter() < end:
        for model, samples in zip(models, taken, strict=True):
            samples.append(_run(call, model, given)[1])
    return statistics.median(taken[0]), statistics.median(taken[1])
