"""AutoETS, AutoTheta and AutoARIMA of statsforecast, and their average, on M3 monthly.

    python benchmarks/classics_m3.py [--models AutoETS,AutoTheta,AutoARIMA]

Needs the environment of benchmarks/rivals/README.md. Writes benchmarks/results/m3_classics.json.
The forecasts are kept in build/m3_classics every 20 series, and a run goes on from there.
Forecasts are clipped at 0: no series of the competition is negative.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from series.m3 import HORIZON, SEASON, M3Series, m3_monthly, score_m3

RESULTS = Path(__file__).with_name("results") / "m3_classics.json"
CACHE = Path(__file__).parent.parent / "build" / "m3_classics"
MODELS = ("AutoETS", "AutoTheta", "AutoARIMA")
AVERAGE = "average of the three"


def main() -> None:
    """Forecast what is missing, then score everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default=",".join(MODELS))
    chosen = parser.parse_args().models.split(",")
    series = m3_monthly()
    for name in chosen:
        forecast_all(name, series)
    report(series)


def forecast_all(name: str, series: list[M3Series]) -> None:
    """Add the model's forecasts of all series, and the seconds they took, to the cache."""
    from statsforecast import models

    mine = cached(name)
    for index, one in enumerate(series):
        if one.name in mine["forecasts"]:
            continue
        began = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = getattr(models, name)(season_length=SEASON)
            mean = model.forecast(one.train, HORIZON)["mean"]
        mine["seconds"] += time.process_time() - began
        mine["forecasts"][one.name] = [float(f"{x:.6g}") for x in np.maximum(mean, 0.0)]
        if index % 20 == 0:
            store(name, mine)
            print(f"{name}: {index + 1} of {len(series)}, {mine['seconds']:.0f} s", flush=True)
    store(name, mine)


def cache_path(name: str) -> Path:
    return CACHE / f"{name}.json"


def cached(name: str) -> dict[str, Any]:
    path = cache_path(name)
    if path.is_file():
        return json.loads(path.read_text(encoding="utf-8"))
    return {"seconds": 0.0, "forecasts": {}}


def store(name: str, mine: dict[str, Any]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    part = cache_path(name).with_suffix(".part")
    part.write_text(json.dumps(mine), encoding="utf-8")
    part.replace(cache_path(name))


def report(series: list[M3Series]) -> None:
    """Write the scores of every model whose forecasts are complete, and of their average."""
    found = {name: cached(name) for name in MODELS}
    whole = {n: one for n, one in found.items() if len(one["forecasts"]) == len(series)}
    results: dict[str, Any] = {}
    for name, one in whole.items():
        forecasts = {k: np.array(v) for k, v in one["forecasts"].items()}
        results[name] = summary(score_m3(series, forecasts), one["seconds"])
    if len(whole) == len(MODELS):
        average = {
            s.name: np.mean([one["forecasts"][s.name] for one in whole.values()], axis=0)
            for s in series
        }
        seconds = sum(one["seconds"] for one in whole.values())
        results[AVERAGE] = summary(score_m3(series, average), seconds)
    content = {
        "series": [one.name for one in series],
        "library": f"statsforecast {version('statsforecast')}",
        "settings": "season_length=12, all else as by default; forecasts clipped at 0",
        "models": results,
    }
    RESULTS.write_text(json.dumps(content) + "\n", encoding="utf-8")
    for name, one in results.items():
        print(
            f"{name}: sMAPE {one['mean_smape']:.3f}, MASE {one['mean_mase']:.4f}, "
            f"{one['seconds']:.0f} s"
        )


def summary(scores: dict[str, list[float]], seconds: float) -> dict[str, Any]:
    return {
        "mean_smape": round(float(np.mean(scores["smape"])), 4),
        "mean_mase": round(float(np.mean(scores["mase"])), 5),
        "seconds": round(seconds, 1),
        **scores,
    }


if __name__ == "__main__":
    main()
