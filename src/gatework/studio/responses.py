"""What the page is told of a sitting, as JSON values."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.examine import Run, diagnose, similar_moments
from gatework.look.language import SIGNAL_WORDS, Words
from gatework.studio.sessions import Sitting

MOST_RESULTS = 8
MOST_COLUMNS = 5


def about(key: str, sitting: Sitting, words: Words) -> dict[str, Any]:
    """Return what a page needs to know of a sitting before anything is drawn."""
    run = sitting.run
    layers = [
        {
            "name": words("layer {n}", n=layer + 1),
            "units": {
                name: values.shape[1] for name, values in run.cell(layer, run.directions[0]).items()
            },
        }
        for layer in range(run.network.num_layers)
    ]
    return {
        "key": key,
        "model": sitting.model,
        "title": words.name(run.title),
        "steps": len(run),
        "labels": list(run.labels),
        "text": run.text,
        "directions": {name: words(name) for name in run.directions},
        "layers": layers,
        "signals": {name: words(said) for name, said in SIGNAL_WORDS.items()},
        "features": [words.name(name) for name in run.features],
        "names": [words.name(name) for name in run.names],
        "values": _columns(run.values[:, :MOST_COLUMNS]),
        "results": result_names(run, words),
        "findings": findings(run, words),
    }


def result_names(run: Run, words: Words) -> list[str]:
    """Return the names of the first results."""
    count = min(run.output.shape[1], MOST_RESULTS)
    return [
        words.name(run.results[n] if n < len(run.results) else f"output {n}") for n in range(count)
    ]


def findings(run: Run, words: Words) -> list[dict[str, str]]:
    """Return the diagnosis in the page's language."""
    told = []
    for finding in diagnose(run):
        values = {
            name: words(value) if name in ("gate", "state") else value
            for name, value in finding.values.items()
        }
        place = "" if finding.layer is None else words("layer {n}", n=finding.layer + 1) + ": "
        cure = words(finding.cure, **values) if finding.cure else ""
        told.append({"told": place + words(finding.told, **values), "cure": cure})
    return told


def step_values(sitting: Sitting, step: int, layer: int, direction: str) -> dict[str, Any]:
    """Return every signal of a layer at a step, what was given, and the likeliest letters."""
    now = sitting.now
    return {
        "signals": {
            name: _round(values[step]) for name, values in now.cell(layer, direction).items()
        },
        "raw": _round(now.raw[step, 0].double().numpy()),
        "letters": likely_letters(now, step),
    }


def likely_letters(run: Run, step: int, count: int = 5) -> list[tuple[str, float]]:
    """Return the letters that a network of text finds most likely next, and how likely."""
    if run.text is None:
        return []
    scores = run.output[step] - run.output[step].max()
    shares = np.exp(scores) / np.exp(scores).sum()
    best = np.argsort(-shares)[:count]
    return [(run.results[n], round(float(shares[n]), 4)) for n in best]


def unit_story(sitting: Sitting, layer: int, direction: str, unit: int) -> dict[str, Any]:
    """Return all signals of one unit over time."""
    cell = sitting.now.cell(layer, direction)
    return {n: _round(values[:, unit]) for n, values in cell.items() if unit < values.shape[1]}


def alike(
    sitting: Sitting, layer: int, direction: str, unit: int, signal: str, first: int, last: int
) -> list[dict[str, Any]]:
    """Return the moments at which a unit does as from step ``first`` to before ``last``."""
    run = sitting.now
    found = similar_moments(run.signal(layer, signal, direction)[:, unit], first, last)
    return [
        {
            "start": m.start,
            "stop": m.stop,
            "alike": round(m.alike, 4),
            "around": ""
            if run.text is None
            else [
                run.text[max(0, m.start - 8) : m.start],
                run.text[m.start : m.stop],
                run.text[m.stop : m.stop + 8],
            ],
        }
        for m in found
    ]


def outcome(sitting: Sitting) -> dict[str, Any]:
    """Return the results with the edits beside those without, and how far they are apart."""
    now, before = sitting.now.output, sitting.run.output
    apart = np.abs(now - before)
    return {
        "output": _columns(now[:, :MOST_RESULTS]),
        "unedited": _columns(before[:, :MOST_RESULTS]),
        "largest": float(apart.max()),
        "at": int(apart.max(axis=1).argmax()),
    }


def _columns(values: np.ndarray) -> list[list[float | None]]:
    return [_round(column) for column in values.T]


def _round(values: np.ndarray) -> list[float | None]:
    """Return six digits of each value; None, which JSON can say, for one that is not finite."""
    return [
        float(f"{value:.6g}") if np.isfinite(value) else None
        for value in np.asarray(values, np.float64).tolist()
    ]
