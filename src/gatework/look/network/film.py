"""Training as a film: losses, gradients, gates and memory over the epochs of a recorded run."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gatework import examine
from gatework.errors import OptionError
from gatework.examine import Run, memory_of, order_units, run_of
from gatework.examine.saturation import GATES
from gatework.look.canvas.heat import Colours, colour_key, heat
from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import ROOMY, Picture
from gatework.look.canvas.plot import (
    LINE,
    Frame,
    bottom_axis,
    fitting_ticks,
    key_line,
    stroke,
    value_axis,
)
from gatework.look.canvas.scales import Linear, Scale, scale_over
from gatework.look.canvas.shapes import polyline, text
from gatework.look.canvas.svg import Element, flowed
from gatework.look.canvas.theme import LAYERS
from gatework.look.canvas.thinning import evenly
from gatework.look.language import SIGNAL_WORDS, Words, layer_name, words_in
from gatework.look.network.gates import LEFT, RIGHT, gates_chart
from gatework.look.network.series_strip import strip

if TYPE_CHECKING:
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
    chosen = [kept[at] for at in evenly(len(kept), most)]
    runs = []
    for epoch in chosen:
        one = copy.deepcopy(model)
        record.restore(one, epoch)
        if isinstance(data, Run):
            read = data.in_torch().raw[:, 0]
            run = run_of(one, read, labels=data.labels, names=data.features)
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
    last = max(frames.epochs[-1], frames.record.epochs[-1].epoch if frames.record.epochs else 1, 1)
    x = Linear(0.0, float(last), 76.0, width - 12)
    title = text(words("Training, epoch by epoch"), 0, 16, "strong large")
    film = _Film(frames, x, words, [title], width < ROOMY)
    film.losses()
    run = frames.runs[-1]
    layers = range(len(run.sizes))
    if not run.bidirectional and len(frames.runs[0]) > 1:
        back = min(10, len(frames.runs[0]) - 1)
        flows = [
            examine.gradient_flow(run, most=back, origins=6).relative[:, -1] for run in frames.runs
        ]
        title = words("gradient {k} steps back, relative to its own step", k=back)
        film.lines(title, np.array(flows))
    if run.kind == "lstm":
        lives = [
            [float(np.median(memory_of(run, layer, most=1).half_life)) for layer in layers]
            for run in frames.runs
        ]
        film.lines(words("median half-life in steps"), np.array(lives))
        for layer in layers:
            film.gates(layer)
    axis = Frame(x.start, 0, x.end, film.y)
    film.content.append(bottom_axis(axis, fitting_ticks(x, whole=True), words("epoch")))
    described = words("{count} epochs, {frames} snapshots", count=last, frames=len(frames.epochs))
    title = words("Training as a film")
    return Picture(title, described, width, film.y + 44, tuple(film.content), language=words.tag)


def film_frames(
    frames: Frames,
    *,
    layer: int = 0,
    signals: Sequence[str] | None = None,
    last_steps: int | None = None,
    most: int | None = None,
    inputs: bool = True,
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
        inputs: whether the input stands above each of them.
        width: of each picture, in pixels.
        language: "en" or "zh".
    """
    last = frames.runs[-1]
    order = order_units(last.signal(layer, "hidden")).tolist()
    names = None if signals is None else [name for name in signals if name in last.cell(layer)]
    first = 0 if last_steps is None else max(0, len(last) - last_steps)
    count = len(frames.runs)
    options: dict[str, Any] = {"signals": names, "layer": layer, "units": order, "first": first}
    options |= {"order": False, "width": width, "language": language, "exact": False}
    options |= {"inputs": inputs}
    return [
        (frames.epochs[at], gates_chart(frames.runs[at], **options))
        for at in evenly(count, most or count)
    ]


def film_inputs(
    frames: Frames, *, last_steps: int, width: float = 920, language: str = "en"
) -> Picture:
    """Return the picture of what is read in every frame, above which their steps lie."""
    words, run = words_in(language), frames.runs[-1]
    first = max(0, len(run) - last_steps)
    content, y = strip(run, first, len(run), LEFT, 12.0, width - LEFT - RIGHT, words)
    named = words.listed(words.name(name) for name in run.names)
    return Picture(words("input"), named, width, y, tuple(content), language=words.tag)


