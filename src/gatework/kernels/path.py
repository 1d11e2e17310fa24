"""Which path runs a layer, and why."""

from __future__ import annotations

import os
import warnings
from typing import Any, NamedTuple

import torch
from torch import Tensor

from gatework.cell import Cell, CellState, LSTMCell
from gatework.errors import OptionError, nearest
from gatework.kernels import forked, native, native_run, reference, torch_fused
from gatework.kernels.reference import LayerRun

VARIABLE = "GATEWORK_KERNEL"
TARGETS = ("avx512", "avx2", "neon", "base")
FORCED = ("reference", "torch", *TARGETS)

# Loaded with the module, so that torch's compiler meets constants and no loading.
_LOADED = native.load()
_warned: set[str] = set()


class Path(NamedTuple):
    """The path that a layer takes: ``native``, ``torch`` or ``reference``.

    Attributes:
        name: the path.
        reason: why, in words.
        instruction_set: of the native kernels, as in native.targets(); else empty.
    """

    name: str
    reason: str
    instruction_set: str = ""


def choose(cell: Cell, x: Tensor, *, valid: Tensor | None = None, trace: bool = False) -> Path:
    """Return the path for ``cell`` over ``x`` (T, B, I).

    The environment variable GATEWORK_KERNEL forces one: ``reference`` everywhere, ``torch`` where
    torch has an operator, or the native kernels of one instruction set: ``avx512``, ``avx2``,
    ``neon`` or ``base``.

    Raises:
        OptionError: when GATEWORK_KERNEL names no path, or one that this machine cannot run.
    """
    forced = os.environ.get(VARIABLE, "")
    obstacle = _native_obstacle(cell, x)
    if not forced and not obstacle:
        reason = "the native kernels run every variant"
        return Path("native", _with_factors(cell, 0, reason), _LOADED.targets[0])
    if forced:
        _check_forced(forced)
    if forced == "reference":
        return Path("reference", f"{VARIABLE}=reference")
    if not obstacle and forced != "torch":
        place = _LOADED.targets.index(forced)
        return Path("native", _with_factors(cell, place, f"{VARIABLE}={forced}"), forced)
    found = _torch_obstacle(cell, x, valid, trace)
    if not found:
        return Path("torch", f"{VARIABLE}=torch" if forced == "torch" else obstacle)
    return Path("reference", found if not obstacle or obstacle == found else f"{obstacle}; {found}")


def _with_factors(cell: Cell, target: int, reason: str) -> str:
    """Return the reason, and that factors are rounded where they are."""
    if native.multiplies_bfloat16(cell.weight_ih, target):
        return f"{reason}; autocast: factors of bfloat16"
    return reason


def _check_forced(forced: str) -> None:
    if forced not in FORCED:
        raise OptionError(
            f"{VARIABLE} must be one of {', '.join(FORCED)}, got {forced!r}",
            hint=f"export {VARIABLE}={nearest(forced, FORCED) or FORCED[0]}",
        )
    if forced in TARGETS and forced not in _LOADED.targets:
        here = ", ".join(("reference", "torch", *_LOADED.targets))
        because = f" ({_LOADED.problem})" if _LOADED.problem else ""
        raise OptionError(
            f"{VARIABLE}={forced}: this machine has no such kernels{because}; it has {here}",
            hint=f"export {VARIABLE}={_LOADED.targets[0] if _LOADED.targets else 'reference'}",
        )


def _native_obstacle(cell: Cell, x: Tensor) -> str:
    """Return why the native kernels cannot run ``cell``; empty when they can."""
    if not isinstance(cell, LSTMCell):
        return "the native kernels are the LSTM's"
    if _LOADED.problem:
        return _LOADED.problem
    if not torch.compiler.is_compiling():
        if _forward_mode():
            return "the native kernels have no derivatives in forward mode"
        if torch._C._get_tracing_state() is not None:
            return "torch.jit.trace cannot follow the native kernels"
    if not x.is_cpu:
        return f"the native kernels run on the CPU, the input is on {x.device.type}"
    weight = cell.weight_ih
    if weight.dtype not in native.DTYPES:
        return f"the native kernels run in float32 and float64, not {weight.dtype}"
    return ""


