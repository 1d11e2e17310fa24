"""Gradient flow: how far back a loss reaches, beside a plain recurrent network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gatework import examine
from gatework.errors import OptionError
from gatework.examine import Run, run_of
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import (
    Frame,
    bottom_axis,
    fitting_ticks,
    key_line,
    muted_lines,
    stroke,
    value_axis,
)
from gatework.look.canvas.scales import Linear, Log
from gatework.look.canvas.shapes import polyline, segment, text
from gatework.look.canvas.svg import flowed
from gatework.look.canvas.theme import LAYERS
from gatework.look.language import Words, layer_name, words_in

if TYPE_CHECKING:
    from gatework.examine import GradientFlow

_TALL = 300.0
_LEAST = 1e-9


def gradients_chart(
    model: Any,
    data: Any = None,
    *,
    plain: Any = None,
    most: int = 60,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw the size of d loss_t / d hidden_{t-k} over k, for each layer.

    Each layer's line is relative to its size at k = 0. Dotted, the same for a plain RNN of the
    same sizes over the same input. Below the lower line gradients count as vanished (a thousandth)
    and above the upper one as exploded (ten times).

    Args:
        model: as for gatework.examine.run_of.
        data: as there.
        plain: a run of an RNN to compare with, trained on the same; by default an untrained one
            with the usual initial weights.
        most: steps back at most.
        width: of the picture, in pixels.
        language: "en" or "zh".

    Raises:
        OptionError: the network reads in both directions, or the sequence has one step.
    """
    from gatework.examine.gradients import EXPLODED, VANISHED

    words = words_in(language)
    run = run_of(model, data)
    flow = examine.gradient_flow(run, most=most)
    other = examine.plain_rnn_like(run) if plain is None else run_of(plain)
    if len(other) != len(run) or not isinstance(other, Run):
        raise OptionError("plain must be a run over the same sequence")
    beside = examine.gradient_flow(other, most=most)
    depth = flow.sizes.shape[1] - 1
    content = [text(words("How far back the loss reaches"), 0, 16, "strong large")]
    told = _told(flow, beside, words)
    lines, y = muted_lines(flowed(words.told(*told), width), 0, 36.0)
    content += lines
    values = np.concatenate([flow.relative.ravel(), beside.relative.ravel()])
    low = max(_LEAST, float(values[values > 0].min(initial=VANISHED)) / 2)
    high = max(2.0, float(values.max()) * 1.5)
    frame = Frame(64, y + 12, width - 12, y + 12 + _TALL)
    scale = Log(min(low, VANISHED / 3), high, frame.bottom, frame.top)
    x = Linear(0.0, float(depth), frame.left, frame.right)
    content.append(value_axis(frame, scale, scale.ticks(7)))
    content.append(bottom_axis(frame, fitting_ticks(x, whole=True), words("steps back, k")))
    for level in (VANISHED, EXPLODED):
        if scale.low < level < scale.high:
            at = scale(level)
            content.append(segment(frame.left, at, frame.right, at, "cut"))
            named = words("vanished") if level == VANISHED else words("exploded")
            content.append(text(named, frame.left + 4, at + 13, "small muted"))
    entries = []
    for number, (found, style) in enumerate(((beside, "dotted"), (flow, "thick"))):
        for layer in range(len(found.sizes)):
            classes = f"k{layer % LAYERS + 1} line {style}"
            points = [
                (x(float(k)), scale(float(size))) if size >= scale.low else None
                for k, size in enumerate(found.relative[layer])
            ]
            network = "RNN" if number == 0 else run.kind.upper()
            name = words("{one}, {other}", one=network, other=layer_name(words, layer))
            said = words.labelled(name, _reach(found, layer, words))
            content.append(polyline(points, f"{classes} mark", told=said))
            entries.append((name, stroke(classes)))
    entries = entries[len(entries) // 2 :] + entries[: len(entries) // 2]
    key, y = key_line(entries, frame.left, frame.width, frame.bottom + 62)
    content.append(key)
    return Picture(
        words("Gradient flow"), words.told(*told), width, y + 4, tuple(content), language=words.tag
    )


def _reach(flow: GradientFlow, layer: int, words: Words) -> str:
    depth = flow.sizes.shape[1]
    if flow.exploded(layer):
        return words("explodes, to {times} times", times=show(float(flow.relative[layer].max()), 2))
    reach = flow.reach(layer)
    if reach >= depth:
        last = float(flow.relative[layer, -1])
        return words.many(
            depth - 1,
            "{share} left after 1 step",
            "{share} left after {count} steps",
            share=show(last, 2),
        )
    return words.many(reach, "vanishes after 1 step", "vanishes after {count} steps")


def _told(flow: GradientFlow, beside: GradientFlow, words: Words) -> list[str]:
    said = [
        words("Layer {n}: {what}.", n=layer + 1, what=_reach(flow, layer, words))
        for layer in range(len(flow.sizes))
    ]
    plain = words("A plain RNN of the same sizes, layer 1: {what}.", what=_reach(beside, 0, words))
    return [*said, plain]