@dataclass
class _Film:
    """The panels of a film, one below the other; ``y`` is where the next one begins.

    ``close`` says that keys stand below titles, as there is no room beside them.
    """

    frames: Frames
    x: Linear
    words: Words
    content: list[Element]
    close: bool = False
    y: float = 44.0

    def losses(self) -> None:
        epochs, x, words = self.frames.record.epochs, self.x, self.words
        if not epochs:
            return
        judged = [(e.epoch, e.validation) for e in epochs if e.validation is not None]
        values = [e.loss for e in epochs] + [loss for _, loss in judged]
        entries = [(words("training"), stroke("lstm thick"))]
        entries += [(words("validation"), stroke("m1"))] if judged else []
        self.content.append(text(words("loss"), x.start, self.y, "strong"))
        self.content.append(key_line(entries, x.start + 90, x.end - x.start - 90, self.y)[0])
        scale = self._panel(values, _TALL)
        points = ((x(float(e.epoch)), scale(e.loss)) for e in epochs)
        self.content.append(polyline(points, "lstm thick"))
        if judged:
            points = ((x(float(epoch)), scale(loss)) for epoch, loss in judged)
            self.content.append(polyline(points, "m1"))

    def lines(self, title: str, values: np.ndarray) -> None:
        """Draw values (epochs, layers), a line a layer."""
        x, epochs = self.x, self.frames.epochs
        names = [layer_name(self.words, layer) for layer in range(values.shape[1])]
        entries = [(name, stroke(f"k{at % LAYERS + 1} line")) for at, name in enumerate(names)]
        wide = self._titled(title, 110.0 * len(entries))
        key, end = key_line(entries, x.end - wide, wide + 40, self.y)
        self.content.append(key)
        self.y = end - LINE if self.close else self.y
        scale = self._panel(values.ravel().tolist(), _TALL * 0.8)
        for layer, of_layer in enumerate(values.T):
            classes, name = f"k{layer % LAYERS + 1} line", names[layer]
            points = [
                (x(float(epoch)), scale(float(value)))
                for epoch, value in zip(epochs, of_layer, strict=True)
            ]
            told = self.words.labelled(name, f"{show(of_layer[0])} → {show(of_layer[-1])}")
            self.content.append(polyline(points, f"{classes} mark", told=told))

    def gates(self, layer: int) -> None:
        """Draw the mean of each gate of each unit, a row a unit, units that act alike together."""
        frames, words, left, right = self.frames, self.words, self.x.start, self.x.end
        cell, last = frames.runs[-1].cell(layer), frames.epochs[-1]
        alike = cell["hidden"].shape == cell["cell"].shape  # not so where it is projected
        order = order_units(cell["hidden"]) if alike else np.arange(cell["cell"].shape[1])
        names = [name for name in GATES if name in cell]
        for name in names:
            means = np.stack(
                [run.signal(layer, name).mean(axis=0)[order] for run in frames.runs], axis=1
            )
            colours = Colours.of(means, gate=True)
            signal = words(SIGNAL_WORDS[name])
            called = words("mean {signal}, layer {n}", signal=signal, n=layer + 1)
            # Each frame is as wide as the epochs up to the next one.
            spans = [*np.diff(frames.epochs).tolist(), 1]
            steps = np.repeat(means, spans, axis=1) if last <= 2000 else means
            shown = range(steps.shape[1]) if last <= 2000 else frames.epochs
            first = layer == 0 and name == names[0]
            tall = float(np.clip(len(order) * 4.0, 30.0, 90.0))
            wide = min(160.0, self._titled(called, 160.0))
            image = heat(
                steps,
                colours,
                left,
                self.y + 18,
                right - left,
                tall,
                row_names=[words("unit {n}", n=int(unit)) for unit in order],
                what=called,
                labels=[words("epoch {n}", n=n) for n in shown] if first else None,
            )
            key = colour_key(colours, right - wide, self.y - 9, wide)
            self.content += [key, image]
            self.y += tall + 46

    def _titled(self, title: str, beside: float) -> float:
        """Draw a title, and return the room for what stands beside it, or on a phone below it."""
        room = self.x.end - self.x.start
        lines = flowed(title, room)
        for at, line in enumerate(lines):
            self.content.append(text(line, self.x.start, self.y + LINE * at, "strong"))
        if not self.close:
            return beside
        self.y += LINE * len(lines)
        return room

    def _panel(self, values: list[float], tall: float) -> Scale:
        """Draw the value axis of a panel, and return its scale."""
        frame = Frame(self.x.start, self.y + 10, self.x.end, self.y + 10 + tall)
        scale = scale_over(values, frame.bottom, frame.top)
        axis = value_axis(frame, scale, scale.ticks(4))
        self.content.append(axis)
        self.y = frame.bottom + 34
        return scale
