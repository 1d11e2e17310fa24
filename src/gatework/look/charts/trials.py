"""Trials of a search as charts see them: which succeeded, how they are marked and named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.look.numerals import show
from gatework.look.plot import sign
from gatework.look.scales import Linear, Log, Scale, spans_decades
from gatework.look.svg import Element, path_data
from gatework.look.theme import LAYERS

if TYPE_CHECKING:
    from gatework.search import Trial

MOST_POINTS = 400
"""How many trials a picture shows; of more, an even selection with the best among them."""


def succeeded(trial: Trial) -> bool:
    """Return whether a trial ended with an error that can be drawn."""
    return trial.status == "done" and trial.error is not None and math.isfinite(trial.error)


def error_of(trial: Trial) -> float:
    """Return the error of a trial that succeeded."""
    return math.nan if trial.error is None else float(trial.error)


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """Return the trial with the least error, the earliest of several; None where all failed."""
    done = [trial for trial in trials if succeeded(trial)]
    return min(done, key=lambda trial: (error_of(trial), trial.index), default=None)


def error_scale(errors: Sequence[float], bottom: float, top: float) -> Scale:
    """Return the vertical scale of errors, logarithmic where they are far apart."""
    if spans_decades(errors, 20):
        return Log.over(errors, bottom, top)
    return Linear.over(errors, bottom, top)


def selection(trials: Sequence[Trial]) -> list[Trial]:
    """Return at most about ``MOST_POINTS`` trials, spread evenly, the best among them."""
    if len(trials) <= MOST_POINTS:
        return list(trials)
    stride = math.ceil(len(trials) / MOST_POINTS)
    best = best_of(trials)
    return [trial for at, trial in enumerate(trials) if at % stride == 0 or trial is best]


def layer_name(layer: int) -> str:
    """Return what a layer of the search is called.

    Example:
        >>> layer_name(0), layer_name(2)
        ('coarse grid', 'finer grid 2')
    """
    return f"finer grid {layer}" if layer else "coarse grid"


def mark(trial: Trial, x: float, y: float, *, size: float = 4.0) -> Element:
    """Return the mark of a trial that succeeded, coloured and shaped by its layer."""
    place = trial.layer % LAYERS
    return sign(place, x, y, size, f"k{place + 1} mark").add(Element("title", told(trial)))


def cross(trial: Trial, x: float, y: float) -> Element:
    """Return the mark of a trial that failed."""
    arms = [(x - 4, y - 4), (x + 4, y + 4), None, (x - 4, y + 4), (x + 4, y - 4)]
    return Element("path", Element("title", told(trial)), class_="failed", d=path_data(arms))


def told(trial: Trial) -> str:
    """Return what a trial was and what came of it, in one line."""
    parameters = ", ".join(
        f"{spoken(name)} {value_text(value)}" for name, value in trial.parameters.items()
    )
    if succeeded(trial):
        return f"trial {trial.index}: error {show(error_of(trial), 4)}; {parameters}"
    reason = f": {trial.message}" if trial.message else ""
    return f"trial {trial.index} failed{reason[:200]}; {parameters}"


def spoken(name: str) -> str:
    """Return a parameter's name as people say it.

    Example:
        >>> spoken("learning_rate")
        'learning rate'
    """
    return name.replace("_", " ")


def value_text(value: object) -> str:
    """Write a parameter's value.

    Example:
        >>> value_text((128, 64)), value_text(0.001), value_text("relu")
        ('128, 64', '0.001', 'relu')
    """
    if isinstance(value, list | tuple):
        return ", ".join(value_text(part) for part in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return show(value)
    return str(value)
