"""Saturation: how often each gate of each unit is closed or open, and units that do nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.examine import Saturation, run_of, saturation_of
from gatework.examine.saturation import FEW_STEPS
from gatework.look.canvas.numerals import percent
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import Frame, muted_lines
from gatework.look.canvas.shapes import circle, text
from gatework.look.canvas.svg import Element, flowed
from gatework.look.canvas.theme import SIGNAL_COLOURS
from gatework.look.language import SIGNAL_WORDS, Words, layer_name, words_in

_SIDE, _LEAST, _BELOW = 190.0, 160.0, 54.0
_NAMED = 12


def saturation_chart(
    model: Any, data: Any = None, *, width: float = 920, language: str = "en"
) -> Picture:
    """Draw how often each gate is closed (below 0.1) against how often it is open (above 0.9).

    A point is a unit. At the lower left its gate works in between; at the upper left it is mostly
    closed, at the lower right mostly open; on the diagonal it is always one of both. Units that do
    nothing, and gates that are stuck at 95 % of the steps or more, are listed.

    Source: Karpathy, Johnson, Fei-Fei 2015, arXiv:1506.02078, figure 3.
    """
    words = words_in(language)
    run = run_of(model, data)
    found = [
        saturation_of(run, layer, direction)
        for layer in range(len(run.sizes))
        for direction in run.directions
    ]
    content = [text(words("How often gates are closed or open"), 0, 16, "strong large")]
    note = words("A point is a unit: right, its gate is often open; up, often closed.")
    below, y = muted_lines(flowed(note, width), 0, 36)
    content += below
    y += 7
    said: list[str] = []
    for one in found:
        name = layer_name(words, one.layer, one.direction if run.bidirectional else None)
        content.append(text(name, 0, y + 12, "strong"))
        columns = min(3, max(1, int(width // _LEAST)))
        room = (width - 40) / columns
        side = min(_SIDE, room - 56)
        for at, gate in enumerate(one.closed):
            left, top = 46 + at % columns * room, y + 42 + at // columns * (side + _BELOW)
            content += _plane(one, gate, Frame(left, top, left + side, top + side), words)
        y += -(-len(one.closed) // columns) * (side + _BELOW) + 24
        lists = _lists(one, words)
        said += [words.labelled(name, line) for line in lists]
        parts = [part for line in lists for part in flowed(line, width - 46)]
        below, y = muted_lines(parts, 46, y)
        content += below
        y += 14
    if not said:
        few = words("Fewer than {few} steps do not tell dead or stuck units.", few=FEW_STEPS)
        said = [few if len(run) < FEW_STEPS else words("No unit is dead or stuck.")]
        content.append(text(said[0], 0, y, "muted"))
        y += 15
    return Picture(
        words("Saturation"), words.told(*said), width, y, tuple(content), language=words.tag
    )


def _plane(one: Saturation, gate: str, frame: Frame, words: Words) -> list[Element]:
    colour = SIGNAL_COLOURS[gate]
    parts = [
        text(words(SIGNAL_WORDS[gate]), frame.left, frame.top - 10, f"strong {colour}"),
        Element("path", class_="axis", d=f"M{frame.left} {frame.top}V{frame.bottom}H{frame.right}"),
        Element("path", class_="cut", d=f"M{frame.left} {frame.top}L{frame.right} {frame.bottom}"),
        text("100%", frame.left - 8, frame.top + 4, "end small muted"),
        text("0", frame.left - 5, frame.bottom + 15, "end small muted"),
        text("100%", frame.right, frame.bottom + 17, "end small muted"),
        text(words("open"), (frame.left + frame.right) / 2, frame.bottom + 17, "mid small muted"),
        text(words("closed"), frame.left - 8, (frame.top + frame.bottom) / 2, "end small muted"),
    ]
    together: dict[tuple[int, int], list[int]] = {}  # units whose points would hide one another
    for unit, (closed, opened) in enumerate(zip(one.closed[gate], one.open[gate], strict=True)):
        place = round(float(opened) * frame.width), round(float(closed) * frame.height)
        together.setdefault(place, []).append(unit)
    for units in together.values():
        closed, opened = (float(share[gate][units[0]]) for share in (one.closed, one.open))
        shares = {"closed": percent(closed), "open": percent(opened)}
        said = words("closed {closed} of the steps, open {open}", **shares)
        named = words("unit {n}", n=units[0])
        if len(units) > 1:
            named = words("units {units}", units=_named(tuple(units), words))
        told = words.labelled(named, said)
        x = frame.left + opened * frame.width
        y = frame.bottom - closed * frame.height
        which = {"data_layer": str(one.layer), "data_unit": " ".join(map(str, units))}
        parts.append(circle(x, y, 4, f"{colour} pale mark", told=told, **which))
    return parts


def _lists(one: Saturation, words: Words) -> list[str]:
    said = []
    if one.dead:
        said.append(
            words(
                "dead units, whose hidden state hardly changes: {units}",
                units=_named(one.dead, words),
            )
        )
    for gate, stuck in one.stuck.items():
        for state in ("closed", "open"):
            units = tuple(unit for unit, how in stuck if how == state)
            if units:
                said.append(
                    words(
                        "{gate} stuck {state}: {units}",
                        gate=words(SIGNAL_WORDS[gate]),
                        state=words(state),
                        units=_named(units, words),
                    )
                )
    return said


def _named(units: tuple[int, ...], words: Words) -> str:
    shown = words.listed(map(str, units[:_NAMED]))
    return f"{shown}, … ({np.size(units)})" if len(units) > _NAMED else shown
