"""Trials of a search as charts see them: which succeeded, how they are marked and named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.forecast.result import PLAIN_MEAN
from gatework.look.canvas.numerals import show
from gatework.look.canvas.shapes import polyline, sign
from gatework.look.canvas.svg import Element
from gatework.look.language import ENGLISH, Words
from gatework.look.language.words import pattern_of

if TYPE_CHECKING:
    from gatework.search import Candidate, Trial

MOST_POINTS = 400
"""How many trials a picture shows; of more, an even selection with the best among them."""


def succeeded(trial: Trial) -> bool:
    """Return whether a trial ended with an error that can be drawn."""
    return trial.status == "done" and trial.error is not None and math.isfinite(trial.error)


def stopped(trial: Trial) -> bool:
    """Return whether a trial was stopped part of the way, with an error that can be drawn."""
    return trial.status == "stopped" and bool(trial.rungs)


def start_text(start: Trial, words: Words = ENGLISH) -> str:
    """Return what a search began with, in words."""
    if start.details.get("network") == PLAIN_MEAN:
        return words("plain mean of smoothers")
    return words("pretrained network")


def error_of(trial: Trial) -> float:
    """Return the error of a trial that succeeded, or the last one of a trial that was stopped."""
    if stopped(trial):
        return trial.rungs[-1].error
    return math.nan if trial.error is None else float(trial.error)


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """Return the first trial of the best parameters; None where all failed."""
    candidate = best_candidate(trials)
    return None if candidate is None else candidate.trial


def best_candidate(trials: Sequence[Trial]) -> Candidate | None:
    """Return the best parameters with their mean error over all seeds; see search.ranking."""
    from gatework.search import ranking

    ranked = ranking(trial for trial in trials if succeeded(trial))
    return ranked[0] if ranked else None


def selection(trials: Sequence[Trial]) -> list[Trial]:
    """Return at most about ``MOST_POINTS`` trials, spread evenly, the best among them."""
    if len(trials) <= MOST_POINTS:
        return list(trials)
    stride = math.ceil(len(trials) / MOST_POINTS)
    best = best_of(trials)
    return [trial for at, trial in enumerate(trials) if at % stride == 0 or trial is best]


ROLES = ("coarse grid", "finer grids", "repeats")
"""What trials are for: further seeds of parameters that were tried before are repeats."""

BRIEFLY = ("coarse grid", "finer", "repeats")
"""The same, where there is little room."""


def roles_of(trials: Sequence[Trial]) -> dict[int, int]:
    """Return the place in ROLES of each trial, by its number.

    Example:
        >>> from gatework.search import Trial
        >>> again = Trial(1, 1, {"x": 1}, 2.0, 1.0, "done", seed=1000)
        >>> roles_of([Trial(0, 0, {"x": 1}, 2.0, 1.0, "done"), again])
        {0: 0, 1: 2}
    """
    first = min(trials, key=lambda trial: trial.index).seed if trials else 0
    return {t.index: 2 if t.seed != first else min(t.layer, 1) for t in trials}


def mark(
    trial: Trial, x: float, y: float, role: int, words: Words, *, size: float = 4.0
) -> Element:
    """Return the mark of a trial that succeeded, coloured and shaped by its role."""
    return sign(role, x, y, size, f"k{role + 1} mark").add(Element("title", told(trial, words)))


def dash(trial: Trial, x: float, y: float, words: Words) -> Element:
    """Return the mark of a trial that was stopped: a dash at the error it had come to."""
    return polyline([(x - 4, y), (x + 4, y)], "failed", told=told(trial, words))


def cross(trial: Trial, x: float, y: float, words: Words) -> Element:
    """Return the mark of a trial that failed."""
    arms = [(x - 4, y - 4), (x + 4, y + 4), None, (x - 4, y + 4), (x + 4, y - 4)]
    return polyline(arms, "failed", told=told(trial, words))


def told(trial: Trial, words: Words = ENGLISH) -> str:
    """Return what a trial was and what came of it, in one line."""
    named = words("trial {n}", n=trial.index)
    if trial.seed and (succeeded(trial) or stopped(trial)):
        named += words(", seed {seed}", seed=trial.seed)
    if succeeded(trial):
        came = words("{trial}: error {error}", trial=named, error=show(error_of(trial), 4))
    elif stopped(trial):
        last = trial.rungs[-1]
        came = words(
            "{trial} was stopped with an error of {error}, beside {others} others",
            trial=named,
            error=show(last.error, 4),
            others=last.beside,
        )
        if last.threshold is not None:
            came += words(", above {threshold}", threshold=show(last.threshold, 4))
    else:
        came = words("{trial} failed", trial=named)
        if trial.message:
            came = words.labelled(came, reason_text(trial.message, words)[:200])
    parameters = words.listed(
        f"{spoken(name, words)} {value_text(value, words)}"
        for name, value in trial.parameters.items()
    )
    return came + words("; ") + parameters


def reason_text(message: str, words: Words) -> str:
    """Return in the language why a trial failed; a reason of another kind stays as it is."""
    for reason in REASONS:
        found = pattern_of(reason).fullmatch(message)
        if found is not None:
            given = found.groupdict()
            return words(reason, **given | {n: words(given[n]) for n in {"what"} & given.keys()})
    return message


REASONS = (
    "TrainingError: {what} became {value} at step {step} (epoch {epoch}, batch {batch} from 0)",
    "the loss",
    "the validation loss",
    "the norm of the gradient",
    "the norm of the weights",
    "the error is {error}, expected a number",
    "the process died {n} times ({how})",
)
"""Why trials fail."""

PARAMETERS = (
    "hidden sizes",
    "learning rate",
    "epochs",
    "dropout",
    "correction",
    "season",
    "networks",
    "window",
    "transform",
)
"""The parameters of forecasts, as people say them."""

CHOICES = ("none", "log")
"""Their values that are words."""


def spoken(name: str, words: Words = ENGLISH) -> str:
    """Return a parameter's name as people say it.

    Example:
        >>> spoken("learning_rate")
        'learning rate'
    """
    name = name.replace("_", " ")
    return words(name) if name in PARAMETERS else name


def value_text(value: object, words: Words = ENGLISH) -> str:
    """Write a parameter's value.

    Example:
        >>> value_text((128, 64)), value_text(0.001), value_text("relu"), value_text(True)
        ('128, 64', '0.001', 'relu', 'yes')
    """
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(value_text(part, words) for part in value)
    if isinstance(value, bool):
        return words("yes") if value else words("no")
    if isinstance(value, int | float):
        return show(value)
    return words(value) if value in CHOICES else str(value)
