"""What the page is told of a session, as JSON values."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.examine import Run, diagnose, find_similar_steps
from gatework.look.language import SIGNAL_WORDS, Words, layer_name
from gatework.look.report.introspection import finding_text
from gatework.studio.requests import Focus
from gatework.studio.sessions import StudioSession

LEAST_RESULTS, MOST_NUMBERS = 8, 400_000
"""Results that are shown however long the run is, and numbers of all results that are sent."""
MOST_COLUMNS = 5
MOST_SEQUENCES = 2_000
"""Names of sequences to choose from; of more the first, and the one that was asked for by name."""


def about(key: str, session: StudioSession, words: Words) -> dict[str, Any]:
    """Return what a page needs to know of a session before anything is drawn."""
    run = session.run
    layers = [
        {
            "name": layer_name(words, layer),
            "units": {
                name: values.shape[1] for name, values in run.cell(layer, run.directions[0]).items()
            },
        }
        for layer in range(len(run.sizes))
    ]
    return {
        "key": key,
        "model": session.model,
        "title": words.name(run.title),
        "sequences": (sequences := _sequences(session)),
        "named": [words.name(name) for name in sequences],
        "sequence": session.sequence,
        "steps": len(run),
        "labels": list(run.labels),
        "text": run.text,
        "without": _without(run),
        "directions": {name: words(name) for name in run.directions},
        "layers": layers,
        "signals": {name: words(said) for name, said in SIGNAL_WORDS.items()},
        "features": [words.name(name) for name in run.features],
        "scales": _scales(run),
        "names": [words.name(name) for name in run.names],
        "values": _columns(run.values[:, :MOST_COLUMNS]),
        "results": [
            words.name(run.results[n] if n < len(run.results) else f"output {n}")
            for n in range(_results_shown(run))
        ],
        "findings": [
            {"told": told, "cure": cure}
            for told, cure in (finding_text(finding, words) for finding in diagnose(run))
        ],
    }


def _without(run: Run) -> list[str]:
    """Return the tabs that have nothing to show of a run."""
    lacks = {
        "memory": run.kind != "lstm",
        "gradients": run.bidirectional or len(run) < 2,
        "text": run.text is None,
    }
    return [tab for tab, nothing in lacks.items() if nothing]


def _sequences(session: StudioSession) -> list[str]:
    shown = list(session.sequences[:MOST_SEQUENCES])
    return shown if not shown or session.sequence in shown else [session.sequence, *shown]


def step_values(session: StudioSession, focus: Focus) -> dict[str, Any]:
    """Return every signal of a layer at a step, what was given, and the likeliest letters."""
    now, step = session.now, focus.step
    return {
        "signals": {name: _round(values[step]) for name, values in _cell(now, focus).items()},
        "raw": _round(now.raw[step, 0].double().numpy()),
        "letters": likely_letters(now, step),
    }


def _cell(run: Run, focus: Focus) -> dict[str, np.ndarray]:
    layer, _, direction = focus.signal
    return run.cell(layer, direction)


def _scales(run: Run) -> list[list[float] | None]:
    """Return factor and offset by which each feature is given to the network, None where unknown.

    They are read off the run: a feature is scaled where they hold at every step.
    """
    if run.names != run.features:
        return [None] * len(run.features)
    scales: list[list[float] | None] = []
    for told, given in zip(run.values.T, run.raw[:, 0].double().numpy().T, strict=True):
        low, high = int(told.argmin()), int(told.argmax())
        spread = told[high] - told[low]
        factor = (given[high] - given[low]) / spread if spread else 1.0
        offset = given[low] - factor * told[low]
        fits = factor and np.allclose(factor * told + offset, given, rtol=1e-4, atol=1e-5)
        scales.append([float(factor), float(offset)] if fits else None)
    return scales


def likely_letters(run: Run, step: int, count: int = 5) -> list[tuple[str, float]]:
    """Return the letters that a network of text finds most likely next, and how likely."""
    if run.text is None:
        return []
    scores = run.output[step] - run.output[step].max()
    shares = np.exp(scores) / np.exp(scores).sum()
    best = np.argsort(-shares)[:count]
    return [(run.results[n], round(float(shares[n]), 4)) for n in best]


def unit_story(session: StudioSession, focus: Focus) -> dict[str, Any]:
    """Return all signals of one unit over time."""
    cell, unit = _cell(session.now, focus), focus.unit
    return {n: _round(values[:, unit]) for n, values in cell.items() if unit < values.shape[1]}


def order(session: StudioSession, focus: Focus) -> list[int]:
    """Return the units of a signal, those that act alike beside each other."""
    return session.order(focus.signal).tolist()


def similar(session: StudioSession, focus: Focus) -> list[dict[str, Any]]:
    """Return the stretches over which a unit does as over the one in focus."""
    run = session.now
    series = run.signal(*focus.signal)[:, focus.unit]
    return [
        {
            "start": one.start,
            "stop": one.stop,
            "alike": round(one.alike, 4),
            "around": "" if run.text is None else _around(run.text, one.start, one.stop),
        }
        for one in find_similar_steps(series, focus.first, focus.last)
    ]


def _around(text: str, start: int, stop: int) -> list[str]:
    return [text[max(0, start - 8) : start], text[start:stop], text[stop : stop + 8]]


def outcome(session: StudioSession) -> dict[str, Any]:
    """Return the results with the edits beside those without, and how far they are apart."""
    now, before = session.now.output, session.run.output
    shown = _results_shown(session.run)
    apart = np.nan_to_num(np.abs(now - before))  # a module that answers once has no number before
    return {
        "output": _columns(now[:, :shown]),
        "unedited": _columns(before[:, :shown]),
        "largest": _round(apart.max(keepdims=True).ravel())[0],
        "at": int(apart.max(axis=1).argmax()),
    }


def _results_shown(run: Run) -> int:
    return min(run.output.shape[1], max(LEAST_RESULTS, MOST_NUMBERS // len(run)))


def _columns(values: np.ndarray) -> list[list[float | None]]:
    return [_round(column) for column in values.T]


def _round(values: np.ndarray) -> list[float | None]:
    """Return six digits of each value; None, which JSON can say, for one that is not finite."""
    return [
        float(f"{value:.6g}") if np.isfinite(value) else None
        for value in np.asarray(values, np.float64).tolist()
    ]
