"""The search seen from each parameter: what the error was for each of its values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.checks import is_number
from gatework.look.canvas.numerals import show_all
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import Frame, bottom_axis, fitting_ticks, left_room
from gatework.look.canvas.scales import Log, scale_over
from gatework.look.canvas.shapes import circle, text
from gatework.look.canvas.svg import Element, shorten, text_width
from gatework.look.charts.trials import (
    best_of,
    error_of,
    mark,
    roles_of,
    selection,
    spoken,
    succeeded,
    value_text,
)
from gatework.look.charts.zoom import number_axis, part, plot, signs, upward_axis
from gatework.look.language import Words, words_in

if TYPE_CHECKING:
    from gatework.search import Trial

_PANEL = 160.0
_ROW = 22.0
_MOST_ROWS = 14


def parameters_chart(
    trials: Sequence[Trial], *, width: float = 920, language: str = "en"
) -> Picture:
    """Draw the error against each parameter that varied.

    Numbers get a panel each, logarithmic where they span a power of ten. Other values, such as
    layer sizes, get a row each, the best first. The best trial is ringed.

    Example:
        >>> from gatework.search import Trial
        >>> trials = [Trial(k, 0, {"window": 6 + k}, 3.0 - k, 1.0, "done") for k in range(2)]
        >>> parameters_chart(trials).description
        'The error of 2 trials against window. The best has window 7.'
    """
    words = words_in(language)
    done = [trial for trial in trials if succeeded(trial)]
    varied = varied_parameters(done)
    numeric = [name for name in varied if all(is_number(t.parameters.get(name)) for t in done)]
    listed = [name for name in varied if name not in numeric]
    content: list[Element] = []
    bottom = 0.0
    if not varied:
        content, bottom = [text(words("no parameter varied"), 0, 13, "muted")], 20.0
    if numeric:
        panels, bottom = _panels(done, numeric, width, words)
        content += panels
    for name in listed:
        rows, bottom = _rows(done, name, width, bottom + (18 if bottom else 0), words)
        content += rows
    names = words.listed(spoken(name, words) for name in varied)
    best = best_of(done)
    description = words.many(
        len(done),
        "The error of 1 trial against {names}.",
        "The error of {count} trials against {names}.",
        names=names,
    )
    if best is not None:
        chosen = words.listed(
            f"{spoken(n, words)} {value_text(best.parameters.get(n), words)}" for n in varied
        )
        best_has = words("The best has {values}.", values=chosen)
        description = words.told(description, best_has)
    title = words("The search: error against each parameter")
    return Picture(title, description, width, bottom, tuple(content), language=words.tag)


def varied_parameters(trials: Sequence[Trial]) -> list[str]:
    """Return the parameters that took more than one value in the trials that succeeded."""
    done = [trial for trial in trials if succeeded(trial)]
    names = dict.fromkeys(name for trial in done for name in trial.parameters)
    return [
        name
        for name in names
        if len({value_text(trial.parameters.get(name)) for trial in done}) > 1
    ]


def _panels(
    trials: Sequence[Trial], names: Sequence[str], width: float, words: Words
) -> tuple[list[Element], float]:
    """Return a panel for each numeric parameter, with one error axis a line of panels."""
    height, top = 200.0, 44.0
    errors = [error_of(trial) for trial in trials]
    left = left_room(scale_over(errors, height, 0).ticks(5))
    columns = max(1, min(len(names), int((width - left) / _PANEL)))
    wide = (width - left) / columns
    content = [text(words("error in validation; the best trial is ringed"), 0, 12, "muted")]
    for place, name in enumerate(names):
        row, column = divmod(place, columns)
        y = top + row * (height + 52)
        x = left + column * wide
        frame = Frame(x, y, x + wide - 16, y + height - 26)
        content += _panel(trials, name, frame, words, labelled=column == 0)
    rows = math.ceil(len(names) / columns)
    return content, top + rows * (height + 52) - 52


def _panel(
    trials: Sequence[Trial], name: str, frame: Frame, words: Words, *, labelled: bool
) -> list[Element]:
    values = [float(trial.parameters[name]) for trial in trials]
    start, end = frame.left + 8, frame.right - 8
    x = scale_over(values, start, end, ratio=10.0, padding=0.04)
    y = scale_over([error_of(trial) for trial in trials], frame.bottom - 6, frame.top)
    whole = all(value == round(value) for value in values)
    ticks = [(value, label if labelled else "") for value, label in y.ticks(5)]
    best, roles = best_of(trials), roles_of(trials)
    marks = [
        mark(t, x(float(t.parameters[name])), y(error_of(t)), roles[t.index], words, size=3.4)
        for t in selection(trials)
    ]
    ring = []
    if best is not None:
        ring = [circle(x(float(best.parameters[name])), y(error_of(best)), 7, "ring")]
    title = spoken(name, words) + (words(", log scale") if isinstance(x, Log) else "")
    drawn = plot(
        frame,
        number_axis(frame, x, fitting_ticks(x, whole=whole), whole=whole),
        upward_axis(frame, y, ticks),
        [part("trials", marks=marks), signs(ring)],
        words,
    )
    return [text(title, frame.left, frame.top - 8, "strong"), drawn]


def _rows(
    trials: Sequence[Trial], name: str, width: float, top: float, words: Words
) -> tuple[list[Element], float]:
    """Return a row of marks for each value of a parameter, the best value first."""
    by_value: dict[str, list[Trial]] = {}
    for trial in trials:
        value = value_text(trial.parameters.get(name, "none"), words)
        by_value.setdefault(value, []).append(trial)
    order = sorted(by_value, key=lambda value: min(map(error_of, by_value[value])))
    shown = order[:_MOST_ROWS]
    widest = min(max(map(text_width, shown)), width * 0.36)
    frame = Frame(widest + 14, top + 30, width - 116, top + 30 + _ROW * len(shown))
    picked = [trial for value in shown for trial in by_value[value]]
    x = scale_over([error_of(trial) for trial in picked], frame.left + 10, frame.right - 10)
    content = [
        text(spoken(name, words), 0, top + 14, "strong"),
        text(words("trials"), width - 60, top + 14, "muted end"),
        text(words("best"), width, top + 14, "muted end"),
        bottom_axis(frame, fitting_ticks(x), words("error in validation"), grid=True),
    ]
    least = show_all([min(map(error_of, by_value[value])) for value in shown], 4)
    best, few = best_of(trials), {trial.index for trial in selection(picked)}
    roles = roles_of(trials)
    for place, value in enumerate(shown):
        y = frame.top + _ROW * (place + 0.5)
        group = by_value[value]
        content.append(text(shorten(value, widest), 0, y + 4))
        content.append(text(str(len(group)), width - 60, y + 4, "end"))
        content.append(text(least[place], width, y + 4, "end"))
        drawn = [t for t in group if t.index in few]
        content += [mark(t, x(error_of(t)), y, roles[t.index], words, size=3.4) for t in drawn]
        if best in group:
            content.append(circle(x(error_of(best)), y, 7, "ring"))
    bottom = frame.bottom + 42
    if len(order) > len(shown):
        left_out = words(
            "{count} further values did worse and are left out", count=len(order) - len(shown)
        )
        content.append(text(left_out, 0, bottom + 8, "muted"))
        bottom += 14
    return content, bottom
