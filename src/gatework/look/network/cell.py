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
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import muted_lines
from gatework.look.canvas.shapes import circle, rect, text
from gatework.look.canvas.svg import Element, wrap
from gatework.look.language import Words, layer_name, words_in
from gatework.look.network.cell_values import unit_values
from gatework.look.network.cell_wires import gate_box, node, note, tall_arrow, wire

_HEIGHT = 480.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 120.0, 800.0, 56.0, 408.0
_LINE, _GATES, _BASE = 116.0, 292.0, 370.0
_F, _I, _G, _O, _OUT = 240.0, 380.0, 500.0, 620.0, 712.0
_NORM = 164.0
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
    drawn = _lstm(o, values, words) if isinstance(o, CellOptions) else _rnn(o, values, words)
    told = words.listed([_kind(o), *map(words.name, o.words())])
    head = words.labelled(layer_name(words, layer), told)
    content = [text(head, 0, 16, "strong large"), text(where, 0, 34, "muted"), *drawn]
    notes = _notes(o, words)
    if values and run is not None:
        notes.insert(0, words("The numbers are those of the one unit; h and x are read whole."))
        notes += _in_the_data(run, step, values, words)
    below, y = muted_lines(wrap(notes, 920, joint=words.told("", "")), 0, _BOTTOM + 52)
    content += below
    title = words("The cell of layer {n}", n=layer + 1)
    told = [f"{_SIGNS[key]} = {show(v)}" for key, v in values.items() if key in _SIGNS]
    described = words.told(
        *filter(None, (head + words("."), words.listed((*filter(None, [where]), *told))))
    )
    scale = width / 920
    parts = (Element("g", *content, transform=f"scale({scale})"),) if scale != 1 else tuple(content)
    return Picture(title, described, width, max(_HEIGHT, y + 4) * scale, parts, language=words.tag)


def _kind(o: LayerOptions) -> str:
    if not isinstance(o, CellOptions):
        return "RNN"
    return "sLSTM" if o.exponential_gating else "LSTM"


def _lstm(o: CellOptions, v: Mapping[str, float], words: Words) -> list[Element]:
    parts: list[Element] = [_frame()]
    parts += _ends(o.exponential_gating, v)
    # The memory cell.
    parts += [*_rail(_LINE, _F, _G), note("f·c", v, "kept", (_F + _G) / 2, _LINE - 9, "cc")]
    if o.exponential_gating:
        parts += _rail(_NORM, _F, _I)
    # The hidden state and the input, side by side, to every gate.
    parts += [
        wire("hh", (_LEFT - 40, _BASE), (_O, _BASE)),
        wire("flow", (172, _BOTTOM + 26), (172, _BASE)),
        circle(172, _BASE, 3.4, "hh fill"),
    ]
    for x in (_F, _I, _G, _O):
        if x == _F and o.coupled_gates:
            continue
        parts.append(wire("hh", (x, _BASE), (x, _GATES + 17), tip=True))
        if x != _O:
            parts.append(circle(x, _BASE, 3.0, "hh fill"))
    norm = "LN " if o.layer_norm else ""
    parts += _forget(o, v, words, norm) + _write(o, v, words, norm) + _read(o, v, words, norm)
    return parts + (_peepholes(o) if o.peephole else [])


def _rail(y: float, first: float, second: float) -> list[Element]:
    """Return the wire of a state from step to step, which two nodes interrupt."""
    return [
        wire("cc", (_LEFT - 40, y), (first - 12, y)),
        wire("cc", (first + 12, y), (second - 12, y)),
        wire("cc", (second + 12, y), (_RIGHT + 40, y), tip=True),
    ]


def _frame() -> Element:
    return rect(_LEFT, _TOP, _RIGHT - _LEFT, _BOTTOM - _TOP, "endblock", rx=16)


def _ends(exponential: bool, v: Mapping[str, float]) -> list[Element]:
    parts = [
        note("c(t-1)", v, "cell before", _LEFT - 8, _LINE - 9, "cc end"),
        note("c(t)", v, "cell", _RIGHT + 10, _LINE - 9, "cc"),
        note("h(t-1)", v, "hidden before", _LEFT - 8, _BASE - 9, "hh end"),
        note("h(t)", v, "hidden", _RIGHT + 10, _BASE - 9, "hh"),
        note("x(t)", v, "input", 184, _BOTTOM + 22, "muted"),
    ]
    if exponential:
        parts += [
            note("n(t-1)", v, "normaliser before", _LEFT - 8, _NORM + 17, "cc end"),
            note("n(t)", v, "normaliser", _RIGHT + 10, _NORM + 17, "cc"),
        ]
    return parts


def _forget(o: Any, v: Mapping[str, float], words: Words, norm: str) -> list[Element]:
    parts = [node("×", _F, _LINE, words("what is forgotten"))]
    low = _LINE
    if o.exponential_gating:
        parts += [
            node("×", _F, _NORM, words("what is forgotten")),
            wire("fg", (_F, _NORM - 12), (_F, _LINE + 12), tip=True),
        ]
        low = _NORM
    if o.coupled_gates:
        y = 226.0
        parts += [
            wire("ig", (_I, y), (_F + 14, y), tip=True),
            node("1−", _F, y, "f = 1 - i"),
            wire("fg", (_F, y - 12), (_F, low + 12), tip=True),
            note("f", v, "forget_gate", _F + 8, low + 50, "fg"),
        ]
        return parts
    symbol = norm + "σ"
    parts += [
        gate_box(symbol, _F, _GATES, "fg", _told("forget gate", v, words)),
        wire("fg", (_F, _GATES - 17), (_F, low + 12), tip=True),
        note("f", v, "forget_gate", _F + 8, _GATES - 34, "fg"),
        text(words("forget gate"), _F + 8, _GATES + 44, "small fg"),
    ]
    return parts


