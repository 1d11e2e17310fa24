"""Every gate and state of a run, in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np

from gatework.cell.configuration import PlacedCell
from gatework.cell.options import CellOptions
from gatework.runtime.architecture import Architecture
from gatework.runtime.equations import Signals, Weights, project_input, steps


class PaddedInput(NamedTuple):
    """What a layer reads: x (T, B, I), and which steps are no padding, (T, B, 1)."""

    x: np.ndarray
    valid: np.ndarray


def trace(
    architecture: Architecture,
    weights: Weights,
    x: np.ndarray,
    state: Mapping[str, np.ndarray],
    lengths: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """Return every signal of a run by layer, direction and name, zero on padding.

    Shapes:
        x: (T, B, I). state: before it, by the names of a runtime's State. Returns (T, B, units).
    """
    dtype = next(iter(state.values())).dtype
    times = np.arange(len(x))[:, None, None]
    valid = times < (np.full(x.shape[1], len(x)) if lengths is None else lengths)[:, None]
    if architecture.scaling:
        mean, deviation, log, _ = architecture.scaling
        x = ((np.log1p(x) if log else x) - mean) / deviation
    found: dict[str, np.ndarray] = {}
    for member in architecture.members:
        said = PaddedInput(x.astype(dtype), valid)
        outputs: list[np.ndarray] = []
        for cell in member.stack.cells():
            if cell.direction == "forward" and outputs:
                said = said._replace(x=np.concatenate(outputs, axis=-1))
                outputs = []
            options = cast(CellOptions, cell.options)
            own = {n: weights[member.lstm_prefix + cell.prefix + n] for n in options.shapes()}
            prefix = member.prefix + cell.state_prefix
            start = {part: state[prefix + part] for part in options.state_sizes()}
            signals = trace_cell(cell, own, said, start)
            outputs.append(signals["hidden"])
            place = f"{member.prefix}layer {cell.layer} {cell.direction}"
            found |= {f"{place} {name}": one for name, one in signals.items()}
    return found


def trace_cell(cell: PlacedCell, w: Weights, said: PaddedInput, start: Signals) -> Signals:
    """Return every signal of one cell over sequences, from the states ``start``, (B, units)."""
    options, reverse = cast(CellOptions, cell.options), cell.direction == "reverse"
    given = project_input(said.x, w)
    found: dict[str, list[np.ndarray]] = {}
    for t, signals, _ in steps(options, given, start, w, reverse=reverse, valid=said.valid):
        for name, one in signals.items():
            found.setdefault(name, []).append(np.where(said.valid[t], one, np.zeros_like(one)))
    backward = slice(None, None, -1 if reverse else 1)
    return {name: np.stack(parts)[backward] for name, parts in found.items()}
