"""The short way through a stack of plain cells, where nothing is to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from gatework.cell import Cell, CellOptions, CellState, LSTMCell
from gatework.cell.options import LayerOptions
from gatework.kernels import inference
from gatework.network.state import State

if TYPE_CHECKING:  # a stack takes this way by itself: a circle of types alone
    from gatework.network.stack import RecurrentStack

Start = tuple[Tensor | None, Tensor | None]
Weights = tuple[Tensor | None, ...]

ZEROS: Start = (None, None)
CARRIED = ("proj_size", "bias", "forget_bias")
REPLACED = frozenset({"initial_state", "run_weights"})
"""Methods that may have been set on a single cell."""
NOISE = ("recurrent_dropout", "candidate_dropout", "drop_connect")


def is_plain(options: LayerOptions, *, training: bool) -> bool:
    """Tell whether the operator for plain cells computes such a cell, starting from zeros."""
    if not isinstance(options, CellOptions):
        return False
    free = CARRIED if training else (*CARRIED, *NOISE)
    return all(
        getattr(options, name) == default
        for name, default in options.defaults().items()
        if name not in free
    )


def run_stack(stack: RecurrentStack, x: Any, state: Any) -> tuple[Tensor, State] | None:
    """Run a stack of plain cells over ``x``; None where there is more to do, or to refuse.

    Shapes:
        x: (T, B, I), or (B, T, I) with batch_first.
    """
    target = inference.target(x)
    if target is None or not stack.plain or x.dim() != 3:
        return None
    grid = stack.grid()
    given = None if state is None else state.layers if isinstance(state, State) else ()
    if x.shape[2] != grid[0][0].input_size or (given is not None and len(given) != len(grid)):
        return None
    x = x.transpose(0, 1) if stack.batch_first else x
    rows = []
    for layer, row in enumerate(grid):
        weights = [_weights(cell, x, stack.training) for cell in row]
        starts = [ZEROS] * len(row) if given is None else _starts(given[layer], row, x)
        if None in weights or starts is None:
            return None
        rows.append(list(zip(weights, starts, strict=True)))
    output, ended = run_layers(x, rows, target, low_memory=stack.low_memory)
    return output.transpose(0, 1) if stack.batch_first else output, State(ended)


def run_layers(
    x: Tensor,
    rows: Sequence[Sequence[tuple[Any, Start]]],
    target: int,
    *,
    low_memory: bool = False,
) -> tuple[Tensor, list[list[CellState]]]:
    """Run layers of plain cells, each given by its weights and its start, over ``x`` (T, B, I)."""
    ended: list[list[CellState]] = []
    for row in rows:
        runs = [
            inference.run(x, start, weights, target, reverse=direction == 1, low_memory=low_memory)
            for direction, (weights, start) in enumerate(row)
        ]
        x = runs[0][0] if len(runs) == 1 else torch.cat([y for y, _, _ in runs], dim=-1)
        ended.append([CellState(h, c) for _, h, c in runs])
    return x, ended


def _weights(cell: Cell, x: Tensor, training: bool) -> Weights | None:
    """Return the weights of a cell as the operator takes them, if they are there as they run.

    Those of pruning, weight norm and parametrization are made anew for each run.
    """
    if type(cell) is not LSTMCell or cell._forward_pre_hooks or cell.training is not training:
        return None
    if not REPLACED.isdisjoint(cell.__dict__):
        return None
    parameters, o = cell._parameters, cell.options
    try:
        weight = parameters["weight_ih"]
        bias = parameters["bias"] if o.bias else None
        projection = parameters["weight_hr"] if o.proj_size else None
        found = (weight, parameters["weight_hh"], bias, None, projection)
    except KeyError:
        return None
    return found if weight is not None and weight.dtype is x.dtype and weight.is_cpu else None


def _starts(given: Sequence[CellState], row: Sequence[Cell], x: Tensor) -> list[Start] | None:
    """Return hidden and cell state of the cells of a layer, if they fit a run over ``x``."""
    B, found = x.shape[1], []
    if len(given) != len(row):
        return None
    for (h, c, normaliser, stabiliser), cell in zip(given, row, strict=True):
        if c is None or normaliser is not None or stabiliser is not None:
            return None
        if h.shape != (B, cell.output_size) or c.shape != (B, cell.hidden_size):
            return None
        same = h.dtype is x.dtype is c.dtype and h.is_cpu and c.is_cpu
        if not same or not type(h) is type(c) is Tensor:
            return None
        found.append((h, c))
    return found
