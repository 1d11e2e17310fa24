"""AutoETS, AutoTheta of statsforecast and their average on the collections.

    python benchmarks/classics_collections.py

Needs the environment of benchmarks/rivals/README.md. Forecasts and intervals are clipped at 0: no
series of the collections is negative. The average's intervals are the mean of both models' ends.
Writes benchmarks/results/collections_classics.json after each collection: scores, no forecasts. A
run goes on after the last collection that the file holds: delete it to begin anew.
"""

from __future__ import annotations

import json
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from series.collections import COMPARED, LEVELS, Task, drawn, scored, summed_up, tasks_of
from statsforecast import models

RESULTS = Path(__file__).with_name("results") / "collections_classics.json"
MODELS = ("AutoETS", "AutoTheta")
AVERAGE = "mean of both"


def main() -> None:
    """Forecast every collection and score the forecasts."""
    content: dict[str, Any] = {
        "library": f"statsforecast {version('statsforecast')}",
        "settings": "season_length as the collection's, all else as by default; clipped at 0",
        "collections": {},
    }
    if RESULTS.is_file():
        held = json.loads(RESULTS.read_text(encoding="utf-8"))
        content["collections"] = (
            held["collections"] if held["library"] == content["library"] else {}
        )
    everything = tasks_of()
    for model in MODELS:
        forecast(model, everything["M1 yearly"][0])  # what is compiled at first use is compiled
    for collection in (name for name in COMPARED if name not in content["collections"]):
        content["collections"][collection] = on_collection(everything[collection])
        RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        for model, found in content["collections"][collection].items():
            print(collection, model, found, flush=True)


def on_collection(tasks: list[Task]) -> dict[str, Any]:
    """Return the scores of each model and of their average, on all and on the drawn series."""
    made: dict[str, list[np.ndarray]] = {}
    told: dict[str, dict[str, Any]] = {}
    for model in MODELS:
        began, failed = time.process_time(), 0
        made[model] = []
        for task in tasks:
            try:
                made[model].append(forecast(model, task))
            except Exception as reason:  # a library refuses some series
                print(f"{model}, {task.name}: {type(reason).__name__}: {reason}", flush=True)
                failed += 1
                again = np.resize(task.known[-task.season :], len(task.came))
                made[model].append(np.tile(again, (1 + 2 * len(LEVELS), 1)))
        told[model] = {"seconds": round(time.process_time() - began, 1), "failed": failed}
    made[AVERAGE] = [np.mean(each, axis=0) for each in zip(*made.values(), strict=True)]
    few = set(drawn(tasks))
    results: dict[str, Any] = {}
    for model, rows in made.items():
        found = [scored(task, row[0], row[1:]) for task, row in zip(tasks, rows, strict=True)]
        part = [one for task, one in zip(tasks, found, strict=True) if task in few]
        results[model] = summed_up(found) | told.get(model, {}) | {"drawn": summed_up(part)}
    return results


def forecast(model: str, task: Task) -> np.ndarray:
    """Return the mean and the ends of the intervals, in the order of ENDS.

    Shapes:
        returns (1 + 2 * levels, steps).
    """
    percents = [round(100 * level) for level in LEVELS]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = getattr(models, model)(season_length=task.season).forecast(
            task.known, len(task.came), level=percents
        )
    ends = [f"{end}-{percent}" for percent in percents for end in ("lo", "hi")]
    rows = np.array([found[name] for name in ("mean", *ends)], dtype=np.float64)
    return np.maximum(rows, 0.0)


if __name__ == "__main__":
    main()
