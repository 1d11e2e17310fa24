"""NeuralForecast's LSTM on M3 monthly: one global network, chosen on the last 18 training months.

    python benchmarks/rivals/neuralforecast_m3.py [--steps 2000]

Each setting is trained on all but the last 18 months of every training part and valued on those by
sMAPE, every 250 steps. The best setting is trained again on everything for its best number of
steps, with three seeds, and the mean of their forecasts is scored.
Writes benchmarks/results/rivals/neuralforecast_m3.json.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MAE
from neuralforecast.models import LSTM
from quiet import TRAINER, quiet
from series.m3 import HORIZON, M3Series, m3_monthly, score_m3, smape

RESULTS = Path(__file__).parent.parent / "results" / "rivals" / "neuralforecast_m3.json"
EVERY = 250
PATIENCE = 750
SEEDS = 3
LARGE = {"encoder_hidden_size": 128, "encoder_n_layers": 2, "decoder_hidden_size": 128}  # default
SMALL = {"encoder_hidden_size": 64, "encoder_n_layers": 1, "decoder_hidden_size": 64}
SETTINGS: tuple[dict[str, Any], ...] = (
    {"input_size": 36, "scaler_type": "robust", **LARGE},
    {"input_size": 36, "scaler_type": "standard", **LARGE},
    {"input_size": 36, "scaler_type": "standard", **SMALL},
    {"input_size": 48, "scaler_type": "standard", **SMALL},
    {"input_size": 24, "scaler_type": "standard", **SMALL},
)
COMMON: dict[str, Any] = {
    "batch_size": 32,
    "windows_batch_size": 128,
    "learning_rate": 1e-3,
    "start_padding_enabled": True,
}


def main() -> None:
    """Choose, train again, score, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=2000, help="most steps of a network")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    series = m3_monthly()
    began, cpu = time.perf_counter(), time.process_time()
    parts = {one.name: one.train for one in series}
    valued = []
    for settings in SETTINGS:
        by_steps = validate(series, settings, options.steps)
        best = min(by_steps, key=lambda steps: by_steps[steps])
        valued.append((by_steps[best], best, settings))
        print(f"{settings}: {by_steps}", flush=True)
    error, steps, settings = min(valued, key=lambda one: one[0])
    each = [predict(train(parts, settings, steps, seed), parts) for seed in range(SEEDS)]
    forecasts = {one.name: np.mean([f[one.name] for f in each], axis=0) for one in series}
    scores = score_m3(series, forecasts)
    content = {
        "model": "NeuralForecast LSTM",
        "library": f"neuralforecast {version('neuralforecast')}",
        "settings": f"one global network, {COMMON | settings}, {steps} steps of at most "
        f"{options.steps}, chosen among {len(SETTINGS)} on the last 18 training months; the mean "
        f"of {SEEDS} seeds",
        "validation_smape": round(error, 4),
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "threads": options.threads,
        "mean_smape": round(float(np.mean(scores["smape"])), 4),
        "mean_mase": round(float(np.mean(scores["mase"])), 5),
        "each_seed_smape": [round(float(np.mean(score_m3(series, f)["smape"])), 4) for f in each],
        **scores,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(content) + "\n", encoding="utf-8")
    print(f"sMAPE {content['mean_smape']}, MASE {content['mean_mase']}, {content['seconds']} s")


def validate(series: list[M3Series], settings: dict[str, Any], most: int) -> dict[int, float]:
    """Return the mean sMAPE on the last training months after every EVERY steps.

    It ends PATIENCE steps after the best. The optimiser begins anew with each EVERY steps.
    """
    parts = {one.name: one.train[:-HORIZON] for one in series}
    targets = {one.name: one.train[-HORIZON:] for one in series}
    found = {}
    library = None
    for steps in range(EVERY, most + 1, EVERY):
        library = train(parts, settings, EVERY, 0, library)
        forecasts = predict(library, parts)
        found[steps] = round(float(np.mean([smape(targets[k], forecasts[k]) for k in targets])), 4)
        if steps - min(found, key=lambda one: found[one]) >= PATIENCE:
            break
    return found


def train(
    parts: dict[str, np.ndarray],
    settings: dict[str, Any],
    steps: int,
    seed: int,
    library: NeuralForecast | None = None,
) -> NeuralForecast:
    """Train for some steps, anew or on from where the library is."""
    if library is None:
        model = LSTM(
            h=HORIZON,
            loss=MAE(),
            max_steps=steps,
            random_seed=seed + 1,
            **COMMON,
            **settings,
            **TRAINER,
        )
        library = NeuralForecast(models=[model], freq=1)
    with quiet():
        library.fit(frame(parts))
    return library


def predict(library: NeuralForecast, parts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    with quiet():
        found = library.predict(frame(parts)).sort_values(["unique_id", "ds"])
    return {
        str(name): np.maximum(group["LSTM"].to_numpy(dtype=np.float64), 0.0)
        for name, group in found.groupby("unique_id")
    }


def frame(parts: dict[str, np.ndarray]) -> pd.DataFrame:
    names = np.repeat(list(parts), [len(values) for values in parts.values()])
    months = np.concatenate([np.arange(len(values)) for values in parts.values()])
    return pd.DataFrame(
        {"unique_id": names, "ds": months, "y": np.concatenate(list(parts.values()))}
    )


if __name__ == "__main__":
    main()
