"""The network as a diagram: its layers as a stack of blocks, as wide as they have units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gatework.cell.summary import LayerSummary
from gatework.errors import OptionError
from gatework.examine import Run
from gatework.examine.run import module_layers
from gatework.look.canvas.numerals import percent
from gatework.look.canvas.picture import ROOMY, Picture
from gatework.look.canvas.plot import LINE, muted_lines
from gatework.look.canvas.shapes import circle, polyline, rect, segment, text
from gatework.look.canvas.svg import Element, shorten, text_width, wrap
from gatework.look.language import Words, words_in

_BLOCK = 66.0
_HEAD = 48.0
_GAP = 46.0
_PILL = 24.0
_FORK = 48.0  # where what reads the input beside the first layer leaves the way to it
_MOST_DOTS = 32
_LEAST_WIDTH = 118.0
_MOST_CLASSES = 20  # that are named below the output
_CARRIED = {"lstm": "h, c", "rnn": "h"}


@dataclass(frozen=True)
class _Plan:
    """The measures of the diagram: the middle of the stack, its widest block, the notes' place."""

    middle: float
    widest: float
    width: float
    notes: float | None  # where notes begin, None: below each block
    most_units: int
    units_a_dot: int
    words: Words

    def block_width(self, units: int) -> float:
        """Return how wide a block of so many units is, never too narrow for its name.

        The recurrent layers set the measure; a head that is wider is drawn as wide as the widest.
        """
        wide = self.widest * min(units / self.most_units, 1.0)
        return max(wide, min(_LEAST_WIDTH, self.widest))


def structure_diagram(model: Any, *, width: float = 920, language: str = "en") -> Picture:
    """Draw a model from its layers: input, recurrent layers, dropout between, head, output.

    The width of a block and its dots show how many units the layer has; the loop at its side is
    the state that it carries from step to step. A layer beside the others reads the input as they
    do, and the layer after it what both say. Below the output are the names of a few classes.

    Args:
        model: an LSTM, an RNN, a module that holds one, a fitted estimator, a Run, or the
            LayerSummary of each layer.
        width: of the picture, in pixels.
        language: "en" or "zh".

    Raises:
        OptionError: there is no layer, or the model cannot tell its layers.

    Example:
        >>> from gatework.cell.summary import LayerSummary
        >>> structure_diagram([LayerSummary("LSTM 1", "lstm", 1, 128, 128, 1, 66560)]).title
        'The network: [128]'
    """
    words = words_in(language)
    layers = layers_of(model)
    plan = _plan(layers, width, words)
    content, y = _terminal(plan, words("input"), layers[0].input_size, 4.0)
    for layer, following in zip(layers, [*layers[1:], None], strict=True):
        start = y
        block, y = _block(plan, layer, start + _GAP)
        if layer.beside:
            content += _around(plan, layer, start, y + 10)
        else:
            content += _arrow(plan, start, start + _GAP, _features(plan, layer.input_size))
        content += block
        if layer.dropout_after and following is not None:
            pill, y = _dropout(plan, layer.dropout_after, y)
            content += pill
    content += _arrow(plan, y, y + _GAP, _features(plan, layers[-1].output_size))
    ends, y = _terminal(plan, words("output"), layers[-1].output_size, y + _GAP)
    content += ends
    if named := words.listed(map(words.name, _classes_of(model, layers[-1].output_size))):
        y += 20
        content.append(text(shorten(named, 2 * plan.middle - 8), plan.middle, y, "mid muted"))
    legend, y = _legend(plan, layers, y + 26)
    content += legend
    sizes = ", ".join(str(layer.hidden_size) for layer in layers if layer.kind != "linear")
    title = words("The network: {sizes}", sizes=f"[{sizes}]")
    return Picture(title, _describe(layers, words), width, y, tuple(content), language=words.tag)


def layers_of(model: Any) -> list[LayerSummary]:
    """Return the description of each layer of a model.

    Raises:
        OptionError: there is no layer, or the model cannot tell its layers.
    """
    if hasattr(model, "layer_summary"):
        found = model.layer_summary()
    elif isinstance(model, Run):
        found = model.layers
    else:
        found = module_layers(model) or model
    if not isinstance(found, Sequence) or not all(isinstance(one, LayerSummary) for one in found):
        raise OptionError(
            f"a {type(model).__name__} cannot tell its layers",
            hint="pass an LSTM, an RNN or a fitted estimator",
        )
    if not found:
        raise OptionError("layers must hold at least one layer, got none")
    return list(found)


