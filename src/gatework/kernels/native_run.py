"""The native path: one operator runs a layer and direction over a whole sequence."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gatework.cell import GATES, CellState, LSTMCell, Weights
from gatework.cell.description import LSTM_CELL
from gatework.kernels import layout, native, transforms
from gatework.kernels.arguments import Arguments
from gatework.kernels.eager import EagerFunction
from gatework.kernels.operators import call
from gatework.kernels.reference import LayerRun

_AUTOCAST = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastCPU)


def run(
    cell: LSTMCell,
    x: Tensor,
    state: CellState,
    *,
    lengths: Tensor | None = None,
    reverse: bool = False,
    trace: bool = False,
    low_memory: bool = False,
    target: int = 0,
) -> LayerRun:
    """Run ``cell`` over ``x`` (T, B, I) from ``state`` with the native kernels.

    Args:
        cell: the cell.
        x: (T, B, I).
        state: what the run starts from.
        reverse: time runs from T - 1 to 0.
        trace: also return gates and states, as signals.
        lengths: (B) int64 on the CPU, from 0 to T; None when nothing is padded.
        low_memory: save only the cell states, and compute the gates again for the backward run.
        target: place of the instruction set in native.targets().
    """
    weights = cell.run_weights()
    saving = torch.is_grad_enabled() and any(
        value is not None and value.requires_grad for value in (x, *state, *weights)
    )
    save = layout.SAVE_NOTHING
    if trace:
        save = layout.SAVE_ALL
    elif saving:
        save = layout.SAVE_STATES if low_memory else layout.SAVE_ALL
    bfloat16 = native.multiplies_bfloat16(weights.weight_ih, target)
    arguments = _arguments(cell, x, state, weights, (lengths, reverse, save, bfloat16, target))
    output, hidden, memory, normaliser, stabiliser, saved = _call(arguments, saving)
    exponential = state.normaliser is not None
    new = CellState(
        hidden,
        memory,
        normaliser if exponential else None,
        stabiliser if exponential else None,
    )
    if not trace:
        return LayerRun(output, new)
    return LayerRun(output, new, signals=_signals(output, layout.views(arguments, saved)))


def _call(arguments: Arguments, saving: bool) -> tuple[Tensor, ...]:
    operator: Any = torch.ops.gatework.lstm.default
    if torch.compiler.is_compiling():
        return operator(*arguments)
    if torch._C._are_functorch_transforms_active():
        return transforms.Forward.apply(*arguments)
    if not torch.is_autocast_enabled("cpu"):
        return EagerFunction.apply(*arguments) if saving else call(operator, arguments)
    # What is registered for autocast, at a fraction of its cost.
    values = [_in_float32(value) for value in arguments]
    with torch._C._ExcludeDispatchKeyGuard(_AUTOCAST):
        return EagerFunction.apply(*values) if saving else call(operator, values)


def _in_float32(value: Any) -> Any:
    low = isinstance(value, Tensor) and value.dtype in (torch.bfloat16, torch.float16)
    return value.float() if low else value


def _arguments(
    cell: LSTMCell, x: Tensor, state: CellState, weights: Weights, rest: tuple[Any, ...]
) -> Arguments:
    if state.cell is None:
        raise TypeError("an LSTM cell needs a state with a cell")
    masks = cell.run_masks(x.shape[0], x.shape[1], x)
    zoned_cell, zoned_hidden = masks.zoneout_cell, masks.zoneout_hidden
    return Arguments(
        x,
        state.hidden,
        state.cell,
        state.normaliser,
        state.stabiliser,
        *weights,
        masks.hidden,
        masks.candidate,
        zoned_cell if isinstance(zoned_cell, Tensor) else None,
        zoned_hidden if isinstance(zoned_hidden, Tensor) else None,
        zoned_cell if isinstance(zoned_cell, float) else 0.0,
        zoned_hidden if isinstance(zoned_hidden, float) else 0.0,
        *rest,
    )


def _signals(output: Tensor, views: dict[str, Tensor]) -> dict[str, Tensor]:
    gates = dict(zip(GATES, views["gates"].unbind(2), strict=True))
    states = (part.name for part in LSTM_CELL.state[1:])
    return {"hidden": output, **gates} | {s: views[f"{s}s"] for s in states if f"{s}s" in views}
