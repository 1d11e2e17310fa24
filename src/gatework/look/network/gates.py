"""Gates over time: what every unit does at every step, under the series or text it reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gatework.errors import OptionError
from gatework.examine import Run, order_units, run_of
from gatework.examine.saturation import GATES
from gatework.look.canvas.heat import MOST_PIXELS, Colours, colour_key, heat
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.shapes import text
from gatework.look.canvas.svg import Element
from gatework.look.language import SIGNAL_WORDS, layer_name, words_in
from gatework.look.network.series_strip import step_ticks, strip

LEFT, RIGHT = 76.0, 12.0
"""Room beside the steps, on either side."""
DEFAULT = ("input_gate", "forget_gate", "output_gate", "cell", "hidden")


def gates_chart(
    model: Any,
    data: Any = None,
    *,
    signals: Sequence[str] | None = None,
    layer: int = 0,
    direction: str = "forward",
    units: Sequence[int] | None = None,
    first: int = 0,
    last: int | None = None,
    order: bool = True,
    width: float = 920,
    language: str = "en",
    exact: bool = True,
    inputs: bool = True,
    most: int = MOST_PIXELS,
) -> Picture:
    """Draw heat maps, unit by step, of gates and states of a layer, under the input.

    Args:
        model: as for gatework.examine.run_of.
        data: as there.
        signals: names of the signals, top to bottom; by default the gates, cell and hidden state.
        layer: which one.
        direction: of the layer.
        units: only these units; with ``order`` in an order in which neighbours act alike.
        first: the first step that is drawn.
        last: the step before which it ends; the end of the run when not given.
        order: order the units by what their hidden state does; otherwise by number.
        width: of the picture, in pixels.
        language: "en" or "zh".
        exact: keep the values of small heat maps with them, for the pointer; otherwise four digits.
        inputs: draw the input above, which a film has once for all its frames.
        most: columns of a heat map; more steps are thinned to what is farthest from the usual.

    Raises:
        OptionError: there is no such layer, signal, unit or step.
    """
    words = words_in(language)
    run = run_of(model, data)
    cell = run.cell(layer, direction)
    names = [name for name in DEFAULT if name in cell] if signals is None else list(signals)
    for name in names:
        run.signal(layer, name, direction)
    stop = len(run) if last is None else last
    if not 0 <= first < stop <= len(run):
        raise OptionError(
            f"steps {first} to {stop} are not in the run of {len(run)} steps",
            hint=f"first=0, last={len(run)}",
        )
    chosen = _units(run, layer, direction, units, order, len(cell["hidden"][0]))
    left, room = LEFT, width - LEFT - RIGHT
    heading = layer_name(words, layer, direction if run.bidirectional else None)
    picture = [text(heading, 0, 14, "strong large")]
    y = 32.0  # below the heading, which may reach over the steps
    if inputs:
        head, y = strip(run, first, stop, left, y, room, words)
        picture += head
    tall = float(np.clip(len(chosen) * 6.0, 54.0, 190.0))
    for name in names:
        # A projected hidden state has its own, fewer units.
        values = run.signal(layer, name, direction)[first:stop].T
        rows = [unit for unit in chosen if unit < len(values)]
        values = values[rows]
        colours = Colours.of(values, gate=name in GATES)
        called = words(SIGNAL_WORDS[name])
        picture.append(text(called, left, y + 14, "strong"))
        picture.append(colour_key(colours, width - 172, y + 5, 160))
        y += 30
        image = heat(
            values,
            colours,
            left,
            y,
            room,
            tall,
            row_names=[words("unit {n}", n=unit) for unit in rows],
            what=called,
            labels=run.labels[first:stop] if name == names[0] else None,
            exact=exact,
            most=most,
        )
        image.add(Element("title", words.labelled(called, f"{len(rows)} × {stop - first}")))
        picture += [image, *_unit_ticks(rows, left, y, tall)]
        picture.append(text(words("unit"), left - 6, y - 16, "end small muted"))
        y += tall + 16
    picture += step_ticks(run, first, stop, left, room, y)
    ordered = words("Units that act alike lie together.") if order and units is None else ""
    picture.append(text(ordered, left, y + 20, "muted"))
    title = words("Gates over time, layer {n}", n=layer + 1)
    described = words(
        "{signals} of {count} units over {steps} steps",
        signals=words.listed(words(SIGNAL_WORDS[name]) for name in names),
        count=len(chosen),
        steps=stop - first,
    )
    return Picture(title, described, width, y + 30, tuple(picture), language=words.tag)


def _units(
    run: Run, layer: int, direction: str, units: Sequence[int] | None, order: bool, count: int
) -> list[int]:
    chosen = list(range(count)) if units is None else [int(unit) for unit in units]
    outside = [unit for unit in chosen if not 0 <= unit < count]
    if outside or not chosen:
        raise OptionError(
            f"units {outside} are not in layer {layer}, which has units 0 to {count - 1}",
            hint=f"units=range({min(count, 8)})",
        )
    if order and units is None:
        hidden = run.signal(layer, "hidden", direction)
        return order_units(hidden).tolist()
    return chosen


def _unit_ticks(rows: list[int], left: float, y: float, tall: float) -> list[Element]:
    """Return the numbers of units beside their rows, as many as have room."""
    each = tall / len(rows)
    stride = max(1, int(np.ceil(11 / each)))
    return [
        text(str(rows[at]), left - 6, y + (at + 0.5) * each + 3.5, "end small muted")
        for at in range(0, len(rows), stride)
    ]
