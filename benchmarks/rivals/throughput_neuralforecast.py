"""Candidates a minute of NeuralForecast's AutoLSTM; see throughput_work.py.

    python benchmarks/rivals/throughput_neuralforecast.py [--candidates 60]

Two trials run at a time, one a core, which is faster than the library's default of all cores for
each. To be run on a quiet machine, beside throughput_gatework.py.
"""

from __future__ import annotations

import tempfile
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
import ray
import torch
from neuralforecast import NeuralForecast
from neuralforecast.auto import AutoLSTM
from neuralforecast.common._base_auto import RayOptions
from neuralforecast.losses.pytorch import MSE
from quiet import TRAINER, quiet
from ray import tune
from series.failures import failure_series
from throughput_work import (
    BATCH,
    CORES,
    HIDDEN,
    HORIZON,
    LEARNING_RATES,
    WINDOW,
    options,
    steps,
    told,
)

from gatework.forecast.backtest import split


def main() -> None:
    """Search, and print the rate."""
    candidates = options(__doc__).candidates
    values = failure_series()[0].values
    cut = split(len(values))
    before = values[: cut.test_start]
    frame = pd.DataFrame({"unique_id": "series", "ds": np.arange(len(before)), "y": before})
    config = {
        "input_size": WINDOW,
        "encoder_n_layers": 1,
        "encoder_hidden_size": tune.choice(list(HIDDEN)),
        "decoder_layers": 1,
        "learning_rate": tune.choice(list(LEARNING_RATES)),
        "max_steps": steps(cut.train_end),
        "val_check_steps": steps(cut.train_end),
        "windows_batch_size": BATCH,
        "scaler_type": "standard",
        "random_seed": 1,
        **TRAINER,
    }
    began = time.perf_counter()
    ray.init(
        num_cpus=CORES, include_dashboard=False, object_store_memory=10**8, log_to_driver=False
    )
    torch.set_num_threads(1)  # for the best candidate, which the library trains again at last
    with quiet(), tempfile.TemporaryDirectory() as folder:
        kept = tune.RunConfig(storage_path=folder, verbose=0)
        model = AutoLSTM(
            h=HORIZON,
            loss=MSE(),
            config=config,
            num_samples=candidates,
            ray_options=RayOptions(cpus=1, run_config=kept),
            backend="ray",
        )
        library = NeuralForecast(models=[model], freq=1)
        library.fit(frame, val_size=cut.test_start - cut.train_end)
    seconds = time.perf_counter() - began
    ray.shutdown()
    name = f"NeuralForecast {version('neuralforecast')} AutoLSTM"
    print(told(name, candidates, seconds, steps(cut.train_end)))


if __name__ == "__main__":
    main()
