"""What an engine costs: overhead of a task, and 100,000 series on 10, 100 and 1,000 cores.

    python benchmarks/engine.py [--tasks 400]

Measures on this machine how long tasks take that do nothing, one by one and in chunks, in
processes and as actors of a Ray cluster of two nodes, and how long a series takes to forecast with
a forecaster of its own. From that it simulates larger clusters: a driver hands out chunks one
after the other, each costing it the measured overhead; series take as long as the measured ones,
drawn anew. Writes benchmarks/results/engine.md and prints it.
"""

from __future__ import annotations

import argparse
import heapq
import logging
import platform
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from gatework.engine import map_over, open_pool
from gatework.engine.mapping import CHUNKS, MOST
from gatework.forecast import Forecaster, Series

RESULTS = Path(__file__).with_name("results") / "engine.md"
SERIES = 100_000
CORES = (10, 100, 1000)
LENGTH = 60
"""Periods of the series that are timed: five years of months."""


def nothing(item: int) -> int:
    """Return what it gets: all that takes time is handing it out."""
    return item


def main() -> None:
    """Measure, simulate, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=400)
    tasks = parser.parse_args().tasks
    torch.set_num_threads(1)
    overheads = {"local": overhead("local", None, tasks)}
    with cluster() as address:
        overheads["ray"] = overhead("ray", address, tasks)
    seconds = series_seconds()
    text = report(overheads, seconds, tasks)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


@contextmanager
def cluster() -> Iterator[str]:
    """Start a Ray cluster of two nodes on this machine and yield its address."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray
        from ray.cluster_utils import Cluster

        made = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "object_store_memory": 2**27},
        )
        made.add_node(num_cpus=1, object_store_memory=2**27)
        try:
            ray.init(address=made.address, log_to_driver=False, logging_level=logging.ERROR)
            yield made.address
        finally:
            ray.shutdown()
            made.shutdown()


def overhead(engine: str, address: str | None, tasks: int) -> dict[str, float]:
    """Return seconds: to start two workers, for a task, and for an item in chunks."""
    began = time.perf_counter()
    pool = open_pool(nothing, engine, 2, address)
    for job in range(2):
        pool.submit(job, job)
    for _ in range(2):
        pool.next_answer()
    start = time.perf_counter() - began
    pool.close()
    found = {"start": start}
    for name, chunk, count in (("task", 1, tasks), ("item", None, 50 * tasks)):
        each = []
        for _ in range(3):
            results = map_over(
                nothing, range(count), engine=engine, workers=2, address=address, chunk=chunk
            )
            next(results)  # the workers have started
            began = time.perf_counter()
            done = sum(1 for _ in results)
            each.append((time.perf_counter() - began) / done)
        found[name] = statistics.median(each)
    return found


def series_seconds() -> list[float]:
    """Return how long forecasters take for some series, each by a search of ten trials."""
    draw, found = np.random.default_rng(0), []
    labels = tuple(str(number) for number in range(1, LENGTH + 1))
    with tempfile.TemporaryDirectory():
        for number in range(8):
            values = draw.poisson(4 + number, LENGTH).astype(float)
            began = time.perf_counter()
            Forecaster(horizon=12, trials=10, workers=1, seed=number).fit(
                Series(f"s{number}", values, labels, counts=True)
            )
            found.append(time.perf_counter() - began)
    return found


def simulate(cores: int, seconds: list[float], task: float, seed: int = 0) -> tuple[float, int]:
    """Return the seconds that all series take on some cores, and the chunk they are sent in."""
    chunk = min(MOST, max(1, SERIES // (CHUNKS * cores)))
    draw = np.random.default_rng(seed)
    takes = draw.choice(seconds, SERIES)
    free = [0.0] * cores
    driver = 0.0
    for start in range(0, SERIES, chunk):
        driver = max(driver, free[0]) + task
        heapq.heapreplace(free, driver + float(takes[start : start + chunk].sum()))
    return max(free), chunk


def report(overheads: dict[str, dict[str, float]], seconds: list[float], tasks: int) -> str:
    """Return the page."""
    mean = statistics.fmean(seconds)
    lines = [
        "# What engines cost",
        "",
        f"`python benchmarks/engine.py --tasks {tasks}`, {platform.machine()}, two cores, Python "
        f"{platform.python_version()}, torch {torch.__version__}. Two workers; the Ray cluster has "
        "two nodes, both on this machine.",
        "",
        "| engine | start of two workers | a task by itself | an item in chunks |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {one['start']:.2f} s | {1e3 * one['task']:.2f} ms | "
        f"{1e6 * one['item']:.0f} us |"
        for name, one in overheads.items()
    ]
    lines += [
        "",
        f"## {SERIES:,} series, simulated",
        "",
        f"A forecaster of its own for each (`forecast_each`, ten trials, {LENGTH} periods, twelve "
        f"ahead): {mean:.1f} s a series on one core ({min(seconds):.1f} to {max(seconds):.1f} over "
        f"{len(seconds)} series). Assumed: the driver hands out one chunk after the other, each "
        "at the measured cost of a Ray task; series take what the measured ones took, drawn anew; "
        "all cores are as fast as this one; no machine is lost; the network is not the limit.",
        "",
        "| cores | chunk | time | core hours | of the ideal |",
        "|---|---|---|---|---|",
    ]
    for cores in CORES:
        took, chunk = simulate(cores, seconds, overheads["ray"]["task"])
        ideal = mean * SERIES / cores
        lines.append(
            f"| {cores:,} | {chunk} | {took / 3600:.2f} h | {took * cores / 3600:.0f} | "
            f"{ideal / took:.1%} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
