"""Which path runs a layer, and why."""

from __future__ import annotations

import os
from typing import NamedTuple

import torch
from torch import Tensor

from gatework.cell import Cell, CellState
from gatework.errors import OptionError, nearest
from gatework.kernels import reference, torch_fused
from gatework.kernels.reference import Run

VARIABLE = "GATEWORK_KERNEL"
FORCED = ("reference", "torch")


class Path(NamedTuple):
    """The path that a layer takes: its name and the reason in words."""

    name: str
    reason: str


def choose(cell: Cell, x: Tensor, *, valid: Tensor | None, trace: bool) -> Path:
    """Return the path for ``cell`` over ``x`` (T, B, I).

    The environment variable GATEWORK_KERNEL forces one: ``reference`` everywhere, or ``torch``
    where torch has an operator.

    Raises:
        OptionError: when GATEWORK_KERNEL names no path.
    """
    forced = os.environ.get(VARIABLE, "")
    if forced and forced not in FORCED:
        raise OptionError(
            f"{VARIABLE} must be one of {', '.join(FORCED)}, got {forced!r}",
            hint=f"export {VARIABLE}={nearest(forced, FORCED) or FORCED[0]}",
        )
    if forced == "reference":
        return Path("reference", f"{VARIABLE}=reference")
    if not cell.plain():
        return Path("reference", "torch has no operator for the cell's variants")
    if trace:
        return Path("reference", "torch's operator hides its gates")
    if valid is not None:
        return Path("reference", "torch's operator knows no padding")
    if 0 in x.shape:
        return Path("reference", "torch's operator needs at least one step, row and feature")
    if torch.compiler.is_compiling() and torch.is_grad_enabled():
        return Path("reference", "torch's compiler cannot trace the gradient of its operator")
    return Path("torch", "a plain cell")


def run(
    cell: Cell,
    x: Tensor,
    state: CellState,
    *,
    valid: Tensor | None = None,
    reverse: bool = False,
    trace: bool = False,
) -> Run:
    """Run ``cell`` over ``x`` on the path that ``choose`` names; see reference.run."""
    if choose(cell, x, valid=valid, trace=trace).name == "torch":
        return torch_fused.run(cell, x, state, reverse=reverse)
    return reference.run(cell, x, state, valid=valid, reverse=reverse, trace=trace)
