"""The cell as textbooks draw it: gates and memory cell, with one unit's numbers on its wires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from gatework.look.canvas.svg import Element, flowed
from gatework.look.language import Words, layer_name, words_in
from gatework.look.network.cell_places import (
    BASE,
    BOTTOM,
    DESK,
    GATES,
    LINE,
    NORM,
    PHONE,
    ROOMY,
    TOP,
    Places,
)
from gatework.look.network.cell_values import unit_values
from gatework.look.network.cell_wires import gate_box, node, note, tall_arrow, wire

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
    drawn = _Cell(o, values, words, at).drawn()
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


@dataclass(frozen=True)
class _Cell:
    """The options of a layer, the numbers of a unit, and where what is drawn of them stands."""

    o: Any
    v: Mapping[str, float]
    words: Words
    at: Places

    def drawn(self) -> list[Element]:
        """Return everything within the frame and around it."""
        at, o = self.at, self.o
        frame = rect(at.left, TOP, at.right - at.left, BOTTOM - TOP, "endblock", rx=16)
        if not isinstance(o, CellOptions):
            return [frame, *self._rnn()]
        kept = at.f + 16 if at.close else (at.f + at.g) / 2
        parts = [frame, *self._ends(), *self._rail(LINE, at.f, at.g)]
        parts.append(note("f·c", self.v, "kept", kept, LINE - 9, "cc"))
        if o.exponential_gating:
            parts += self._rail(NORM, at.f, at.i)
        # The hidden state and the input, side by side, to every gate.
        parts += [
            wire("hh", (at.begin, BASE), (at.o, BASE)),
            wire("flow", (at.x, BOTTOM + 26), (at.x, BASE)),
            circle(at.x, BASE, 3.4, "hh fill"),
        ]
        for x in (at.f, at.i, at.g, at.o):
            if x == at.f and o.coupled_gates:
                continue
            parts.append(wire("hh", (x, BASE), (x, GATES + 17), tip=True))
            if x != at.o:
                parts.append(circle(x, BASE, 3.0, "hh fill"))
        parts += self._forget() + self._write() + self._read()
        return parts + (self._peepholes() if o.peephole else [])

    @property
    def norm(self) -> str:
        """What stands before the function of a gate."""
        return "LN " if self.o.layer_norm else ""

    def _rail(self, y: float, first: float, second: float) -> list[Element]:
        """Return the wire of a state from step to step, which two nodes interrupt."""
        return [
            wire("cc", (self.at.begin, y), (first - 12, y)),
            wire("cc", (first + 12, y), (second - 12, y)),
            wire("cc", (second + 12, y), (self.at.end, y), tip=True),
        ]

    def _named(self, name: str, key: str, place: tuple[float, float, str], of: str) -> Element:
        x, y, anchor = place
        return note(name, self.v, key, x, y, f"{of} {anchor}".strip())

    def _ends(self) -> list[Element]:
        at, two = self.at, self.o.exponential_gating
        over = 29.0 if two else 13.0
        parts = [
            self._named("c(t-1)", "cell before", at.before(LINE - 9, over), "cc"),
            self._named("c(t)", "cell", at.behind(LINE - 9, over), "cc"),
            self._named("h(t-1)", "hidden before", at.before(BASE - 9, 0, 25), "hh"),
            self._named("h(t)", "hidden", at.behind(BASE - 9, 0, 25), "hh"),
            note("x(t)", self.v, "input", at.x + 12, BOTTOM + 22, "muted"),
        ]
        if two:
            over = NORM + 17 - (LINE - 9) + 13
            parts += [
                self._named("n(t-1)", "normaliser before", at.before(NORM + 17, over), "cc"),
                self._named("n(t)", "normaliser", at.behind(NORM + 17, over), "cc"),
            ]
        return parts

    def _forget(self) -> list[Element]:
        at, words = self.at, self.words
        parts = [node("×", at.f, LINE, words("what is forgotten"))]
        low = LINE
        if self.o.exponential_gating:
            parts += [
                node("×", at.f, NORM, words("what is forgotten")),
                wire("fg", (at.f, NORM - 12), (at.f, LINE + 12), tip=True),
            ]
            low = NORM
        if self.o.coupled_gates:
            y = 226.0
            parts += [
                wire("ig", (at.i, y), (at.f + 14, y), tip=True),
                node("1−", at.f, y, "f = 1 - i"),
                wire("fg", (at.f, y - 12), (at.f, low + 12), tip=True),
                note("f", self.v, "forget_gate", at.f + 8, low + 50, "fg"),
            ]
            return parts
        parts += self._gate("σ", at.f, "fg", "forget gate", "f")
        parts.append(wire("fg", (at.f, GATES - 17), (at.f, low + 12), tip=True))
        return parts

    def _gate(self, symbol: str, x: float, colour: str, name: str, sign: str) -> list[Element]:
        """Return a gate's box with its name below and its number above."""
        key = name.replace(" ", "_")
        digits = 2 if self.at.close and abs(self.v.get(key, 1.0)) < 0.1 else 3  # off the next wire
        return [
            gate_box(self.norm + symbol, x, GATES, colour, self._told(name)),
            note(sign, self.v, key, x + 8, GATES - 34, colour, digits),
            text(self.words(name), x + 8, GATES + 44, f"small {colour}"),
        ]

    def _write(self) -> list[Element]:
        at, o, words, y = self.at, self.o, self.words, 214.0
        parts = [
            *self._gate("exp" if o.exponential_gating else "σ", at.i, "ig", "input gate", "i"),
            *self._gate("tanh", at.g, "gg", "candidate", "g"),
            node("×", at.g, y, words("what is written")),
            node("+", at.g, LINE, words("old content and new content")),
            wire("ig", (at.i, GATES - 17), (at.i, y), (at.g - 12, y), tip=True),
            wire("gg", (at.g, GATES - 17), (at.g, y + 12), tip=True),
            wire("cc", (at.g, y - 12), (at.g, LINE + 12), tip=True),
            note("i·g", self.v, "written", *self._written_place(y)),
        ]
        if o.exponential_gating:
            parts += [
                node("+", at.i, NORM, words("the gates' own sum")),
                wire("ig", (at.i, y), (at.i, NORM + 12), tip=True),
            ]
        return parts

    def _written_place(self, y: float) -> tuple[float, float, str]:
        """Return where what is written is told: off the peephole of the output gate."""
        low = y - 62 if self.o.exponential_gating else y - 26
        return (self.at.g - 10, low, "cc end") if self.o.peephole else (self.at.g + 16, low, "cc")

    def _read(self) -> list[Element]:
        at, o, words = self.at, self.o, self.words
        parts = [
            *self._gate("σ", at.o, "og", "output gate", "o"),
            wire("og", (at.o, GATES - 17), (at.o, 232), (at.out - 12, 232), tip=True),
            node("×", at.out, 232, words("what is let out")),
        ]
        if o.exponential_gating:
            parts += [
                wire("cc", (at.out, LINE), (at.out, NORM - 12), tip=True),
                node("÷", at.out, NORM, "c / n"),
            ]
            parts.append(wire("cc", (at.out, NORM + 12), (at.out, 220), tip=True))
        else:
            shown = "LN tanh" if o.layer_norm else "tanh"
            parts += [
                wire("cc", (at.out, LINE), (at.out, 154), tip=True),
                gate_box(shown, at.out, 170, "cc", "tanh(c)"),
                wire("cc", (at.out, 186), (at.out, 220), tip=True),
            ]
        place = (at.out - 8, 208, "cc end") if at.close else (at.out + 8, 208, "cc")
        parts.append(note("", self.v, "shown", *place))
        end = (at.end, BASE)
        if o.proj_size:
            size = f"W {o.proj_size}×{o.hidden_size}"
            parts += [
                wire("hh", (at.out, 244), (at.out, 296), tip=True),
                gate_box(size, min(at.out, at.right - 40), 312, "hh", words("projection")),
                tall_arrow("hh", (at.out, 328), (at.out, BASE), end),
            ]
        else:
            parts.append(tall_arrow("hh", (at.out, 244), (at.out, BASE), end))
        return parts

    def _peepholes(self) -> list[Element]:
        """Return the wires by which the gates see the cell, dashed."""
        at = self.at
        seen = [at.i - 17] if self.o.coupled_gates else [at.f - 17, at.i - 17]
        return [wire("cc peep", (x, LINE), (x, GATES - 17), tip=True) for x in (*seen, at.o - 17)]

    def _rnn(self) -> list[Element]:
        at, x = self.at, (self.at.left + self.at.right) / 2
        return [
            wire("hh", (at.begin, BASE), (x, BASE), (x, GATES + 17), tip=True),
            wire("flow", (at.x, BOTTOM + 26), (at.x, BASE + 5)),
            circle(at.x, BASE, 3.4, "hh fill"),
            gate_box(self.o.nonlinearity, x, GATES, "hh", self._told("hidden state")),
            tall_arrow("hh", (x, GATES - 17), (x, 220), (at.end, 220)),
            self._named("h(t-1)", "hidden before", at.before(BASE - 9, 0, 25), "hh"),
            self._named("h(t)", "hidden", at.behind(211, 0, 0), "hh"),
            note("x(t)", self.v, "input", at.x + 12, BOTTOM + 22, "muted"),
        ]

    def _told(self, name: str) -> str:
        called, v, words = self.words(name), self.v, self.words
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
