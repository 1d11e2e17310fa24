"""One LSTM for the 723 monthly series of M3 with 18 months to forecast, beside the classics.

    GATEWORK_DATA=... python benchmarks/m3.py [--members 5] [--select]

The statistical models come from benchmarks/results/m3_classics.json and NeuralForecast's LSTM from
benchmarks/results/rivals, which have scripts of their own. ``--select`` shows how the settings were
chosen: on the last 18 known months of every series. Writes benchmarks/results/m3.md and prints it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from series.m3 import HORIZON, SEASON, M3Series, m3_monthly, mase, smape

from gatework import GlobalForecaster
from gatework.forecast import Panel, PanelForecast, Series

RESULTS = Path(__file__).with_name("results")
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (64,),
    "dropout": 0.1,
    "learning_rate": 3e-3,
    "weight_decay": 1e-4,
    "epochs": 15,
    "batch_size": 32,
    "loss": "absolute",
    "distribution": "student_t",
}
CHOICES: dict[str, tuple[Any, ...]] = {
    "hidden_sizes": ((32,), (128,), (64, 64)),
    "dropout": (0.0, 0.3),
    "learning_rate": (1e-3, 1e-2),
    "weight_decay": (1e-2,),
    "epochs": (8, 30),
    "batch_size": (16, 64),
    "loss": ("smape",),
    "correction": (True,),
}
"""What was tried in place of each setting, the others as they are."""


def main() -> None:
    """Fit, score, write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--select", action="store_true", help="show how the settings were chosen")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    series = m3_monthly()
    if options.select:
        select(series)
        return
    panel = as_panel(series, 0)
    began = time.perf_counter()
    together = fit(panel, options.members)
    seconds = time.perf_counter() - began
    found = together.predict()
    alone = [single(together, member).values for member in range(options.members)]
    text = report(series, found, alone, seconds, options.threads)
    (RESULTS / "m3.md").write_text(text, encoding="utf-8")
    print(text)


def as_panel(series: list[M3Series], held: int) -> Panel:
    """Return the known values, without the last ``held`` months."""
    made = []
    for one in series:
        values = one.train[: len(one.train) - held]
        labels = tuple(str(number) for number in range(1, len(values) + 1))
        made.append(Series(one.name, values, labels, season=SEASON))
    return Panel.from_series(made)


def fit(panel: Panel, members: int, **changes: Any) -> GlobalForecaster:
    """Return a fitted forecaster."""
    settings = SETTINGS | {"horizon": HORIZON, "members": members} | changes
    return GlobalForecaster(**settings).fit(panel)


def single(forecaster: GlobalForecaster, member: int) -> PanelForecast:
    """Return the forecast of one of the averaged networks."""
    model = forecaster.model_
    whole, live = model.members, model.live
    states, features = live.lstm, live.features
    model.members = [whole[member]]
    live.lstm, live.features = [states[member]], [features[member]]
    found = forecaster.predict()
    model.members, live.lstm, live.features = whole, states, features
    return found


def select(series: list[M3Series]) -> None:
    """Print the sMAPE of each choice on the last known months."""
    panel = as_panel(series, HORIZON)
    tried = [{}, *({name: value} for name, values in CHOICES.items() for value in values)]
    for change in tried:
        forecaster = GlobalForecaster(
            **SETTINGS | {"horizon": HORIZON, "members": 1, "distribution": None} | change
        )
        values = forecaster.fit(panel).predict().values
        error = mean(smape, [(one.train[-HORIZON:], values[n]) for n, one in enumerate(series)])
        print(f"{error:.3f} {change or 'as chosen'}", flush=True)


def mean(measure: Callable[..., float], pairs: list[tuple[np.ndarray, ...]]) -> float:
    """Return the mean of a measure over the series."""
    return float(np.mean([measure(*pair) for pair in pairs]))


def report(
    series: list[M3Series],
    found: PanelForecast,
    alone: list[np.ndarray],
    seconds: float,
    threads: int,
) -> str:
    """Return the page."""
    rows = json.loads((RESULTS / "m3_classics.json").read_text(encoding="utf-8"))
    others = {name: (one["mean_smape"], one["mean_mase"]) for name, one in rows["models"].items()}
    for path in sorted((RESULTS / "rivals").glob("*_m3.json")):
        peer = json.loads(path.read_text(encoding="utf-8"))
        others[peer["model"]] = (peer["mean_smape"], peer["mean_mase"])
    scored = [both(series, values) for values in (found.values, *alone)]
    ours, members = scored[0], [one[0] for one in scored[1:]]
    least = [min(other[column] for other in others.values()) for column in (0, 1)]
    lines = [
        "# M3, monthly: one LSTM for all series, and the others",
        "",
        f"`python benchmarks/m3.py --members {len(alone)}`, {platform.machine()}, Python "
        f"{platform.python_version()}, torch {torch.__version__}, {threads} threads. "
        f"{len(series)} series, {HORIZON} months ahead, mean over the series.",
        "",
        "| model | sMAPE | MASE |",
        "|---|---|---|",
        f"| **Gatework LSTM**, {len(alone)} networks averaged | **{ours[0]:.3f}** | "
        f"**{ours[1]:.4f}** |",
        f"| one of these networks, from best to worst | {min(members):.3f} to "
        f"{max(members):.3f} | |",
    ]
    for name, (error, scaled) in sorted(others.items(), key=lambda item: item[1]):
        lines.append(f"| {name} | {error:.3f} | {scaled:.4f} |")
    chosen = ", ".join(f"{name} {value}" for name, value in SETTINGS.items())
    lines += [
        "",
        f"Relative to the best of the others: sMAPE {ours[0] / least[0]:.3f}, MASE "
        f"{ours[1] / least[1]:.3f}.",
        "",
        f"- Gatework: GlobalForecaster with {chosen}; training and the calibration of intervals "
        f"took {seconds:.0f} s.",
        f"- Statistical models: {rows['library']}, {rows['settings']}.",
        "",
        "Intervals, over all series and months: "
        + ", ".join(f"{level:.0%} held {held(series, found, level):.1%}" for level in found.lower)
        + ".",
    ]
    return "\n".join(lines) + "\n"


def both(series: list[M3Series], values: np.ndarray) -> tuple[float, float]:
    """Return mean sMAPE and MASE; no series is negative, so forecasts below 0 count as 0."""
    values = np.maximum(values, 0.0)
    pairs = [(one.test, values[n]) for n, one in enumerate(series)]
    scaled = [(one.train, one.test, values[n]) for n, one in enumerate(series)]
    return mean(smape, pairs), mean(mase, scaled)


def held(series: list[M3Series], found: PanelForecast, level: float) -> float:
    """Return the share of months whose value lies in its interval."""
    actual = np.stack([one.test for one in series])
    inside = (found.lower[level] <= actual) & (actual <= found.upper[level])
    return float(inside.mean())


if __name__ == "__main__":
    main()
