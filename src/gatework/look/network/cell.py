"""The cell as textbooks draw it: gates and memory cell, with one unit's numbers on its wires."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from typing import Any

from gatework.cell.options import CellOptions, LayerOptions
from gatework.errors import OptionError
from gatework.examine import Run, run_of
from gatework.examine.run import bare_stack
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import ROOMY, Picture
from gatework.look.canvas.plot import muted_lines
from gatework.look.canvas.shapes import text
from gatework.look.canvas.svg import Element, flowed
from gatework.look.language import Words, layer_name, words_in
from gatework.look.network.cell_drawing import CellDrawing
from gatework.look.network.cell_places import BOTTOM, DESK, PHONE
from gatework.look.network.cell_values import unit_values

_HEIGHT = 480.0
_SIGNS = {
    "input": "x(t)",
    "hidden before": "h(t-1)",
    "cell before": "c(t-1)",
    "normaliser before": "n(t-1)",
    "input_gate": "i",
    "forget_gate": "f",
    "candidate": "g",
    "output_gate": "o",
    "cell": "c(t)",
    "normaliser": "n(t)",
    "hidden": "h(t)",
}


def cell_diagram(
    model: Any,
    data: Any = None,
    *,
    layer: int = 0,
    direction: str = "forward",
    unit: int = 0,
    step: int = -1,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw the cell of a layer, for its variant, with the numbers of one unit at one step.

    The line on top is the memory cell: it is multiplied by the forget gate, then the input gate's
    share of the candidate is added; the output gate lets it out. Without data there are names on
    the wires and no numbers.

    Args:
        model: as for gatework.examine.run_of.
        data: as there; may be missing for a network.
        layer: whose numbers.
        direction: of the layer.
        unit: of the layer.
        step: -1 is the last.
        width: of the picture, in pixels.
        language: "en" or "zh".

    Raises:
        OptionError: there is no such layer, direction, unit or step.

    Source: the drawing follows the equations in gatework.cell.equations.
    """
    words = words_in(language)
    run, stack = None, bare_stack(model) if data is None else None
    if stack is None:
        run = run_of(model, data)
        stack = run.stack
    o = stack.options(layer, direction)
    if unit not in range(o.hidden_size):
        raise OptionError(
            f"there is no unit {unit!r} in layer {layer}, which has units 0 to {o.hidden_size - 1}"
        )
    values: Mapping[str, float] = {}
    where = ""
    if run is not None:
        if not -len(run) <= step < len(run):
            raise OptionError(f"there is no step {step}: the run has steps 0 to {len(run) - 1}")
        step %= len(run)
        values = unit_values(run, layer, direction, unit, step)
        where = words("unit {unit} at step {step}", unit=unit, step=step)
        if (label := run.labels[step]) != str(step):
            where += words(" ({label})", label=label)
    at = PHONE if width < ROOMY else DESK
    told = words.listed([_kind(o), *map(words.name, o.words())])
    way = direction if stack.bidirectional else None
    head = words.labelled(layer_name(words, layer, way), told)
    lines = flowed(head, at.width, 14)
    content = [text(line, 0, 16 + 18 * n, "strong large") for n, line in enumerate(lines)]
    content.append(text(where, 0, 16 + 18 * len(lines), "muted"))
    drawn = CellDrawing(o, values, words, at).drawn()
    down = 18 * (len(lines) - 1)
    content += [Element("g", *drawn, transform=f"translate(0 {down})")] if down else drawn
    notes = _notes(o, words)
    if values and run is not None:
        notes.insert(0, words("The numbers are those of the one unit; h and x are read whole."))
        notes += _in_the_data(run, step, values, words)
    below, y = muted_lines(flowed(words.told(*notes), at.width), 0, BOTTOM + 52 + down)
    content += below
    title = words("The cell of layer {n}", n=layer + 1)
    told = [f"{_SIGNS[key]} = {show(v)}" for key, v in values.items() if key in _SIGNS]
    described = words.told(
        *filter(None, (head + words("."), words.listed((*filter(None, [where]), *told))))
    )
    scale = width / at.width
    parts = (Element("g", *content, transform=f"scale({scale})"),) if scale != 1 else tuple(content)
    high = max(0.0 if at.close else _HEIGHT, y + 4) * scale
    return Picture(title, described, width, high, parts, language=words.tag)


def _kind(o: LayerOptions) -> str:
    if not isinstance(o, CellOptions):
        return "RNN"
    return "sLSTM" if o.exponential_gating else "LSTM"


def _in_the_data(run: Run, step: int, v: Mapping[str, float], words: Words) -> list[str]:
    """Return what the input is in the data, where the network is given another number for it."""
    if "input" not in v or run.values.shape[1] != 1:
        return []
    value = float(run.values[step, 0])
    given = {"value": show(value), "given": show(v["input"])}
    # The network reads float32, whose rounding is no scaling.
    if isclose(value, v["input"], rel_tol=1e-6) or given["value"] == given["given"]:
        return []
    return [words("In the data x(t) is {value}, and the network is given {given} for it.", **given)]


def _notes(o: LayerOptions, words: Words) -> list[str]:
    said = [words("σ is the logistic function, from 0 to 1; × and + work on each unit by itself.")]
    if not isinstance(o, CellOptions):
        return [words("A plain recurrent layer has no gates and no memory cell.")]
    if o.peephole:
        said.append(words("Dashed: peepholes, by which gates see the cell."))
    if o.layer_norm:
        said.append(words("LN: layer normalisation."))
    if o.coupled_gates:
        said.append(words("Coupled gates: what is not written is kept, f = 1 - i."))
    if o.exponential_gating:
        said.append(words("n sums up the input gates, and the cell is read relative to it."))
    if o.zoneout_cell or o.zoneout_hidden:
        said.append(words("Zoneout mixes cell and hidden state with those of the step before."))
    return said
