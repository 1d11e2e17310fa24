"""The self-test of ``gatework doctor``: kernels against the reference, runtime against torch."""

from __future__ import annotations

import importlib
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from gatework.bench.ours import kernel
from gatework.bench.setting import array, disagreement
from gatework.bench.variants import NAMES, options
from gatework.files import save
from gatework.kernels import choose
from gatework.network import LSTM

if TYPE_CHECKING:
    import numpy as np

TOLERANCE = {"float32": 1e-4, "float64": 1e-10}
"""Largest difference as a share of the largest value: sums of at most a few hundred terms, through
a few dozen steps, in another order."""

T, B, FEATURES = 19, 5, 6
HIDDEN = (5, 17, 64)
QUICK_HIDDEN = (17,)
PLAIN = "plain"
QUICK_VARIANTS = (PLAIN, "layer norm", "exponential gating")


@dataclass(frozen=True)
class Check:
    """One comparison: what ran, how far it lies from what it should be, and whether that is well.

    Attributes:
        group: what is tested, such as "avx2, float32".
        variant: on which variant of the cell.
        difference: the largest one as a share of the largest value, None where nothing ran.
        words: what there is to say, such as why nothing ran.
    """

    group: str
    variant: str
    difference: float | None
    healthy: bool
    words: str = ""


def kernel_checks(targets: tuple[str, ...], *, quick: bool) -> Iterator[Check]:
    """Compare each target with the reference: each precision and variant, forward and backward."""
    variants = QUICK_VARIANTS if quick else (PLAIN, *NAMES)
    for target in targets:
        for dtype in ("float32", "float64"):
            for variant in variants:
                yield _kernel_check(target, dtype, variant, QUICK_HIDDEN if quick else HIDDEN)


def runtime_checks(targets: tuple[str, ...], *, quick: bool) -> Iterator[Check]:
    """Compare each target of the runtime with the reference: whole sequences and single steps."""
    for target in targets:
        for variant in QUICK_VARIANTS if quick else (PLAIN, *NAMES):
            yield _runtime_check(target, variant)


def _kernel_check(target: str, dtype: str, variant: str, sizes: tuple[int, ...]) -> Check:
    group = f"{target}, {dtype}"
    worst, words = 0.0, ""
    try:
        for H in sizes:
            network, x = _network(variant, H, getattr(torch, dtype))
            with kernel(target):
                cell = network.grid()[0][0]
                path = choose(cell, x, valid=None, trace=False)
                if path.name in ("reference", "torch") and path.name != target:
                    words = f"takes the path {path.name}: {path.reason}"
                found = _outcome(network, x)
            with kernel("reference"):
                expected = _outcome(network, x)
            worst = _worse(worst, disagreement(found, expected))
    except Exception as error:  # whatever a broken build does, the other checks still run
        return _failed(group, variant, error)
    return Check(group, variant, worst, worst <= TOLERANCE[dtype], words)


def _worse(a: float, b: float) -> float:
    return a if b <= a else b  # a difference that is no number wins


def _failed(group: str, variant: str, error: Exception) -> Check:
    lines = str(error).splitlines() or [""]
    return Check(group, variant, None, False, f"{type(error).__name__}: {lines[0]}")


def _network(variant: str, H: int, dtype: torch.dtype) -> tuple[LSTM, torch.Tensor]:
    torch.manual_seed(H)
    chosen: dict[str, Any] = {} if variant == PLAIN else options(variant, H)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        network = LSTM(FEATURES, H, bidirectional=True, dtype=dtype, **chosen)
    return network, torch.randn(T, B, FEATURES, dtype=dtype)


def _outcome(network: LSTM, x: torch.Tensor) -> list[np.ndarray]:
    """Return output, final state and all gradients of a run with sequences of unequal lengths."""
    torch.manual_seed(0)  # of the masks
    x = x.clone().requires_grad_()
    output, state = network(x, lengths=[T, 1, 0, T // 2, T - 1])
    parts = [output, *state.to_tensors().values()]
    flat = torch.cat([part.reshape(-1) for part in parts])
    # Fixed, uneven weights, so that no gradient cancels.
    total = flat @ torch.linspace(-1, 1, len(flat), dtype=flat.dtype)
    gradients = torch.autograd.grad(total, [x, *network.parameters()])
    return [array(tensor) for tensor in (*parts, *gradients)]


def _runtime_check(target: str, variant: str) -> Check:
    group, H = f"runtime, {target}", QUICK_HIDDEN[0]
    torch.manual_seed(H)
    chosen: dict[str, Any] = {} if variant == PLAIN else options(variant, H)
    network = LSTM(FEATURES, [H, H], **chosen).eval()
    x = torch.randn(T, B, FEATURES)
    with torch.no_grad(), kernel("reference"):
        expected = array(network(x)[0])
    try:
        with kernel(target):
            found = _runtime_outputs(network, x)
    except Exception as error:
        return _failed(group, variant, error)
    worst = disagreement([*found], [expected, expected])
    return Check(group, variant, worst, worst <= TOLERANCE["float32"])


def _runtime_outputs(network: LSTM, x: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return the output for the sequences at once, and that of a step after the other."""
    import numpy as np

    with tempfile.TemporaryDirectory(prefix="gatework-doctor-") as folder:
        path = Path(folder) / "model.safetensors"
        save(network, path)
        model = importlib.import_module("gatework.runtime").load(path)
    stepper = model.stepper(batch=B)
    steps = [np.array(stepper.step(features)) for features in x.numpy()]
    return model(x.numpy())[0], np.stack(steps)
