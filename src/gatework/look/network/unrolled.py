"""The network unrolled in time: every layer at every step, and what passes between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gatework.errors import OptionError
from gatework.examine import Run, run_of
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import text
from gatework.look.canvas.svg import Element, path_data, shorten
from gatework.look.language import SIGNAL_WORDS, Words, words_in

_BOX, _TALL, _GAP = 96.0, 46.0, 44.0
_LEFT = 96.0


def unrolled_diagram(
    model: Any,
    data: Any = None,
    *,
    first: int = 0,
    steps: int = 5,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw the network unfolded over ``steps`` steps of its input, from step ``first``.

    A column is a step: input at the bottom, a box for each layer, result at the top. Arrows to
    the right carry hidden state and cell (from right to left for the other direction). A box tells
    the size of its hidden state, the root mean square over its units.

    Raises:
        OptionError: the steps are not in the run.
    """
    words = words_in(language)
    run = run_of(model, data)
    T = len(run)
    if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= 12:
        raise OptionError(f"steps must be from 1 to 12, got {steps!r}")
    if not 0 <= first < T:
        raise OptionError(f"there is no step {first}: the run has steps 0 to {T - 1}")
    shown = range(first, min(first + steps, T))
    layers = run.network.num_layers
    room = (width - _LEFT - 40) / len(shown)
    wide = min(_BOX, room * 0.62)
    both = run.network.bidirectional
    tall = _TALL + (20 if both else 0)
    first_y = 96.0
    bottom = first_y + layers * (tall + _GAP) + 44
    content: list[Element] = []
    for layer in range(layers):
        y = first_y + (layers - 1 - layer) * (tall + _GAP)
        name = words("layer {n}", n=layer + 1)
        units = run.network.hidden_sizes[layer]
        content.append(text(name, 4, y + tall / 2, "strong"))
        content.append(
            text(words.many(units, "1 unit", "{count} units"), 4, y + tall / 2 + 15, "muted small")
        )
        for at, step in enumerate(shown):
            x = _LEFT + room * (at + 0.5)
            content += _box(run, layer, step, x, y, wide, tall, words)
            content += _carry(
                layer,
                x,
                y,
                wide,
                tall,
                room,
                both,
                run,
                words,
                first=at == 0,
                last=at == len(shown) - 1,
            )
            start = y + tall + _GAP - (10 if layer == 0 else 0)
            content.append(_up(x, start, y + tall))
    top = first_y
    for at, step in enumerate(shown):
        x = _LEFT + room * (at + 0.5)
        content.append(_up(x, top, top - 26))
        content.append(_result(run, step, x, top - 32, room, words))
        content += _given(run, step, x, bottom - 38, room)
    content.append(text(words("input"), 4, bottom - 34, "muted"))
    content.append(text(words("result"), 4, top - 32, "muted"))
    content.append(text(words("The network unrolled in time"), 0, 16, "strong large"))
    note = words("Every column is the same network with the same weights, one step later.")
    content.append(text(note, 0, bottom + 12, "muted"))
    title = words("The network unrolled in time")
    described = words(
        "{layers} layers over steps {first} to {last}; arrows to the right are the state",
        layers=layers,
        first=run.labels[shown[0]],
        last=run.labels[shown[-1]],
    )
    return Picture(title, described, width, bottom + 24, tuple(content))


def _box(
    run: Run, layer: int, step: int, x: float, y: float, wide: float, tall: float, words: Words
) -> list[Element]:
    parts: list[Element] = []
    told = [
        words("{layer}, step {step}", layer=words("layer {n}", n=layer + 1), step=run.labels[step])
    ]
    for direction in run.directions:
        signals = run.cell(layer, direction)
        for name, values in signals.items():
            size = float((values[step] ** 2).mean() ** 0.5)
            which = f"{words(direction)} " if len(run.directions) > 1 else ""
            told.append(f"{which}{words(SIGNAL_WORDS[name])}: {show(size)}")
    parts.append(
        Element(
            "g",
            Element("title", "\n".join(told)),
            Element("rect", class_="block", x=x - wide / 2, y=y, width=wide, height=tall, rx=8),
            class_="layer",
            data_layer=str(layer),
            data_step=str(step),
        )
    )
    for row, direction in enumerate(run.directions):
        hidden = run.signal(layer, "hidden", direction)[step]
        arrow = "" if len(run.directions) == 1 else ("→ " if row == 0 else "← ")
        label = f"{arrow}|h| {show(float((hidden**2).mean() ** 0.5), 2)}"
        parts.append(
            text(label, x, y + tall / 2 + 4 + (row * 2 - 1) * 9 * (len(run.directions) - 1), "mid")
        )
    return parts


def _carry(
    layer: int,
    x: float,
    y: float,
    wide: float,
    tall: float,
    room: float,
    both: bool,
    run: Run,
    words: Words,
    *,
    first: bool,
    last: bool,
) -> list[Element]:
    """Return the arrows of the state between this step and the next one."""
    label = "h, c" if run.network.file_kind == "lstm" else "h"
    start, end = x + wide / 2, x + room - wide / 2
    parts: list[Element] = []
    lines = [(y + tall / 2 - (10 if both else 0), 1)] + ([(y + tall / 2 + 10, -1)] if both else [])
    for line, direction in lines:
        stop = start + 22 if last else end
        tip = stop if direction == 1 else start
        parts.append(
            Element(
                "line",
                class_="loop",
                x1=start,
                x2=stop - 6 if direction == 1 else stop,
                y1=line,
                y2=line,
            )
        )
        parts.append(_tip(tip, line, direction))
        if first:
            begin = x - wide / 2 - 22
            parts.append(
                Element("line", class_="loop", x1=begin, x2=x - wide / 2 - 6, y1=line, y2=line)
            )
            parts.append(_tip(x - wide / 2 if direction == 1 else begin, line, direction))
    if not last and end - start > 34:
        parts.append(text(label, (start + end) / 2, lines[0][0] - 5, "mid small muted"))
    return parts


def _tip(x: float, y: float, direction: int) -> Element:
    points = [(x, y), (x - 8 * direction, y - 4.5), (x - 8 * direction, y + 4.5)]
    return Element("path", class_="looptip", d=path_data(points) + "Z")


def _up(x: float, start: float, end: float) -> Element:
    tip = path_data([(x, end + 1), (x - 4.5, end + 9), (x + 4.5, end + 9)]) + "Z"
    return Element(
        "g",
        Element("line", class_="flow", x1=x, x2=x, y1=start, y2=end + 8),
        Element("path", class_="tip", d=tip),
    )


def _result(run: Run, step: int, x: float, y: float, room: float, words: Words) -> Element:
    results = run.output[step]
    if len(results) == 1 or run.results:
        label = show(float(results[0]))
    else:
        label = words.many(len(results), "1 number", "{count} numbers")
    return text(shorten(label, room - 6), x, y, "mid strong")


def _given(run: Run, step: int, x: float, y: float, room: float) -> list[Element]:
    values: Sequence[Any] = run.values[step]
    if run.text is not None:
        label = repr(run.text[step])[1:-1]
    elif len(values) == 1:
        label = show(float(values[0]))
    else:
        label = ", ".join(show(float(v), 2) for v in values[:3]) + ("…" if len(values) > 3 else "")
    below = (
        []
        if run.text is not None
        else [text(shorten(run.labels[step], room - 8), x, y + 19, "mid small muted")]
    )
    return [text(shorten(label, room - 6), x, y + 4, "mid strong"), *below]
