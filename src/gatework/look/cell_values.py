"""The numbers on the wires of a cell: one unit at one step."""

from __future__ import annotations

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
    before = step - 1 if direction == "forward" else step + 1
    inside = 0 <= before < len(run)
    v: dict[str, float] = {}
    for name, values in signals.items():
        if unit < values.shape[1]:
            v[name] = float(values[step, unit])
    for name in ("cell", "hidden", "normaliser"):
        if name in signals and unit < signals[name].shape[1]:
            v[f"{name} before"] = (
                float(signals[name][before, unit])
                if inside
                else _first(run, layer, direction, name, unit)
            )
    if "forget_gate" in v:
        v["kept"] = v["forget_gate"] * v["cell before"]
        v["written"] = v["input_gate"] * v["candidate"]
        if "normaliser" not in v and not run.network.grid()[layer][0].options.layer_norm:  # type: ignore[union-attr]
            v["shown"] = float(torch.tanh(torch.tensor(v["cell"], dtype=torch.float64)))
        elif "normaliser" in v:
            v["shown"] = v["cell"] / v["normaliser"] if v["normaliser"] else 0.0
    if layer == 0 and run.inputs.shape[2] == 1:
        v["input"] = float(run.inputs[step, 0, 0])
    return v | _shares(run, layer, direction, unit, step)


def _first(run: Run, layer: int, direction: str, name: str, unit: int) -> float:
    start = run.start if run.start is not None else run.network.initial_state(1)
    part = getattr(start.layers[layer][run.directions.index(direction)], name)
    return 0.0 if part is None else float(part[0, unit].detach())


def _shares(run: Run, layer: int, direction: str, unit: int, step: int) -> dict[str, float]:
    """Return what each gate's sum is made of: input and bias, hidden state, cell."""
    way = run.directions.index(direction)
    cell = run.network.grid()[layer][way]
    if not isinstance(cell, LSTMCell):
        return {}
    weights = cell.run_weights()
    if layer == 0:
        x = run.inputs[step]
    else:
        below = [run.signal(layer - 1, "hidden", one)[step] for one in run.directions]
        flat = [float(value) for part in below for value in part]
        x = torch.tensor(flat, dtype=run.inputs.dtype).unsqueeze(0)
    hidden = run.signal(layer, "hidden", direction)
    before = step - 1 if direction == "forward" else step + 1
    h = torch.zeros(1, hidden.shape[1], dtype=run.inputs.dtype)
    if 0 <= before < len(run):
        h = torch.from_numpy(hidden[before : before + 1].copy()).to(run.inputs.dtype)
    with torch.no_grad():
        given, recalled = project_input(x, weights)[0], project_hidden(h, weights)[0]
    gates = ["input_gate", "candidate", "output_gate"]
    if not cell.options.coupled_gates:
        gates.insert(1, "forget_gate")
    H = cell.hidden_size
    found = {}
    for number, gate in enumerate(gates):
        found[f"{gate} from input"] = float(given[number * H + unit])
        found[f"{gate} from hidden"] = float(recalled[number * H + unit])
    return found
