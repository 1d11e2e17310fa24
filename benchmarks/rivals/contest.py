"""The contest on the failure series, alike for every library.

For each series, settings are drawn at random from a grid and valued by rolling origin on the
validation part until a span of processor time is over, on one core. The best ones are trained again
on all that comes before the last fifth, with several seeds, and their averaged forecasts from every
origin in the last fifth are scored. Nothing is trained on the last fifth; the networks stay as they
are and read the history up to each origin.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from series.failures import failure_series

from gatework.forecast import Series
from gatework.forecast.backtest import forecast_errors, score, split

HORIZON = 12
SECONDS = 30.0
SEEDS = 3
RESULTS = Path(__file__).parent.parent / "results" / "rivals"


@dataclass(frozen=True)
class Rival:
    """A library in the contest.

    ``forecast(values, start, settings, seed)`` trains on ``values[:start]`` and returns the
    forecasts from every origin from ``start`` on, (n - start, HORIZON). ``grid`` names the
    settings, each with its choices; the first of each are tried first.
    """

    name: str
    library: str
    grid: dict[str, tuple[Any, ...]]
    forecast: Callable[[np.ndarray, int, dict[str, Any], int], np.ndarray]


def run(rival: Rival, file: str, doc: str | None) -> None:
    """Hold the contest on every series that the file of results has not; write after each."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument(
        "--seconds", type=float, default=SECONDS, help="search time a series, of one core"
    )
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    path = RESULTS / file
    path.parent.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {
        "model": rival.name,
        "library": rival.library,
        "settings": f"random search over {rival.grid}, {options.seconds:g} s of one core a series, "
        f"then the mean of {options.seeds} seeds",
        "series": {},
    }
    if path.is_file():
        results["series"] = json.loads(path.read_text(encoding="utf-8"))["series"]
    for series in failure_series():
        if series.name not in results["series"]:
            results["series"][series.name] = one_series(rival, series, options)
            path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            print(series.name, results["series"][series.name], flush=True)


def one_series(rival: Rival, series: Series, options: argparse.Namespace) -> dict[str, Any]:
    """Search, train again and score."""
    began = time.process_time()
    cut = split(len(series))
    draw = np.random.default_rng(0)
    before = series.values[: cut.test_start]
    settings = {name: choices[0] for name, choices in rival.grid.items()}
    best, least, trials, failed = settings, np.inf, 0, 0
    seen: list[dict[str, Any]] = []
    while trials == 0 or time.process_time() - began < options.seconds:
        seen.append(settings)
        trials += 1
        try:
            found = rival.forecast(before, cut.train_end, settings, 0)
            error = _mean_rmse(_errors(found, before, cut.train_end))
        except Exception as reason:  # a library refuses some settings on short series
            print(f"{series.name}: {settings}: {type(reason).__name__}: {reason}", flush=True)
            failed, error = failed + 1, np.inf
        if error < least:
            best, least = settings, error
        settings = _next(rival.grid, draw, seen)
        if settings is None:
            break
    searched = time.process_time() - began
    each = [
        rival.forecast(series.values, cut.test_start, best, seed) for seed in range(options.seeds)
    ]
    errors = _errors(np.mean(each, axis=0), series.values, cut.test_start)
    return {
        "rmse": {steps: round(found.rmse, 5) for steps, found in score(errors).items()},
        "validation": round(float(least), 5),
        "chosen": best,
        "trials": trials,
        "failed": failed,
        "search_seconds": round(searched, 1),
        "seconds": round(time.process_time() - began, 1),
    }


def _next(
    grid: dict[str, tuple[Any, ...]], draw: np.random.Generator, seen: list[dict[str, Any]]
) -> dict[str, Any] | None:
    for _ in range(1000):
        settings = {name: choices[draw.integers(len(choices))] for name, choices in grid.items()}
        if settings not in seen:
            return settings
    return None


def _errors(forecasts: np.ndarray, values: np.ndarray, start: int) -> np.ndarray:
    """Return the errors of forecasts clipped at 0, as those of every model of counts."""
    return forecast_errors(np.maximum(forecasts, 0.0), values, start)


def _mean_rmse(errors: np.ndarray) -> float:
    return float(np.mean([found.rmse for found in score(errors).values()]))
