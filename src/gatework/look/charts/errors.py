"""Errors by horizon: how far off each model is, the further ahead it looks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gatework.look.canvas.numerals import show, show_all
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import Frame, left_room, spread
from gatework.look.canvas.scales import Log, Scale, scale_over
from gatework.look.canvas.shapes import SIGNS, polyline, sign, text
from gatework.look.canvas.svg import Element, shorten, text_width
from gatework.look.canvas.theme import MODELS
from gatework.look.charts.zoom import number_axis, part, plot, upward_axis
from gatework.look.language import Words, words_in

_SINGLE = 170.0
"""How wide the area is when all errors are at the same number of steps."""

_NAME = 100.0
"""Room that a name has on the narrowest screen, enough for the baselines'."""


@dataclass(frozen=True)
class _Line:
    """One model's line: its name, its known errors, and the class that colours it."""

    name: str
    errors: dict[int, float]
    style: str
    shape: int

    @property
    def last(self) -> int:
        return max(self.errors)


def errors_chart(
    scores: Mapping[str, Mapping[int, float]],
    *,
    measure: str = "RMSE",
    emphasis: str = "LSTM",
    width: float = 920,
    height: float = 340,
    language: str = "en",
) -> Picture:
    """Draw the error of each model at each number of steps ahead; ``emphasis`` stands out.

    Errors that are missing or not finite leave a gap. The vertical axis is logarithmic where the
    errors are so far apart that the lesser ones could not be told apart otherwise.

    Example:
        >>> errors_chart({"LSTM": {1: 2.0, 2: 2.5}, "last value": {1: 2.2, 2: 3.0}}).title
        'RMSE by steps ahead'
    """
    words = words_in(language)
    lines = _lines(scores, emphasis)
    errors = [error for line in lines for error in line.errors.values()]
    steps = sorted({step for line in lines for step in line.errors})
    title = words("{measure} by steps ahead", measure=measure)
    if not lines:
        few = words("no model could be scored: too few periods under test")
        none = words("No model could be scored.")
        return Picture(title, none, width, 40, (text(few, 0, 20, "muted"),), language=words.tag)
    names = max(text_width(_labelled(line, lines, width)) for line in lines) + 30
    top, bottom = 28.0, height - 46
    y = scale_over(errors, bottom, top, padding=0.08)
    ticks = y.ticks(8)
    left = left_room(ticks)
    right = width - names if len(steps) > 1 else min(width - names, left + _SINGLE)
    frame = Frame(left, top, right, bottom)
    inset = min(40.0, frame.width / 6)
    x = Log.over(steps, frame.left + inset, frame.right - 12, padding=0.0)
    told = words("{measure}, in the units of the series; less is better", measure=measure)
    drawn = plot(
        frame,
        number_axis(frame, x, _step_ticks(steps, x), words("steps ahead")),
        upward_axis(frame, y, ticks),
        [_draw(line, x, y, words) for line in reversed(lines)],  # the emphasis lies on top
        words,
        beside=_direct_labels(lines, frame, x, y, width),
        fixed=True,
    )
    content = (text(told, 0, 12, "muted"), drawn)
    return Picture(
        title, _describe(lines, measure, words), width, height, content, language=words.tag
    )


def _lines(scores: Mapping[str, Mapping[int, float]], emphasis: str) -> list[_Line]:
    lines, others = [], 0
    for name, errors in scores.items():
        known = {step: error for step, error in sorted(errors.items()) if math.isfinite(error)}
        style = "lstm" if name == emphasis else f"m{others % MODELS + 1}"
        shape = 0 if name == emphasis else others % SIGNS
        others += name != emphasis
        if known:
            lines.append(_Line(name, known, style, shape))
    return sorted(lines, key=lambda line: line.name != emphasis)


def _labelled(line: _Line, lines: Sequence[_Line], width: float) -> str:
    """Return the name of a line and its last error, written as those of the others are."""
    ends = [one.errors[one.last] for one in lines]
    (error,) = show_all([line.errors[line.last]], among=ends)
    return f"{shorten(line.name, max(width * 0.24, _NAME))}  {error}"


def _step_ticks(steps: Sequence[int], x: Scale) -> list[tuple[float, str]]:
    ticks: list[tuple[float, str]] = []
    for step in steps:
        if not ticks or x(step) - ticks[-1][0] >= 22:
            ticks.append((x(step), str(step)))
    return ticks


def _draw(line: _Line, x: Scale, y: Scale, words: Words) -> Element:
    points = [(x(step), y(error)) for step, error in line.errors.items()]
    emphasised = line.style == "lstm"
    classes = f"{line.style} thick model" if emphasised else f"{line.style} model"
    marks = []
    for (step, error), (at, height) in zip(line.errors.items(), points, strict=True):
        steps = words("1 step ahead") if step == 1 else words("{steps} steps ahead", steps=step)
        mark = sign(line.shape, at, height, 4.5 if emphasised else 3.6, f"{line.style} mark")
        name = words("{one}, {other}", one=line.name, other=steps)
        told = words.labelled(name, show(error, 4))
        marks.append(mark.add(Element("title", told)))
    joined = [polyline(points, classes)] if len(points) > 1 else []
    return part(line.name, *joined, marks=marks)


def _direct_labels(
    lines: Sequence[_Line], frame: Frame, x: Scale, y: Scale, width: float
) -> list[Element]:
    """Return each model's name and last error at the right, tied to the line it belongs to."""
    heights = [y(line.errors[line.last]) for line in lines]
    places = spread(heights, frame.top, frame.bottom, 17)
    labels = []
    for line, height, place in zip(lines, heights, places, strict=True):
        ends = [(x(line.last) + 7, height), (frame.right + 8, place), (frame.right + 16, place)]
        classes = f"{line.style} strong" if line.style == "lstm" else line.style
        name = text(_labelled(line, lines, width), frame.right + 20, place + 4, classes)
        tie = polyline(ends, f"{line.style} tie")
        labels.append(Element("g", tie, name, data_toggle=line.name, data_height=height))
    return labels


def _describe(lines: Sequence[_Line], measure: str, words: Words) -> str:
    told = [
        words(
            "{name}: {what}",
            name=line.name,
            what=words.listed(
                words("{error} at {step}", error=show(error), step=step)
                for step, error in line.errors.items()
            ),
        )
        for line in lines
    ]
    return words(
        "{measure} of each model by steps ahead. {errors}.",
        measure=measure,
        errors=words("; ").join(told),
    )
