"""Plain cells in one call: without gradients of an operator that packs no weights twice."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor

from gatework.kernels import forked, native, path
from gatework.kernels.eager import run_plain
from gatework.kernels.path import VARIABLE

# There is none where the kernels were not built.
_OPERATOR: Any = getattr(torch.ops.gatework, "lstm_inference", None)
_OPERATOR = _OPERATOR and _OPERATOR.default


def target(x: Tensor) -> int | None:
    """Return the place of the instruction set that runs plain cells over ``x`` in one call.

    None wherever something else has a say in what runs: autocast, tracing, transforms,
    subclasses of tensors, another path by GATEWORK_KERNEL. ``path.run`` then finds the way.
    """
    if torch.compiler.is_compiling():
        return None
    if type(x) is not Tensor or not x.is_cpu or x.dtype not in native.DTYPES:
        return None
    if _OPERATOR is None or path.watched():
        return None
    if forked.threads_lost:
        return None  # the general way first sees to the threads
    targets = path._LOADED.targets
    forced = os.environ.get(VARIABLE)
    if not forced:
        return 0 if targets else None
    return targets.index(forced) if forced in targets else None


def run(
    x: Tensor,
    start: tuple[Tensor | None, Tensor | None],
    weights: tuple[Tensor | None, ...],
    target: int,
    *,
    reverse: bool = False,
    low_memory: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Run a plain cell over ``x`` and return its output, hidden and cell state.

    With ``low_memory`` only the cell states are saved for gradients, where there are any.

    Shapes:
        x: (T, B, I). start: (B, P) and (B, H), None for zeros.
        weights: (4H, I), (4H, P), two biases (4H) that add up, each of which may be None, and the
            projection (P, H) or None.
    """
    if torch.is_grad_enabled():
        for value in (x, *start, *weights):
            if value is not None and value.requires_grad:
                return run_plain(x, start, weights, target, reverse=reverse, low_memory=low_memory)
    return _OPERATOR(x, *start, *weights, reverse, target)
