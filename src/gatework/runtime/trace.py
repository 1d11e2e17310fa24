"""Every gate and state of a run in numpy: what a step of the kernels does, written out.

The equations are those of ``gatework.cell.equations``, where their sources are, by the same names;
they are tested against these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

import numpy as np

from gatework.cell.configuration import PlacedCell
from gatework.cell.options import CellOptions
from gatework.runtime.architecture import Architecture

LAYER_NORM_EPS = 1e-5
"""As in the equations."""

Weights = Mapping[str, np.ndarray]
"""Of one cell, by name; see gatework.cell.equations.Weights for their shapes."""

Signals = dict[str, np.ndarray]
"""Gates and states by name; of a step (B, units), of a run (T, B, units)."""


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
    steps = np.arange(len(x))[:, None, None]
    valid = steps < (np.full(x.shape[1], len(x)) if lengths is None else lengths)[:, None]
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
    options = cast(CellOptions, cell.options)
    given, kept = project_input(said.x, w), dict(start)
    times = range(len(said.x))
    found: dict[str, list[np.ndarray]] = {}
    for t in reversed(times) if cell.direction == "reverse" else times:
        signals = step(options, given[t] + project_hidden(kept["hidden"], w), kept, w)
        kept = {part: np.where(said.valid[t], signals[part], old) for part, old in kept.items()}
        for name, one in signals.items():
            found.setdefault(name, []).append(np.where(said.valid[t], one, np.zeros_like(one)))
    backward = slice(None, None, -1 if cell.direction == "reverse" else 1)
    return {name: np.stack(parts)[backward] for name, parts in found.items()}


def project_input(x: np.ndarray, w: Weights) -> np.ndarray:
    """Return the input's share of all pre-activations, (..., K*H)."""
    a = x @ w["weight_ih"].T
    if "input_gain" in w:
        a = _normalise(a) * w["input_gain"]
    return a + w["bias"] if "bias" in w else a


def project_hidden(h: np.ndarray, w: Weights) -> np.ndarray:
    """Return the hidden state's share of all pre-activations, (..., K*H)."""
    a = h @ w["weight_hh"].T
    return _normalise(a) * w["recurrent_gain"] if "recurrent_gain" in w else a


def step(o: CellOptions, a: np.ndarray, s: Mapping[str, np.ndarray], w: Weights) -> Signals:
    """Return the gates of one step and the state after it, from pre-activations (B, K*H)."""
    sums = {gate: a[..., o.gate_rows(gate)] for gate in o.gates}
    cell = s["cell"]
    peeped: Signals = {}
    if o.peephole:
        seeing = [gate for gate in o.gates if gate != "candidate"]
        peeped = dict(zip(seeing, w["peephole"], strict=True))
        sums |= {gate: sums[gate] + peeped[gate] * cell for gate in seeing[:-1]}
    more: Signals = {}
    if o.exponential_gating:
        stored = s["normaliser"] != 0
        log_f = np.where(stored, _log_sigmoid(sums["forget_gate"]) + s["stabiliser"], -np.inf)
        m = np.maximum(log_f, sums["input_gate"])
        i, f = np.exp(sums["input_gate"] - m), np.exp(log_f - m)
        more = {"normaliser": f * s["normaliser"] + i, "stabiliser": m}
    else:
        i = _sigmoid(sums["input_gate"])
        f = 1 - i if o.coupled_gates else _sigmoid(sums["forget_gate"])
    g = np.tanh(sums["candidate"])
    c = f * cell + i * g
    seen = peeped["output_gate"] * c if peeped else 0
    out = _sigmoid(sums["output_gate"] + seen)
    shown = c / more["normaliser"] if more else c
    if o.layer_norm:
        shown = _normalise(shown) * w["cell_gain"] + w.get("cell_shift", 0)
    h = out * (shown if more else np.tanh(shown))
    if o.proj_size:
        h = h @ w["weight_hr"].T
    return {
        **{"input_gate": i, "forget_gate": f, "candidate": g, "output_gate": out},
        "cell": _zoned(o.zoneout_cell, cell, c),
        "hidden": _zoned(o.zoneout_hidden, s["hidden"], h),
        **more,
    }


def _zoned(rate: float, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    return rate * old + (1 - rate) * new if rate else new


def _normalise(a: np.ndarray) -> np.ndarray:
    apart = a - a.mean(axis=-1, keepdims=True)
    return apart / np.sqrt((apart * apart).mean(axis=-1, keepdims=True) + LAYER_NORM_EPS)


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * a))


def _log_sigmoid(a: np.ndarray) -> np.ndarray:
    return np.minimum(a, 0) - np.log1p(np.exp(-np.abs(a)))