def _write(o: Any, v: Mapping[str, float], words: Words, norm: str) -> list[Element]:
    y = 214.0
    symbol = norm + ("exp" if o.exponential_gating else "σ")
    parts = [
        gate_box(symbol, _I, _GATES, "ig", _told("input gate", v, words)),
        gate_box(norm + "tanh", _G, _GATES, "gg", _told("candidate", v, words)),
        node("×", _G, y, words("what is written")),
        node("+", _G, _LINE, words("old content and new content")),
        wire("ig", (_I, _GATES - 17), (_I, y), (_G - 12, y), tip=True),
        wire("gg", (_G, _GATES - 17), (_G, y + 12), tip=True),
        wire("cc", (_G, y - 12), (_G, _LINE + 12), tip=True),
        note("i", v, "input_gate", _I + 8, _GATES - 34, "ig"),
        note("g", v, "candidate", _G + 8, _GATES - 34, "gg"),
        note("i·g", v, "written", *_written_place(o, y)),
        text(words("input gate"), _I + 8, _GATES + 44, "small ig"),
        text(words("candidate"), _G + 8, _GATES + 44, "small gg"),
    ]
    if o.exponential_gating:
        parts += [
            node("+", _I, _NORM, words("the gates' own sum")),
            wire("ig", (_I, y), (_I, _NORM + 12), tip=True),
        ]
    return parts


def _written_place(o: Any, y: float) -> tuple[float, float, str]:
    """Return where what is written is told: off the peephole of the output gate."""
    low = y - 62 if o.exponential_gating else y - 26
    return (_G - 10, low, "cc end") if o.peephole else (_G + 16, low, "cc")


def _read(o: Any, v: Mapping[str, float], words: Words, norm: str) -> list[Element]:
    parts = [
        gate_box(norm + "σ", _O, _GATES, "og", _told("output gate", v, words)),
        wire("og", (_O, _GATES - 17), (_O, 232), (_OUT - 12, 232), tip=True),
        note("o", v, "output_gate", _O + 8, _GATES - 34, "og"),
        text(words("output gate"), _O + 8, _GATES + 44, "small og"),
        node("×", _OUT, 232, words("what is let out")),
    ]
    if o.exponential_gating:
        parts += [
            wire("cc", (_OUT, _LINE), (_OUT, _NORM - 12), tip=True),
            node("÷", _OUT, _NORM, "c / n"),
        ]
        parts.append(wire("cc", (_OUT, _NORM + 12), (_OUT, 220), tip=True))
    else:
        shown = "LN tanh" if o.layer_norm else "tanh"
        parts += [
            wire("cc", (_OUT, _LINE), (_OUT, 154), tip=True),
            gate_box(shown, _OUT, 170, "cc", "tanh(c)"),
            wire("cc", (_OUT, 186), (_OUT, 220), tip=True),
        ]
    parts.append(note("", v, "shown", _OUT + 8, 208, "cc"))
    if o.proj_size:
        parts += [
            wire("hh", (_OUT, 244), (_OUT, 296), tip=True),
            gate_box(f"W {o.proj_size}×{o.hidden_size}", _OUT, 312, "hh", words("projection")),
            tall_arrow("hh", (_OUT, 328), (_OUT, _BASE), (_RIGHT + 40, _BASE)),
        ]
    else:
        parts.append(tall_arrow("hh", (_OUT, 244), (_OUT, _BASE), (_RIGHT + 40, _BASE)))
    return parts


def _peepholes(o: Any) -> list[Element]:
    """Return the wires by which the gates see the cell, dashed."""
    seen = [] if o.coupled_gates else [(_F - 17, _LINE)]
    seen.append((_I - 17, _LINE))
    parts = [wire("cc peep", (x, y), (x, _GATES - 17), tip=True) for x, y in seen]
    parts.append(wire("cc peep", (_O - 17, _LINE), (_O - 17, _GATES - 17), tip=True))
    return parts


def _rnn(o: Any, v: Mapping[str, float], words: Words) -> list[Element]:
    x = (_LEFT + _RIGHT) / 2
    return [
        _frame(),
        wire("hh", (_LEFT - 40, _BASE), (x, _BASE), (x, _GATES + 17), tip=True),
        wire("flow", (172, _BOTTOM + 26), (172, _BASE + 5)),
        circle(172, _BASE, 3.4, "hh fill"),
        gate_box(o.nonlinearity, x, _GATES, "hh", _told("hidden state", v, words)),
        tall_arrow("hh", (x, _GATES - 17), (x, 220), (_RIGHT + 40, 220)),
        note("h(t-1)", v, "hidden before", _LEFT - 8, _BASE - 9, "hh end"),
        note("h(t)", v, "hidden", _RIGHT + 10, 211, "hh"),
        note("x(t)", v, "input", 184, _BOTTOM + 22, "muted"),
    ]


def _told(name: str, v: Mapping[str, float], words: Words) -> str:
    called = words(name)
    key = name.replace(" ", "_")
    if f"{key} from input" not in v:
        return called
    shares = [
        words("{value} from the input and bias", value=show(v[f"{key} from input"])),
        words("{value} from the hidden state", value=show(v[f"{key} from hidden"])),
    ]
    if f"{key} from cell" in v:
        shares.append(words("{value} from the cell", value=show(v[f"{key} from cell"])))
    return "\n".join([called, *shares])


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