def _classes_of(model: Any, count: int) -> Sequence[str]:
    """Return the names of the features that leave; none where they have none of their own."""
    tell = getattr(model, "result_names", tuple)
    names = model.results if isinstance(model, Run) else tell()
    told = len(names) == count and 1 < count <= _MOST_CLASSES and "output 0" not in names
    return names if told else ()


def _plan(layers: Sequence[LayerSummary], width: float, words: Words) -> _Plan:
    recurrent = [layer.hidden_size for layer in layers if layer.kind != "linear"]
    most = max(recurrent or [layer.hidden_size for layer in layers])
    a_dot = 1
    while math.ceil(most / a_dot) > _MOST_DOTS:
        a_dot *= 2
    if width < ROOMY:
        return _Plan(width / 2, width - 150, width, None, most, a_dot, words)
    return _Plan(width * 0.34, 340.0, width, width * 0.34 + 320, most, a_dot, words)


def _block(plan: _Plan, layer: LayerSummary, y: float) -> tuple[list[Element], float]:
    wide = plan.block_width(layer.hidden_size)
    left, right = plan.middle - wide / 2, plan.middle + wide / 2
    recurrent = layer.kind != "linear"
    tall = _BLOCK if recurrent else _HEAD
    style = "block" if recurrent else "headblock"
    name = shorten(plan.words.name(layer.name), wide - 12, 14)
    content = [
        rect(left, y, wide, tall, f"{style} layer", told=_told(layer, plan.words), rx=9),
        text(name, plan.middle, y + 20, "mid strong large"),
        text(_units(layer, plan.words), plan.middle, y + 37, "mid"),
    ]
    if recurrent:
        content += _dots(plan, layer.hidden_size, y + _BLOCK - 14, right - left)
        carried = here = back = _CARRIED.get(layer.kind, "h")
        if plan.notes:
            here = plan.words("{what} to step t + 1", what=carried)
            back = plan.words("{what} to step t - 1", what=carried)
        content += _loop(right, y, 1, here)
        content += _loop(left, y, -1, back) if layer.directions == 2 else []
    return _noted(plan, layer, y, tall, content)


def _noted(
    plan: _Plan, layer: LayerSummary, y: float, tall: float, content: list[Element]
) -> tuple[list[Element], float]:
    """Add what is worth noting about a layer, beside the block or below it."""
    notes = [(plan.words("{count} parameters", count=f"{layer.parameters:,}"), "strong")]
    if layer.directions == 2:
        said = plan.words("reads both directions, {count} features leave", count=layer.output_size)
        notes.append((said, ""))
    elif layer.output_size != layer.hidden_size and layer.kind != "linear":
        notes.append((plan.words("projected to {count} features", count=layer.output_size), ""))
    room = plan.width - plan.notes if plan.notes is not None else plan.width - 40
    notes += [
        (line, "muted")
        for line in wrap([plan.words.name(option) for option in layer.options], room)
    ]
    if plan.notes is not None:
        first = y + (tall - LINE * len(notes)) / 2 + 11
        content += [
            text(note, plan.notes, max(first, y + 11) + LINE * at, style)
            for at, (note, style) in enumerate(notes)
        ]
        low = y + max(tall, LINE * len(notes))
        x = plan.middle
        if low > y + tall:
            content.append(segment(x, y + tall, x, low, "flow"))
        return content, low
    y += tall + 3
    content += [
        text(note, plan.middle, y + LINE * (at + 0.8), f"mid {style}")
        for at, (note, style) in enumerate(notes)
    ]
    return content, y + LINE * len(notes) + 4


def _dots(plan: _Plan, units: int, y: float, wide: float) -> list[Element]:
    count = math.ceil(units / plan.units_a_dot)
    pitch = min((wide - 20) / max(count, 1), 12.0)
    radius = min(pitch * 0.36, 3.6)
    first = plan.middle - pitch * (count - 1) / 2
    return [circle(first + pitch * at, y, radius, "unit") for at in range(count)]


def _loop(x: float, y: float, side: int, label: str) -> list[Element]:
    """Return the arrow of a layer's state to the next step, out of its side and back."""
    out, back, reach = y + 16, y + _BLOCK - 16, 34 * side
    curve = f"M{x:.2f} {out:.2f}c{reach} -12 {reach} {back - out + 12} {3 * side} {back - out}"
    tip = [(x, back), (x + 9 * side, back - 6.5), (x + 8 * side, back + 4)]
    style = "muted small" + (" end" if side < 0 else "")
    return [
        Element("path", class_="loop", d=curve),
        polyline(tip, "looptip", closed=True),
        text(label, x + 32 * side, y + _BLOCK / 2 + 4, style),
    ]


