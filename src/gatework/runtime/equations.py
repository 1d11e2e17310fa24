"""The equations of a cell in numpy: what a step of the kernels does, written out.

They are those of ``gatework.cell.equations``, where their sources are, by the same names, and are
tested against these. Each row of a batch is computed by itself, so that it has the same bits in any
company and in any number of steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gatework.cell.options import CellOptions

LAYER_NORM_EPS = 1e-5
"""As in the equations."""

Weights = Mapping[str, np.ndarray]
"""Of one cell, by name; see gatework.cell.equations.Weights for their shapes."""

Signals = dict[str, np.ndarray]
"""Gates and states by name; of a step (B, units), of a run (T, B, units)."""


def steps(
    o: CellOptions,
    given: np.ndarray,
    start: Signals,
    w: Weights,
    *,
    reverse: bool,
    valid: np.ndarray | None,
) -> Iterator[tuple[int, Signals, Signals]]:
    """Yield the number of each step, its signals and the state after it, which padding keeps.

    Shapes:
        given: (T, B, K*H), of project_input. start: (B, units). valid: (T, B, 1), False on padding;
        None where there is none.
    """
    state = start
    for t in reversed(range(len(given))) if reverse else range(len(given)):
        signals = step(o, given[t] + project_hidden(state["hidden"], w), state, w)
        if valid is None:
            state = {part: signals[part] for part in start}
        else:
            state = {part: np.where(valid[t], signals[part], old) for part, old in state.items()}
        yield t, signals, state


def project_input(x: np.ndarray, w: Weights) -> np.ndarray:
    """Return the input's share of all pre-activations, (..., K*H)."""
    a = multiply(w["weight_ih"], x)
    if "input_gain" in w:
        a = _normalise(a) * w["input_gain"]
    return a + w["bias"] if "bias" in w else a


def project_hidden(h: np.ndarray, w: Weights) -> np.ndarray:
    """Return the hidden state's share of all pre-activations, (..., K*H)."""
    a = multiply(w["weight_hh"], h)
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
        h = multiply(w["weight_hr"], h)
    return {
        **{"input_gate": i, "forget_gate": f, "candidate": g, "output_gate": out},
        "cell": _zoned(o.zoneout_cell, cell, c),
        "hidden": _zoned(o.zoneout_hidden, s["hidden"], h),
        **more,
    }


def multiply(weight: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return weight (outputs, inputs) times each row of x (..., inputs), row by row."""
    return (weight @ x[..., None])[..., 0]


def _zoned(rate: float, old: np.ndarray, new: np.ndarray) -> np.ndarray:
    return rate * old + (1 - rate) * new if rate else new


def _normalise(a: np.ndarray) -> np.ndarray:
    apart = a - a.mean(axis=-1, keepdims=True)
    return apart / np.sqrt((apart * apart).mean(axis=-1, keepdims=True) + LAYER_NORM_EPS)


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * a))


def _log_sigmoid(a: np.ndarray) -> np.ndarray:
    return np.minimum(a, 0) - np.log1p(np.exp(-np.abs(a)))
