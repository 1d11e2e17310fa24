"""NeuralForecast's LSTM on the failure series; see contest.py.

    python benchmarks/rivals/neuralforecast_failures.py [--seconds 30]

Writes benchmarks/results/rivals/neuralforecast_failures.json.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from contest import HORIZON, Rival, run
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MAE, MSE
from neuralforecast.models import LSTM
from quiet import TRAINER, quiet

LOSSES = {"MAE": MAE, "MSE": MSE}
# The library's own sizes (128 units in two layers, 1,000 steps) take minutes for one fit.
GRID: dict[str, tuple[Any, ...]] = {
    "input_size": (36, 12, 24, 52),
    "encoder_hidden_size": (32, 16, 64),
    "encoder_n_layers": (1, 2),
    "learning_rate": (1e-3, 3e-3, 1e-2),
    "max_steps": (200, 50, 100),
    "windows_batch_size": (32, 128),
    "scaler_type": ("robust", "standard", "identity"),
    "recurrent": (False, True),
    "loss": ("MAE", "MSE"),
}


def forecast(values: np.ndarray, start: int, settings: dict[str, Any], seed: int) -> np.ndarray:
    """Train on ``values[:start]`` and forecast from every origin after it.

    The series is continued by repeats of its last value: the library forecasts from an origin only
    where all targets exist. They are targets alone; no forecast has read them.
    """
    chosen = dict(settings)
    model = LSTM(
        h=HORIZON,
        loss=LOSSES[chosen.pop("loss")](),
        decoder_hidden_size=chosen["encoder_hidden_size"],
        start_padding_enabled=True,
        random_seed=seed + 1,
        **chosen,
        **TRAINER,
    )
    mean, deviation = values[:start].mean(), values[:start].std()
    continued = np.append(values, np.repeat(values[-1], HORIZON - 1))
    frame = pd.DataFrame(
        {
            "unique_id": "series",
            "ds": np.arange(len(continued)),
            "y": (continued - mean) / deviation,
        }
    )
    library = NeuralForecast(models=[model], freq=1)
    with quiet():
        found = library.cross_validation(
            frame, n_windows=None, test_size=len(continued) - start, step_size=1
        )
    found = found.sort_values(["cutoff", "ds"])
    ahead = found["LSTM"].to_numpy(dtype=np.float64).reshape(-1, HORIZON)
    assert len(ahead) == len(values) - start
    return ahead * deviation + mean


if __name__ == "__main__":
    rival = Rival(
        "NeuralForecast LSTM", f"neuralforecast {version('neuralforecast')}", GRID, forecast
    )
    run(rival, "neuralforecast_failures.json", __doc__)
