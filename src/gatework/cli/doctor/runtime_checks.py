"""The self-test of ``gatework doctor`` of the runtime: its kernels against numpy, without torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.bench.contender import disagreement
from gatework.bench.drawn import drawn_model
from gatework.bench.variants import NAMES, options
from gatework.runtime.native import REFERENCE

TOLERANCE = {"float32": 1e-4, "float64": 1e-10}
"""Largest difference as a share of the largest value: sums of at most a few hundred terms, through
a few dozen steps, in another order."""

T, B, FEATURES = 19, 5, 6
HIDDEN_SIZE = 17
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


def runtime_checks(targets: tuple[str, ...], *, quick: bool) -> Iterator[Check]:
    """Compare each target of the runtime with numpy: whole sequences and single steps."""
    for target in targets:
        for variant in QUICK_VARIANTS if quick else (PLAIN, *NAMES):
            yield _runtime_check(target, variant)


def _runtime_check(target: str, variant: str) -> Check:
    group, H = f"runtime, {target}", HIDDEN_SIZE
    chosen: dict[str, Any] = {} if variant == PLAIN else options(variant, H)
    x = np.random.default_rng(H).normal(size=(T, B, FEATURES)).astype(np.float32)
    try:
        expected, _ = drawn_model(REFERENCE, FEATURES, [H, H], **chosen)(x)
        model = drawn_model(target, FEATURES, [H, H], **chosen)
        stepper = model.stepper(batch=B)
        steps = np.stack([stepper.step(features) for features in x])
        worst = disagreement([model(x)[0], steps], [expected, expected])
    except Exception as error:  # whatever a broken build does, the other checks still run
        return failed(group, variant, error)
    return Check(group, variant, worst, worst <= TOLERANCE["float32"])


def failed(group: str, variant: str, error: Exception) -> Check:
    """Return the check of what could not run."""
    lines = str(error).splitlines() or [""]
    return Check(group, variant, None, False, f"{type(error).__name__}: {lines[0]}")