def _dropout(plan: _Plan, probability: float, y: float) -> tuple[list[Element], float]:
    label = plan.words("dropout {share}", share=percent(probability))
    wide = text_width(label) + 24
    top = y + 16
    content = [
        segment(plan.middle, y, plan.middle, top, "flow"),
        rect(plan.middle - wide / 2, top, wide, _PILL, "pill", rx=_PILL / 2),
        text(label, plan.middle, top + 16, "mid drop"),
    ]
    return content, top + _PILL


def _arrow(plan: _Plan, start: float, end: float, label: str) -> list[Element]:
    x = plan.middle
    return [
        segment(x, start, x, end - 9, "flow"),
        polyline([(x, end - 1), (x - 5, end - 10), (x + 5, end - 10)], "tip", closed=True),
        text(label, x + 12, (start + end) / 2 + 3, "muted"),
    ]


def _around(plan: _Plan, layer: LayerSummary, y: float, join: float) -> list[Element]:
    """Return the way from the input to a layer beside the others, and theirs past it to ``join``.

    Theirs begins at ``y``, and ends below the notes of the layer that it passes.
    """
    half = plan.block_width(layer.hidden_size) / 2
    left, right = plan.middle - half, plan.middle + half
    at, past = y + _GAP + _HEAD / 2, min(right + 22, plan.width - 4)
    tip = [(left - 1, at), (left - 10, at - 5), (left - 10, at + 5)]
    way = f"M{plan.middle:.2f} {_FORK:.2f}H6V{at:.2f}H{left - 9:.2f}"
    over = f"M{plan.middle:.2f} {y:.2f}v14H{past:.2f}V{join:.2f}H{plan.middle:.2f}"
    return [
        Element("path", class_="flow", d=way),
        polyline(tip, "tip", closed=True),
        text(_features(plan, layer.input_size), 12, y + _GAP - 6, "muted"),  # above the block
        Element("path", class_="flow", d=over),
    ]


def _terminal(plan: _Plan, name: str, size: int, y: float) -> tuple[list[Element], float]:
    label = plan.words.labelled(name, _features(plan, size))
    wide = text_width(label) + 32
    box = {"x": plan.middle - wide / 2, "y": y, "width": wide, "height": 32}
    content = [
        Element("rect", class_="endblock", rx=16, **box),
        text(label, plan.middle, y + 20, "mid"),
    ]
    return content, y + 32


def _legend(plan: _Plan, layers: Sequence[LayerSummary], y: float) -> tuple[list[Element], float]:
    words = plan.words
    total = sum(layer.parameters for layer in layers)
    said = [
        words("{count} parameters in all.", count=f"{total:,}"),
        words("A dot stands for one unit.")
        if plan.units_a_dot == 1
        else words("A dot stands for {count} units.", count=plan.units_a_dot),
        words("A loop is the state a layer carries to its next step."),
    ]
    if any(layer.dropout_after for layer in layers[:-1]):
        said.append(words("Dropout acts only in training."))
    return muted_lines(wrap(said, plan.width - 8, joint=words.told("", "")), 0, y)


def _features(plan: _Plan, count: int) -> str:
    return plan.words.many(count, "1 feature", "{count} features")


def _units(layer: LayerSummary, words: Words) -> str:
    if layer.kind == "linear":
        return f"{layer.input_size} → {layer.output_size}"
    each = " × 2" if layer.directions == 2 else ""
    return words.many(layer.hidden_size, "1 unit", "{count} units") + each


def _told(layer: LayerSummary, words: Words) -> str:
    told = words(
        "{name} ({kind}): {inside} features in, {outside} out, {count} parameters",
        name=words.name(layer.name),
        kind=words("linear") if layer.kind == "linear" else layer.kind.upper(),
        inside=layer.input_size,
        outside=layer.output_size,
        count=f"{layer.parameters:,}",
    )
    options = words.listed(map(words.name, layer.options))
    return f"{told}{words('; ')}{options}" if options else told


def _describe(layers: Sequence[LayerSummary], words: Words) -> str:
    told = []
    for layer in layers:
        beside = words("beside these, from the input: ") if layer.beside else ""
        told.append(beside + _told(layer, words))
        if layer.dropout_after and layer is not layers[-1]:
            told.append(words("dropout {share}", share=percent(layer.dropout_after)))
    return words("From input to output: {layers}.", layers=words("; then ").join(told))
