"""What if: a run with some of its inputs, gates or states replaced, and all that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from gatework.cell import GATES, Cell, CellState, DropoutMasks, LSTMCell
from gatework.cell.equations import (
    Gates,
    Weights,
    project_hidden,
    project_input,
    read_out,
    read_out_relative,
    zoneout,
)
from gatework.errors import OptionError
from gatework.examine.module_parts import Surroundings
from gatework.examine.network_run import NetworkRun, over_time
from gatework.examine.run import Run
from gatework.network import State, Trace
from gatework.network.trace import CellTrace

EDITABLE = (*GATES, "cell", "hidden")
RANGES = {gate: (-1.0 if gate == "candidate" else 0.0, 1.0) for gate in GATES}
RANGES["hidden"] = -1.0, 1.0
"""What gates and hidden states can be; with exponential gating two gates can be more."""


@dataclass(frozen=True)
class Edit:
    """One number replaced.

    Attributes:
        step: from 0.
        signal: "raw" for a number that is given to the model, or one of EDITABLE.
        unit: of the layer; of "raw", the column.
        value: what it becomes.
        layer, direction: whose; of "raw" they say nothing.
    """

    step: int
    signal: str
    unit: int
    value: float
    layer: int = 0
    direction: str = "forward"


def edited(run: Run, edits: Sequence[Edit]) -> NetworkRun:
    """Return the run as it would be with some numbers replaced.

    A gate that is replaced changes the cell of its step; a cell that is replaced changes what is
    let out; what follows is computed anew by the reference equations.

    Raises:
        OptionError: there is no such step, layer, unit or signal, or a value is not finite.
    """
    run = run.in_torch()
    for edit in edits:
        _check(run, edit)
    raw = run.raw.clone()
    for edit in edits:
        if edit.signal == "raw":
            raw[edit.step, 0, edit.unit] = edit.value
    changed = replace(run, raw=raw)
    if not edits:
        return changed
    within = [edit for edit in edits if edit.signal != "raw"]
    first = 0 if run.network.bidirectional else min(edit.step for edit in edits)
    with torch.no_grad():
        output, state, trace = _run_on(run, changed.inputs, within, first)
    around = getattr(run.head, "__self__", None)
    if isinstance(around, Surroundings):  # what a module makes of the last state is edited, too
        changed = replace(changed, head=partial(around.head, ended=state))
    # What the cached properties of a Run would compute without the edits.
    changed.__dict__["_ran"] = (output, state, trace)
    return changed


def _check(run: NetworkRun, edit: Edit) -> None:
    if not 0 <= edit.step < len(run):
        raise OptionError(f"there is no step {edit.step}: the run has steps 0 to {len(run) - 1}")
    most = torch.finfo(run.raw.dtype).max
    if not abs(edit.value) <= most:
        raise OptionError(f"a value must be finite, {most:.3g} at most, got {edit.value}")
    if edit.signal == "raw":
        count = run.raw.shape[2]
    else:
        known = run.cell(edit.layer, edit.direction)
        names = [name for name in EDITABLE if name in known]
        if edit.signal not in names:
            raise OptionError(f"signal must be one of raw, {', '.join(names)}, got {edit.signal!r}")
        count = known[edit.signal].shape[1]
        cell = run.network.cell(edit.layer, edit.direction)
        if (
            edit.signal == "forget_gate"
            and isinstance(cell, LSTMCell)
            and cell.options.coupled_gates
        ):
            raise OptionError(
                "with coupled gates the forget gate is 1 - input gate", hint="edit the input gate"
            )
        _check_range(edit, cell)
    if not 0 <= edit.unit < count:
        raise OptionError(f"there is no unit {edit.unit} of {edit.signal}: 0 to {count - 1}")


def _check_range(edit: Edit, cell: Cell) -> None:
    if edit.signal not in RANGES or not isinstance(cell, LSTMCell):
        return
    if cell.options.exponential_gating and edit.signal != "output_gate":
        return
    if edit.signal == "hidden" and cell.options.proj_size:
        return
    low, high = RANGES[edit.signal]
    if not low <= edit.value <= high:
        name = "hidden state" if edit.signal == "hidden" else edit.signal.replace("_", " ")
        raise OptionError(
            f"the {name} of a unit is from {low:g} to {high:g}, got {edit.value:g}",
            hint=f"{min(max(edit.value, low), high):g}",
        )


def _run_on(
    run: NetworkRun, inputs: Tensor, edits: Sequence[Edit], first: int
) -> tuple[Tensor, State, Trace]:
    """Run every layer from step ``first`` on; what is before is as it was."""
    network = run.network
    before = run.trace
    x = inputs[:, 0]
    traces, ended = [], []
    for layer, row in enumerate(network.grid()):
        outputs, layer_traces, layer_ended = [], [], []
        for way, cell in enumerate(row):
            direction = run.directions[way]
            mine = [e for e in edits if (e.layer, e.direction) == (layer, direction)]
            old = before[layer, direction]
            state = _state_before(old, first, run.begin.layers[layer][way])
            signals, last = _run_cell(cell, x, state, mine, first, reverse=way == 1)
            whole = {
                name: torch.cat([part[:first, 0], signals[name]]).unsqueeze(1)
                for name, part in old.signals().items()
            }
            outputs.append(whole["hidden"][:, 0])
            empty = whole["hidden"][:0]
            layer_traces.append(CellTrace(None, None, empty, whole))
            layer_ended.append(last)
        traces.append(layer_traces)
        ended.append(layer_ended)
        x = torch.cat(outputs, dim=-1)
    output = over_time(network, x.unsqueeze(1))
    # In the order of Run._ran, whose output is over time whatever the network's layout.
    return over_time(network, output), State(ended), Trace(traces, None)


def _state_before(trace: CellTrace, first: int, start: CellState) -> CellState:
    if first == 0:
        return start
    at = first - 1
    cell, normaliser, stabiliser = (
        None if part is None else part[at]
        for part in (trace.cell, trace.normaliser, trace.stabiliser)
    )
    return CellState(trace.hidden[at], cell, normaliser, stabiliser)


def _run_cell(
    cell: Cell,
    x: Tensor,
    state: CellState,
    edits: Sequence[Edit],
    first: int,
    *,
    reverse: bool,
) -> tuple[dict[str, Tensor], CellState]:
    """Return the signals (T - first, units) of a cell from step ``first`` on, and its end."""
    weights = cell.run_weights()
    masks = cell.run_masks(len(x), 1, x)
    projected = project_input(x, weights)
    steps: list[tuple[CellState, Gates | None]] = []
    order = range(first, len(x))
    for t in reversed(order) if reverse else order:
        now = {(edit.signal, edit.unit): edit.value for edit in edits if edit.step == t}
        a = projected[t : t + 1]
        new, gates = cell.step(a, state, weights, masks, t)
        if now and isinstance(cell, LSTMCell) and gates is not None:
            new, gates = _replaced(cell, a, state, gates, weights, masks, now)
        elif now:
            new = new._replace(hidden=_put(new.hidden, "hidden", now))
        steps.append((new, gates))
        state = new
    in_time = steps[::-1] if reverse else steps
    signals = {}
    for name in CellState._fields:
        if getattr(state, name) is not None:
            signals[name] = torch.cat([getattr(one, name) for one, _ in in_time])
    if isinstance(cell, LSTMCell):
        for name in GATES:
            signals[name] = torch.cat([getattr(gates, name) for _, gates in in_time])
    return signals, state


def _replaced(
    cell: LSTMCell,
    a: Tensor,
    state: CellState,
    gates: Gates,
    w: Weights,
    masks: DropoutMasks,
    now: Mapping[tuple[str, int], float],
) -> tuple[CellState, Gates]:
    """Return state and gates of a step with some of them replaced; see cell.equations."""
    o = cell.options
    i = _put(gates.input_gate, "input_gate", now)
    f = 1.0 - i if o.coupled_gates else _put(gates.forget_gate, "forget_gate", now)
    g = _put(gates.candidate, "candidate", now)
    previous = state.cell
    if previous is None:
        raise TypeError("an LSTM cell needs a state with a cell")
    zoned = masks.zoneout_cell
    c = f * previous + i * g
    if zoned is None:
        c = _put(c, "cell", now)
    n = m = None
    out = gates.output_gate
    if w.peephole is not None:
        # The output gate sees the cell, which is another one now.
        sums = a + project_hidden(state.hidden, w, masks.hidden)
        out = torch.sigmoid(sums[:, o.gate_rows("output_gate")] + w.peephole[-1] * c)
    out = _put(out, "output_gate", now)
    if state.normaliser is not None:
        n = f * state.normaliser + i
        hidden = read_out_relative(out, c, n, w)
        m = cell.step(a, state, w, masks, 0)[0].stabiliser
    else:
        hidden = read_out(out, c, w)
    if zoned is not None and not isinstance(zoned, Tensor):
        # What is read out is the cell before zoneout; what is handed on is replaced.
        c = _put(zoneout(previous, c, zoned), "cell", now)
    if masks.zoneout_hidden is not None and not isinstance(masks.zoneout_hidden, Tensor):
        hidden = zoneout(state.hidden, hidden, masks.zoneout_hidden)
    hidden = _put(hidden, "hidden", now)
    return CellState(hidden, c, n, m), Gates(i, f, g, out)


def _put(values: Tensor, signal: str, now: Mapping[tuple[str, int], float]) -> Tensor:
    chosen = {unit: value for (name, unit), value in now.items() if name == signal}
    if not chosen:
        return values
    values = values.clone()
    for unit, value in chosen.items():
        values[:, unit] = value
    return values
