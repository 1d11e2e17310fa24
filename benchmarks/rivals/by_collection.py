"""NeuralForecast and Darts on the failure series and the collections; see neural.py.

    python benchmarks/rivals/by_collection.py [--cache FILE] [--limit SECONDS] [--score]

One series at a time: every failure series and ten drawn (seed 0) of each collection, for each
library at most a minute of processor time a series, half of it for each of its two networks. The
failure series as in benchmarks/failures.py: trained once on what comes before the last fifth, then
forecast from every origin in it. Then one NHITS of each library for a whole collection, in at most
ten minutes of processor time.

What is done is kept in the cache at once, and a run goes on from there; ``--limit`` ends it after
so many seconds, ``--score`` before any. Writes benchmarks/results/rivals/collections.json: the
scores of everything in the cache, no forecasts.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from neural import NETWORKS, VERSIONS, Part, forecast
from series.collections import COMPARED, Task, drawn, scored, tasks_of
from series.failures import failure_series

from gatework.forecast.backtest import forecast_errors, score, split

RESULTS = Path(__file__).parent.parent / "results" / "rivals" / "collections.json"
CACHE = Path(__file__).parents[2] / "build" / "rivals_collections.jsonl"
HORIZON = 12  # of the failure series
ALONE, TOGETHER = 30.0, 600.0  # seconds of processor time of a network
GLOBAL = ("NeuralForecast NHITS", "Darts N-HiTS")

Cache = dict[tuple[str, str, str], dict[str, Any]]
"""What was forecast, by network, collection and series; "" stands for all of a collection."""


@dataclass(frozen=True, eq=False)
class Job:
    """A network to train, and what to forecast with it."""

    network: str
    collection: str
    name: str
    parts: list[Part]
    ahead: int
    seconds: float

    @property
    def key(self) -> tuple[str, str, str]:
        return self.network, self.collection, self.name


def main() -> None:
    """Do what the cache has not, until the time is over, and score everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--limit", type=float, default=float("inf"), help="in seconds")
    parser.add_argument("--score", action="store_true", help="only score what is in the cache")
    options = parser.parse_args()
    torch.set_num_threads(1)
    began = time.monotonic()
    collections = {name: tasks_of()[name] for name in COMPARED}
    options.cache.parent.mkdir(parents=True, exist_ok=True)
    cache = read(options.cache)
    for job in jobs(collections):
        if options.score or time.monotonic() - began > options.limit:
            break
        if job.key in cache:
            continue
        cache[job.key] = done = work(job)
        with options.cache.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": job.key, **done}) + "\n")
        told = {name: value for name, value in done.items() if name != "forecasts"}
        print(*job.key, told, flush=True)
    found = {"libraries": VERSIONS, "failures": on_failures(cache)}
    found |= on_collections(collections, cache)
    found["refused"] = [[*key, one["refused"]] for key, one in cache.items() if "refused" in one]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Cache:
    """Return what a cache holds; a last line that was cut off is not in it."""
    cache: Cache = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        try:
            one = json.loads(line)
        except json.JSONDecodeError:
            continue
        cache[tuple(one["key"])] = one
    return cache


def jobs(collections: dict[str, list[Task]]) -> Iterator[Job]:
    """Yield everything there is to do, that of the least work first."""
    for series in sorted(failure_series(), key=len):
        start = split(len(series)).test_start
        part = Part(series.values[:start], series.values[start:])
        for network in NETWORKS:
            yield Job(network, "failures", series.name, [part], HORIZON, ALONE)
    for name, tasks in collections.items():
        for task in drawn(tasks):
            for network in NETWORKS:
                yield Job(network, name, task.name, [_part(task)], len(task.came), ALONE)
    for name, tasks in collections.items():
        parts = [_part(task) for task in tasks]
        for network in GLOBAL:
            yield Job(network, name, "", parts, len(tasks[0].came), TOGETHER)


def _part(task: Task) -> Part:
    return Part(task.known, np.empty(0))


def work(job: Job) -> dict[str, Any]:
    """Return forecasts, (series, origins, ahead), and what they took; or why there are none."""
    began = time.process_time()
    try:
        made = forecast(job.network, job.parts, job.ahead, job.seconds)
    except Exception as reason:  # a library refuses some series
        return {"refused": f"{type(reason).__name__}: {reason}"[:500]}
    rounded = [[[float(f"{x:.6g}") for x in row] for row in one] for one in made.forecasts]
    seconds = round(time.process_time() - began, 1)
    return {"seconds": seconds, "steps": made.steps, "cut": made.cut, "forecasts": rounded}


def on_failures(cache: Cache) -> dict[str, dict[str, Any]]:
    """Return, by network and series, RMSE by steps ahead and what the training took."""
    found: dict[str, dict[str, Any]] = {network: {} for network in NETWORKS}
    for series in failure_series():
        start = split(len(series)).test_start
        for network in NETWORKS:
            done = cache.get((network, "failures", series.name), {})
            if "forecasts" in done:
                said = np.maximum(done["forecasts"][0], 0.0)
                errors = score(forecast_errors(said, series.values, start))
                rmse = {str(steps): round(one.rmse, 5) for steps, one in errors.items()}
                found[network][series.name] = {"rmse": rmse, **_took(done)}
    return found


def on_collections(collections: dict[str, list[Task]], cache: Cache) -> dict[str, Any]:
    """Return sMAPE and MASE of the drawn series, by name, and those of all, by collection."""
    alone: dict[str, Any] = {}
    together: dict[str, Any] = {}
    for name, tasks in collections.items():
        for network in NETWORKS:
            for task in drawn(tasks):
                done = cache.get((network, name, task.name), {})
                if "forecasts" in done:
                    own = _scored([task], done) | _took(done)
                    alone.setdefault(name, {}).setdefault(network, {})[task.name] = own
            done = cache.get((network, name, ""), {})
            if "forecasts" in done:
                together.setdefault(name, {})[network] = _scored(tasks, done) | _took(done)
    return {"alone": alone, "together": together}


def _scored(tasks: list[Task], done: dict[str, Any]) -> dict[str, Any]:
    found = [
        scored(task, np.maximum(said[0], 0.0))
        for task, said in zip(tasks, done["forecasts"], strict=True)
    ]
    return {
        "smape": round(float(np.mean([one.smape for one in found])), 4),
        "mase": round(float(np.nanmean([one.mase for one in found])), 5),
    }


def _took(done: dict[str, Any]) -> dict[str, Any]:
    return {name: done[name] for name in ("seconds", "steps", "cut")}


if __name__ == "__main__":
    main()
