"""The numbers on the wires of a cell: one unit at one step."""

from __future__ import annotations

import math

import numpy as np

from gatework.cell.options import CellOptions
from gatework.examine import Run
from gatework.runtime.equations import project_hidden, project_input


def unit_values(run: Run, layer: int, direction: str, unit: int, step: int) -> dict[str, float]:
    """Return what passes through a unit at a step, by the name of the wire.

    With a projection the hidden states are those of the projected features; their number is left
    out for units beyond them.
    """
    signals, options = run.cell(layer, direction), run.options(layer, direction)
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
        normed = isinstance(options, CellOptions) and options.layer_norm
        if "normaliser" in v and not normed:
            v["shown"] = v["cell"] / v["normaliser"] if v["normaliser"] else 0.0
        elif not normed:
            v["shown"] = math.tanh(v["cell"])
    if layer == 0 and run.entered.shape[1] == 1:
        v["input"] = float(run.entered[step, 0])
    if isinstance(options, CellOptions):
        v |= _shares(run, options, layer, direction, unit, step)
        v |= _peeped(run, options, layer, direction, unit, v)
    return v


def _before(run: Run, layer: int, direction: str, name: str, step: int) -> np.ndarray:
    """Return a part of the state that a step begins with, (units,)."""
    before = step - 1 if direction == "forward" else step + 1
    if 0 <= before < len(run):
        return run.signal(layer, name, direction)[before]
    return run.start_of(layer, direction)[name]


def _peeped(
    run: Run, options: CellOptions, layer: int, direction: str, unit: int, v: dict[str, float]
) -> dict[str, float]:
    """Return what the gates that see the cell have of it; the output gate sees the new one."""
    peephole = run.weights(layer, direction).get("peephole")
    if peephole is None:
        return {}
    gates = [gate for gate in options.gates if gate != "candidate"]
    return {
        f"{gate} from cell": float(row[unit])
        * v["cell" if gate == "output_gate" else "cell before"]
        for gate, row in zip(gates, peephole, strict=True)
    }


def _shares(
    run: Run, options: CellOptions, layer: int, direction: str, unit: int, step: int
) -> dict[str, float]:
    """Return what each gate's sum has of input and bias, and of the hidden state."""
    weights = run.weights(layer, direction)
    x = run.entered[step]
    if layer:
        below = [run.signal(layer - 1, "hidden", one)[step] for one in run.directions]
        x = np.concatenate(below)
    given = project_input(x, weights)
    recalled = project_hidden(_before(run, layer, direction, "hidden", step), weights)
    found = {}
    for gate in options.gates:
        rows = options.gate_rows(gate)
        found[f"{gate} from input"] = float(given[rows][unit])
        found[f"{gate} from hidden"] = float(recalled[rows][unit])
    return found
