"""What is drawn of a cell: its frame, wires and gates, with one unit's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatework.cell.options import CellOptions
from gatework.look.canvas.numerals import show
from gatework.look.canvas.shapes import circle, rect, text
from gatework.look.canvas.svg import Element
from gatework.look.language import Words
from gatework.look.network.cell_places import BASE, BOTTOM, GATES, LINE, NORM, TOP, Places
from gatework.look.network.cell_wires import gate_box, node, note, tall_arrow, wire


@dataclass(frozen=True)
class CellDrawing:
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
