"""The search as a picture: each trial's error in the order tried, and the best so far."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import (
    LINE,
    Entry,
    Frame,
    fitting_ticks,
    key_line,
    left_room,
    stroke,
)
from gatework.look.canvas.scales import Linear, Scale, scale_over
from gatework.look.canvas.shapes import circle, polyline, rect, sign, text
from gatework.look.canvas.svg import Element, text_width
from gatework.look.charts.trials import (
    BRIEFLY,
    ROLES,
    best_candidate,
    cross,
    dash,
    error_of,
    mark,
    roles_of,
    selection,
    start_text,
    stopped,
    succeeded,
    told,
)
from gatework.look.charts.zoom import number_axis, part, plot, signs, upward_axis
from gatework.look.language import Words, words_in

if TYPE_CHECKING:
    from gatework.search import Candidate, Trial


def search_chart(
    trials: Sequence[Trial],
    *,
    start: Trial | None = None,
    width: float = 920,
    height: float = 330,
    language: str = "en",
) -> Picture:
    """Draw each trial's error over the search, by layer, with the best so far.

    Trials that were stopped are a dash at the error they had come to, failed ones a cross on top.
    What the search began with is a line across.

    Example:
        >>> from gatework.search import Trial
        >>> done = Trial(0, 0, {"window": 6}, 3.2, 1.0, "done")
        >>> search_chart([done, Trial(1, 0, {}, None, 1.0, "failed")]).description
        '2 trials, 1 of them failed. The best is trial 0: error 3.2; window 6.'
    """
    words = words_in(language)
    trials = sorted(trials, key=lambda trial: trial.index)
    title = words("The search: error of each trial")
    if not trials:
        nothing = text(words("no trial was made"), 0, 13, "muted")
        return Picture(
            title, words("No trial was made."), width, 20, (nothing,), language=words.tag
        )
    done = [trial for trial in trials if succeeded(trial)]
    halved = sum(map(stopped, trials))
    failed = len(trials) - len(done) - halved
    entries = [*_key(trials, halved, failed, words), *_start_key(start, words)]
    key, top = key_line(entries, 0, width, 13 + LINE + 4)
    top += LINE + 6
    errors = [error_of(trial) for trial in trials if succeeded(trial) or stopped(trial)]
    errors += [] if start is None else [error_of(start)]
    y = scale_over(errors, height - 66, top)  # room for the best one's label below it
    ticks = y.ticks(8) if errors else []
    frame = Frame(left_room(ticks), top, width - 8, height - 46)
    x = Linear(trials[0].index - 0.5, trials[-1].index + 0.5, frame.left, frame.right)
    best = best_candidate(trials)
    names, shades = _layer_bands(trials, frame, x, words)
    drawn = plot(
        frame,
        number_axis(frame, x, fitting_ticks(x, whole=True), words("trial"), whole=True),
        upward_axis(frame, y, ticks),
        [
            *_beginning(start, frame, y),
            *_marks(trials, frame, x, y, words),
            *([] if best is None else _best_so_far(trials, best, frame, x, y, words)),
        ],
        words,
        back=shades,
        along=names,
    )
    content = (text(words("error in validation; less is better"), 0, 12, "muted"), key, drawn)
    said = _describe(trials, halved, failed, best, words)
    if start is not None:
        told = {"name": start_text(start, words), "error": _error(start)}
        began = words("The search began with the {name}: error {error}.", **told)
        said = words.told(said, began)
    return Picture(title, said, width, height, content, language=words.tag)


def _beginning(start: Trial | None, frame: Frame, y: Scale) -> list[Element]:
    if start is None:
        return []
    height = y(error_of(start))
    return [part("start", polyline([(frame.left, height), (frame.right, height)], "cut"))]


def _marks(
    trials: Sequence[Trial], frame: Frame, x: Linear, y: Scale, words: Words
) -> list[Element]:
    """Return the trials as parts that the key hides: by role, and those stopped or failed."""
    roles, drawn = roles_of(trials), {}
    for trial in selection(trials):
        at = x(trial.index)
        if succeeded(trial):
            role = roles[trial.index]
            one = mark(trial, at, y(error_of(trial)), role, words)
            drawn.setdefault(ROLES[role], []).append(one)
        elif stopped(trial):
            drawn.setdefault("stopped", []).append(dash(trial, at, y(error_of(trial)), words))
        else:
            drawn.setdefault("failed", []).append(cross(trial, at, frame.top + 7, words))
    return [part(name, marks=marks, pinned=name == "failed") for name, marks in drawn.items()]


def _key(trials: Sequence[Trial], halved: int, failed: int, words: Words) -> list[Entry]:
    entries: list[Entry] = []
    roles = list(roles_of(trials).values())
    for role in sorted(set(roles)):
        count = roles.count(role)
        sample = sign(role, 11, 0, 4.5, f"k{role + 1}")
        tried = words.many(count, "1 trial", "{count} trials")
        told = words.labelled(words(ROLES[role]), tried)
        entries.append(Entry(told, [sample], ROLES[role]))
    if len(trials) > halved + failed:
        entries.append(Entry(words("least so far"), stroke("best"), "best"))
    if halved:
        line = Element("path", class_="failed", d="M7 0L15 0")
        entries.append(Entry(words("stopped: {count}", count=halved), [line], "stopped"))
    if failed:
        arms = Element("path", class_="failed", d="M7 -4L15 4M7 4L15 -4")
        entries.append(Entry(words("failed: {count}", count=failed), [arms], "failed"))
    return entries


def _start_key(start: Trial | None, words: Words) -> list[Entry]:
    if start is None:
        return []
    said = words.labelled(start_text(start, words), _error(start))
    return [Entry(said, stroke("cut"), "start")]


def _error(trial: Trial) -> str:
    return show(error_of(trial), 4)


def _layer_bands(
    trials: Sequence[Trial], frame: Frame, x: Linear, words: Words
) -> tuple[list[Element], list[Element]]:
    """Return the names of the layers, above the frame, and the shade behind every other one."""
    roles = roles_of(trials)
    names, shades = [], []
    for place, (_, run) in enumerate(groupby(trials, key=lambda trial: trial.layer)):
        indices = [trial.index for trial in run]
        a, b = x(indices[0] - 0.5), x(indices[-1] + 0.5)
        if place % 2:
            shades.append(rect(a, frame.top, b - a, frame.height, "shade"))
        label = words(BRIEFLY[roles[indices[0]]])
        if b - a >= text_width(label) + 6:
            at, y = (a + b) / 2, frame.top - 6
            names.append(text(label, at, y, "muted mid", data_from=a, data_to=b))
    return names, shades


def _best_so_far(
    trials: Sequence[Trial], best: Candidate, frame: Frame, x: Linear, y: Scale, words: Words
) -> list[Element]:
    points: list[tuple[float, float]] = []
    least = math.inf
    for trial in trials:
        if succeeded(trial) and error_of(trial) < least:
            if points:
                points.append((x(trial.index), y(least)))
            least = error_of(trial)
            points.append((x(trial.index), y(least)))
    points.append((frame.right, y(least)))
    line = polyline(points, "best sofar")
    at, height = x(best.trial.index), y(error_of(best.trial))
    label = words("best: {error}", error=show(best.mean, 4))
    if len(best.errors) > 1:
        label += words(", the mean of {count} seeds", count=len(best.errors))
    right = at + 10 + text_width(label) <= frame.right
    place = (at + 10, height + 21, "best") if right else (at - 10, height + 21, "best end")
    ring = circle(at, height, 8, "ring")
    return [part("best", line), signs([ring, text(label, *place)])]


def _describe(
    trials: Sequence[Trial], halved: int, failed: int, best: Candidate | None, words: Words
) -> str:
    counts = [words.many(len(trials), "1 trial", "{count} trials")]
    counts += [words("{count} of them stopped", count=halved)] if halved else []
    counts += [words("{count} of them failed", count=failed)] if failed else []
    said = [words(", ").join(counts) + words(".")]
    if best is not None:
        said.append(words("The best is {trial}.", trial=told(best.trial, words)))
    if best is not None and len(best.errors) > 1:
        said.append(
            words(
                "Over {count} seeds its mean error is {error}, with a standard error of {noise}.",
                count=len(best.errors),
                error=show(best.mean, 4),
                noise=show(best.standard_error, 2),
            )
        )
    return words.told(*said)
