"""Every classical model on the failure series, on the validation and on the test part.

    python benchmarks/classics_failures.py

In the environment of benchmarks/rivals/README.md AutoETS, AutoARIMA and AutoTheta are among them.
Writes benchmarks/results/classics_failures.json after each series: RMSE by steps ahead, the
settings chosen before the test part, and seconds of one core.
"""

from __future__ import annotations

import json
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from series.failures import failure_series
from threadpoolctl import threadpool_limits

from gatework.forecast import Series
from gatework.forecast.backtest import forecast_errors, score, split
from gatework.forecast.baselines import all_classics, baseline_forecasts

HORIZON = 12
RESULTS = Path(__file__).with_name("results") / "classics_failures.json"
CHOSEN = ("length", "form", "smoothing", "order", "trend", "rate", "settings", "window", "rank")


def main() -> None:
    """Go through the series."""
    torch.set_num_threads(1)
    results: dict[str, Any] = {"libraries": libraries(), "horizon": HORIZON, "series": {}}
    for series in failure_series():
        results["series"][series.name] = one_series(series)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(series.name, flush=True)


def one_series(series: Series) -> dict[str, Any]:
    """Return what each model did on the series, or why it did nothing."""
    cut = split(len(series))
    parts = {
        "validation": (series.values[: cut.test_start], cut.train_end),
        "test": (series.values, cut.test_start),
    }
    found: dict[str, Any] = {}
    for model in all_classics(series.season):
        began = time.process_time()
        one = found[model.name] = {}
        for part, (values, start) in parts.items():
            with threadpool_limits(1, user_api="blas"):
                result = baseline_forecasts(values, start, HORIZON, [model], lowest=0.0)
            if model.name in result.forecasts:
                scores = score(forecast_errors(result.forecasts[model.name], values, start))
                one[part] = {steps: round(s.rmse, 5) for steps, s in scores.items()}
            else:
                one["left_out"] = f"{part}: {result.left_out[model.name]}"
        one["chosen"] = {
            name: getattr(model, name) for name in CHOSEN if getattr(model, name, None)
        }
        one["seconds"] = round(time.process_time() - began, 2)
    return found


def libraries() -> dict[str, str]:
    """Return the versions of what the models are made with."""
    versions = {}
    for name in ("statsforecast", "statsmodels", "scikit-learn", "torch"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions


if __name__ == "__main__":
    main()
