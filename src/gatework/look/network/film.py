"""Training as a film: losses, gradients, gates and memory over the epochs of a recorded run."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatework.errors import OptionError
from gatework.examine import Run, gradient_flow, memory_of, order_units, run_of
from gatework.examine.saturation import GATES
from gatework.look.canvas.heat import Colours, colour_key, heat
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import Frame, bottom_axis, fitting_ticks, key_line, text, value_axis
from gatework.look.canvas.scales import Linear, Log, spans_decades
from gatework.look.canvas.svg import Element, path_data
from gatework.look.canvas.theme import LAYERS
from gatework.look.language import SIGNAL_WORDS, Words, words_in
from gatework.look.network.gates import gates_chart
from gatework.train import Record

MOST_FRAMES = 40
_TALL = 150.0


@dataclass(frozen=True, eq=False)
class Frames:
    """A recorded run, looked into after some of its epochs.

    Attributes:
        epochs: of the frames; 0 is the start.
        runs: of the network as it was after each of them.
        record: of the run.
    """

    epochs: tuple[int, ...]
    runs: tuple[Run, ...]
    record: Record


def frames_of(model: Any, record: Record, data: Any = None, *, most: int = MOST_FRAMES) -> Frames:
    """Return what a network was like after the epochs of its recorded training.

    Args:
        model: the module that was trained, or the network alone where its names begin with those
            of the module that holds it; its own weights are left as they are.
        record: from gatework.train.read_record.
        data: what it reads in every frame, as for gatework.examine.run_of; of a Run what it
            reads, with its names and labels.
        most: frames at most, evenly spaced; the first and the last epoch are among them.

    Raises:
        OptionError: the record has no snapshots, or they are of another architecture.
    """
    kept = sorted(record.snapshots)
    if not kept:
        raise OptionError(f"{record.folder} holds no snapshots of weights")
    chosen = sorted({kept[int(at)] for at in np.linspace(0, len(kept) - 1, min(most, len(kept)))})
    runs = []
    for epoch in chosen:
        one = copy.deepcopy(model)
        record.restore(one, epoch)
        if isinstance(data, Run):
            run = run_of(one, data.raw[:, 0], labels=data.labels, names=data.features)
            runs.append(replace(run, values=data.values, names=data.names, text=data.text))
        else:
            runs.append(run_of(one, data))
    return Frames(tuple(chosen), tuple(runs), record)


def film_chart(frames: Frames, *, width: float = 920, language: str = "en") -> Picture:
    """Draw a training run over its epochs.

    From top to bottom: the losses; for each layer the size of the gradient ten steps back relative
    to its own step; the median half-life of its memory; and the mean of each gate of each unit.
    """
    words = words_in(language)
    content = [text(words("Training, epoch by epoch"), 0, 16, "strong large")]
    last = max(frames.epochs[-1], frames.record.epochs[-1].epoch if frames.record.epochs else 1, 1)
    left, right = 76.0, width - 12
    x = Linear(0.0, float(last), left, right)
    y = 44.0
    y = _losses(content, frames, x, y, words)
    network = frames.runs[-1].network
    layers = range(network.num_layers)
    if not network.bidirectional and len(frames.runs[0]) > 1:
        back = min(10, len(frames.runs[0]) - 1)
        flows = [gradient_flow(run, most=back, origins=6).relative[:, -1] for run in frames.runs]
        title = words("gradient {k} steps back, relative to its own step", k=back)
        y = _lines(content, frames, x, y, title, np.array(flows), words)
    if network.file_kind == "lstm":
        lives = [
            [float(np.median(memory_of(run, layer, most=1).half_life)) for layer in layers]
            for run in frames.runs
        ]
        y = _lines(
            content, frames, x, y, words("median half-life in steps"), np.array(lives), words
        )
        for layer in layers:
            y = _gates(content, frames, layer, left, right, y, words)
    content.append(
        bottom_axis(Frame(left, 0, right, y), fitting_ticks(x, whole=True), words("epoch"))
    )
    described = words("{count} epochs, {frames} snapshots", count=last, frames=len(frames.epochs))
    return Picture(words("Training as a film"), described, width, y + 44, tuple(content))


def film_frames(
    frames: Frames,
    *,
    layer: int = 0,
    signals: Sequence[str] | None = None,
    last_steps: int | None = None,
    most: int | None = None,
    width: float = 920,
    language: str = "en",
) -> list[tuple[int, Picture]]:
    """Return the pictures of a film: the gates over time after each epoch, units in one order.

    Args:
        frames: from frames_of.
        layer: whose gates.
        signals: those of gates_chart; ones that the network lacks are left out.
        last_steps: how many steps are drawn, from the end; all when not given.
        most: frames at most, evenly spaced, the first and the last among them.
        width: of each picture, in pixels.
        language: "en" or "zh".
    """
    last = frames.runs[-1]
    order = order_units(last.signal(layer, "hidden")).tolist()
    names = None if signals is None else [name for name in signals if name in last.cell(layer)]
    first = 0 if last_steps is None else max(0, len(last) - last_steps)
    count = len(frames.runs)
    chosen = sorted({int(at) for at in np.linspace(0, count - 1, min(most or count, count))})
    return [
        (
            frames.epochs[at],
            gates_chart(
                frames.runs[at],
                signals=names,
                layer=layer,
                units=order,
                first=first,
                order=False,
                width=width,
                language=language,
            ),
        )
        for at in chosen
    ]


def _losses(content: list[Element], frames: Frames, x: Linear, y: float, words: Words) -> float:
    epochs = frames.record.epochs
    if not epochs:
        return y
    content.append(text(words("loss"), x.start, y, "strong"))
    values = [e.loss for e in epochs] + [e.validation for e in epochs if e.validation is not None]
    frame = Frame(x.start, y + 10, x.end, y + 10 + _TALL)
    scale = _scale(values, frame)
    content.append(value_axis(frame, scale, scale.ticks(4)))
    line = path_data((x(float(e.epoch)), scale(e.loss)) for e in epochs)
    content.append(Element("path", class_="lstm thick", d=line))
    entries = [(words("training"), [Element("line", class_="lstm thick", x1=0, x2=22, y1=0, y2=0)])]
    if any(e.validation is not None for e in epochs):
        points = (
            (x(float(e.epoch)), scale(e.validation)) for e in epochs if e.validation is not None
        )
        content.append(Element("path", class_="m1", d=path_data(points)))
        entries.append(
            (words("validation"), [Element("line", class_="m1", x1=0, x2=22, y1=0, y2=0)])
        )
    key, _ = key_line(entries, x.start + 90, 300, y)
    content.append(key)
    return frame.bottom + 34


def _lines(
    content: list[Element],
    frames: Frames,
    x: Linear,
    y: float,
    title: str,
    values: np.ndarray,
    words: Words,
) -> float:
    content.append(text(title, x.start, y, "strong"))
    frame = Frame(x.start, y + 10, x.end, y + 10 + _TALL * 0.8)
    scale = _scale(values.ravel().tolist(), frame)
    content.append(value_axis(frame, scale, scale.ticks(4)))
    entries = []
    for layer in range(values.shape[1]):
        classes = f"k{layer % LAYERS + 1} line"
        points = [
            (x(float(epoch)), scale(float(value)))
            for epoch, value in zip(frames.epochs, values[:, layer], strict=True)
        ]
        told = (
            words("layer {n}", n=layer + 1)
            + f": {show(values[0, layer])} → {show(values[-1, layer])}"
        )
        content.append(
            Element("path", Element("title", told), class_=f"{classes} mark", d=path_data(points))
        )
        entries.append(
            (
                words("layer {n}", n=layer + 1),
                [Element("line", class_=classes, x1=0, x2=22, y1=0, y2=0)],
            )
        )
    key, _ = key_line(entries, x.end - 110.0 * len(entries), 110.0 * len(entries) + 40, y)
    content.append(key)
    return frame.bottom + 34


def _gates(
    content: list[Element],
    frames: Frames,
    layer: int,
    left: float,
    right: float,
    y: float,
    words: Words,
) -> float:
    cell = frames.runs[-1].cell(layer)
    order = (
        order_units(cell["hidden"])
        if cell["hidden"].shape == cell["cell"].shape
        else np.arange(cell["cell"].shape[1])
    )
    names = [name for name in GATES if name in cell]
    last = frames.epochs[-1]
    for name in names:
        means = np.stack(
            [run.signal(layer, name).mean(axis=0)[order] for run in frames.runs], axis=1
        )
        colours = Colours.of(means, gate=True)
        called = words("mean {signal}, layer {n}", signal=words(SIGNAL_WORDS[name]), n=layer + 1)
        content += [text(called, left, y, "strong"), colour_key(colours, right - 160, y - 9, 160)]
        # Each frame is as wide as the epochs up to the next one.
        steps = np.repeat(means, _spans(frames.epochs), axis=1) if last <= 2000 else means
        tall = float(np.clip(len(order) * 4.0, 30.0, 90.0))
        image = heat(
            steps,
            colours,
            left,
            y + 18,
            right - left,
            tall,
            row_names=[words("unit {n}", n=int(unit)) for unit in order],
            what=called,
        )
        shown = range(steps.shape[1]) if last <= 2000 else frames.epochs
        if layer == 0 and name == names[0]:
            image.attributes["data_labels"] = "\n".join(words("epoch {n}", n=n) for n in shown)
        content.append(image)
        y += tall + 46
    return y


def _spans(epochs: tuple[int, ...]) -> list[int]:
    return [*np.diff(epochs).tolist(), 1]


def _scale(values: list[float], frame: Frame) -> Linear | Log:
    known = [value for value in values if value > 0]
    if len(known) == len(values) and spans_decades(values, 20.0):
        return Log.over(values, frame.bottom, frame.top)
    return Linear.over(values, frame.bottom, frame.top)