def watched() -> bool:
    """Tell whether autocast, a tracer or a transform of torch has a say in what is run."""
    return (
        torch._C._are_functorch_transforms_active()
        or torch.is_autocast_enabled("cpu")
        or torch.autograd.forward_ad._current_level >= 0
        or torch._C._get_tracing_state() is not None
    )


def _forward_mode() -> bool:
    """Tell whether derivatives are being carried forward (jvp, jacfwd, dual numbers)."""
    if torch.autograd.forward_ad._current_level >= 0:
        return True
    if not torch._C._are_functorch_transforms_active():
        return False
    functorch: Any = getattr(torch._C, "_functorch")  # noqa: B009  (it has no stubs)
    forward = functorch.TransformType.Jvp
    stack = functorch.get_interpreter_stack() or ()
    return any(level.key() == forward for level in stack)


def _torch_obstacle(cell: Cell, x: Tensor, valid: Tensor | None, trace: bool) -> str:
    """Return why torch's own operator cannot run ``cell``; empty when it can."""
    if not torch.compiler.is_compiling() and _forward_mode():
        return "torch's operator has no derivatives in forward mode"
    if not cell.plain():
        return "torch has no operator for the cell's variants"
    if trace:
        return "torch's operator hides its gates"
    if valid is not None:
        return "torch's operator knows no padding"
    if 0 in x.shape:
        return "torch's operator needs at least one step, row and feature"
    if torch.compiler.is_compiling() and torch.is_grad_enabled():
        return "torch's compiler cannot trace the gradient of its operator"
    return ""


def run(
    cell: Cell,
    x: Tensor,
    state: CellState,
    *,
    valid: Tensor | None = None,
    lengths: Tensor | None = None,
    reverse: bool = False,
    trace: bool | str = False,
    low_memory: bool = False,
) -> LayerRun:
    """Run ``cell`` over ``x`` on the path that ``choose`` names; see reference.run.

    Args:
        cell: the cell.
        x: (T, B, I).
        state: what the run starts from.
        valid: (T, B, 1), False on padding.
        reverse: time runs from T - 1 to 0.
        lengths: (B) the number of valid steps of each row, where ``valid`` is given.
        trace: also return gates and states; "steps" takes the reference path for them, which
            keeps the very tensors that each step computed.
        low_memory: save only the cell states for the backward run, where a path can.
    """
    if forked.threads_lost:
        forked.go_on_alone()
    if torch.is_autocast_enabled("cpu"):
        x, state = _in_own_precision(cell, x, state)
    if trace == "steps":
        return reference.run(cell, x, state, valid=valid, reverse=reverse, trace=True)
    path = choose(cell, x, valid=valid, trace=bool(trace))
    if path.name == "native" and isinstance(cell, LSTMCell):
        if valid is not None and lengths is None:
            lengths = valid.squeeze(-1).sum(0)
        return native_run.run(
            cell,
            x,
            state,
            lengths=lengths,
            reverse=reverse,
            trace=bool(trace),
            low_memory=low_memory,
            target=_LOADED.targets.index(path.instruction_set),
        )
    if path.name == "torch":
        return torch_fused.run(cell, x, state, reverse=reverse)
    if isinstance(cell, LSTMCell):
        _warn_once(path.reason)
    return reference.run(cell, x, state, valid=valid, reverse=reverse, trace=bool(trace))


def _in_own_precision(cell: Cell, x: Tensor, state: CellState) -> tuple[Tensor, CellState]:
    """Return both in the dtype of the weights, as they come under autocast in any.

    Autocast itself leaves float64 as it is, and masks are drawn in the dtype of ``x``.
    """
    dtype = cell.weight_ih.dtype
    if dtype not in native.DTYPES or not x.is_cpu:
        return x, state
    parts = zip(CellState._fields, state, strict=True)
    there = {name: part.to(dtype) for name, part in parts if part is not None}
    return x.to(dtype), state._replace(**there)


def _warn_once(reason: str) -> None:
    if torch.compiler.is_compiling() or VARIABLE in reason or reason in _warned:
        return
    _warned.add(reason)
    warnings.warn(
        f"this LSTM runs step by step on the slow reference path: {reason}. "
        "lstm.plan(x) shows the path of each layer; gatework doctor looks for the cause",
        stacklevel=2,
    )
