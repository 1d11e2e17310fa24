"""The self-test of ``gatework doctor`` of the kernels for torch: against the reference."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import torch

from gatework.bench.contender import disagreement
from gatework.bench.ours import kernel
from gatework.bench.timing import torch_threads
from gatework.bench.torch_setting import array
from gatework.bench.variants import NAMES, options
from gatework.cli.doctor.runtime_checks import (
    FEATURES,
    HIDDEN_SIZE,
    PLAIN,
    QUICK_VARIANTS,
    TOLERANCE,
    B,
    Check,
    T,
    failed,
)
from gatework.kernels import choose
from gatework.network import LSTM

if TYPE_CHECKING:
    import numpy as np

HIDDEN = (5, 17, 64)


def kernel_checks(targets: tuple[str, ...], *, quick: bool) -> Iterator[Check]:
    """Compare each target with the reference: each precision and variant, forward and backward."""
    variants = QUICK_VARIANTS if quick else (PLAIN, *NAMES)
    for target in targets:
        for dtype in ("float32", "float64"):
            for variant in variants:
                yield _kernel_check(target, dtype, variant, (HIDDEN_SIZE,) if quick else HIDDEN)


def _kernel_check(target: str, dtype: str, variant: str, sizes: tuple[int, ...]) -> Check:
    group = f"{target}, {dtype}"
    worst, words = 0.0, ""
    # On one thread but for the plain cell: work as small as this waits for a second one far longer
    # than it takes wherever something else runs.
    threads = torch.get_num_threads() if variant == PLAIN else 1
    try:
        for H in sizes:
            network, x = _network(variant, H, getattr(torch, dtype))
            with torch_threads(threads), kernel(target):
                cell = network.grid()[0][0]
                path = choose(cell, x, valid=None, trace=False)
                if path.name in ("reference", "torch") and path.name != target:
                    words = f"takes the path {path.name}: {path.reason}"
                found = _outcome(network, x)
            worst = _worse(worst, disagreement(found, _expected(variant, H, x.dtype)))
    except Exception as error:  # whatever a broken build does, the other checks still run
        return failed(group, variant, error)
    return Check(group, variant, worst, worst <= TOLERANCE[dtype], words)


@cache
def _expected(variant: str, H: int, dtype: torch.dtype) -> list[np.ndarray]:
    """Return what the reference computes, once for all targets, on one thread."""
    with torch_threads(1), kernel("reference"):
        return _outcome(*_network(variant, H, dtype))


def _worse(a: float, b: float) -> float:
    return a if b <= a else b  # a difference that is no number wins


def _network(variant: str, H: int, dtype: torch.dtype) -> tuple[LSTM, torch.Tensor]:
    torch.default_generator.manual_seed(H)  # torch.manual_seed asks every device there may be
    chosen: dict[str, Any] = {} if variant == PLAIN else options(variant, H)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = LSTM(FEATURES, H, bidirectional=True, dtype=dtype, **chosen)
    return network, torch.randn(T, B, FEATURES, dtype=dtype)


def _outcome(network: LSTM, x: torch.Tensor) -> list[np.ndarray]:
    """Return output, final state and all gradients of a run with sequences of unequal lengths."""
    torch.default_generator.manual_seed(0)  # of the masks
    x = x.clone().requires_grad_()
    output, state = network(x, lengths=[T, 1, 0, T // 2, T - 1])
    parts = [output, *state.to_tensors().values()]
    flat = torch.cat([part.reshape(-1) for part in parts])
    # Fixed, uneven weights, so that no gradient cancels.
    total = flat @ torch.linspace(-1, 1, len(flat), dtype=flat.dtype)
    gradients = torch.autograd.grad(total, [x, *network.parameters()])
    return [array(tensor) for tensor in (*parts, *gradients)]
