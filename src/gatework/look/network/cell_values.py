"""The numbers on the wires of a cell: one unit at one step."""

from __future__ import annotations

import math

import numpy as np
import torch

from gatework.cell import LSTMCell
from gatework.cell.equations import project_hidden, project_input
from gatework.examine import Run


def unit_values(run: Run, layer: int, direction: str, unit: int, step: int) -> dict[str, float]:
    """Return what passes through a unit at a step, by the name of the wire.

    With a projection the hidden states are those of the projected features; their number is left
    out for units beyond them.
    """
    signals = run.cell(layer, direction)
    cell = run.network.cell(layer, direction)
    v: dict[str, float] = {}
    for name, values in signals.items():
        if unit < values.shape[1]:
            v[name] = float(values[step, unit])
    for name in ("cell", "hidden", "normaliser"):
        if name in signals and unit < signals[name].shape[1]:
            v[f"{name} before"] = float(_before(run, layer, direction, name, step)[unit])
    if "forget_gate" in v:
        v["kept"] = v["forget_gate"] * v["cell before"]
        v["written"] = v["input_gate"] * v["candidate"]
        # With layer norm all units together decide what is shown of one.
        normed = isinstance(cell, LSTMCell) and cell.options.layer_norm
        if "normaliser" in v and not normed:
            v["shown"] = v["cell"] / v["normaliser"] if v["normaliser"] else 0.0
        elif not normed:
            v["shown"] = math.tanh(v["cell"])
    if layer == 0 and run.inputs.shape[2] == 1:
        v["input"] = float(run.inputs[step, 0, 0])
    if isinstance(cell, LSTMCell):
        v |= _shares(run, cell, layer, direction, unit, step) | _peeped(cell, v, unit)
    return v


def _before(run: Run, layer: int, direction: str, name: str, step: int) -> np.ndarray:
    """Return a part of the state that a step begins with, (units,)."""
    before = step - 1 if direction == "forward" else step + 1
    if 0 <= before < len(run):
        return run.signal(layer, name, direction)[before]
    start = run.begin.layers[layer][run.directions.index(direction)]
    return getattr(start, name)[0].detach().double().numpy()


def _peeped(cell: LSTMCell, v: dict[str, float], unit: int) -> dict[str, float]:
    """Return what the gates that see the cell have of it; the output gate sees the new one."""
    peephole = cell.run_weights().peephole
    if peephole is None:
        return {}
    gates = [gate for gate in cell.options.gates if gate != "candidate"]
    return {
        f"{gate} from cell": float(row[unit].detach())
        * v["cell" if gate == "output_gate" else "cell before"]
        for gate, row in zip(gates, peephole, strict=True)
    }


def _shares(
    run: Run, cell: LSTMCell, layer: int, direction: str, unit: int, step: int
) -> dict[str, float]:
    """Return what each gate's sum has of input and bias, and of the hidden state."""
    weights = cell.run_weights()
    if layer == 0:
        x = run.inputs[step]
    else:
        below = [run.signal(layer - 1, "hidden", one)[step] for one in run.directions]
        x = torch.from_numpy(np.concatenate(below)[None]).to(run.inputs.dtype)
    hidden = _before(run, layer, direction, "hidden", step)
    h = torch.from_numpy(hidden[None].copy()).to(run.inputs.dtype)
    with torch.no_grad():
        given, recalled = project_input(x, weights)[0], project_hidden(h, weights)[0]
    found = {}
    for gate in cell.options.gates:
        rows = cell.options.gate_rows(gate)
        found[f"{gate} from input"] = float(given[rows][unit])
        found[f"{gate} from hidden"] = float(recalled[rows][unit])
    return found
