"""Darts' RNNModel (LSTM) on the failure series; see contest.py.

    python benchmarks/rivals/darts_failures.py [--seconds 30]

Writes benchmarks/results/rivals/darts_failures.json.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np
from contest import HORIZON, Rival, run
from darts import TimeSeries
from darts.models import RNNModel
from quiet import TRAINER, quiet

GRID: dict[str, tuple[Any, ...]] = {
    "input_chunk_length": (24, 12, 36),
    "hidden_dim": (25, 8, 50),
    "n_rnn_layers": (1, 2),
    "dropout": (0.0, 0.2),
    "learning_rate": (1e-3, 3e-3, 1e-2),
    "n_epochs": (100, 20, 50),
}


def forecast(values: np.ndarray, start: int, settings: dict[str, Any], seed: int) -> np.ndarray:
    """Train on ``values[:start]`` and forecast from every origin after it."""
    length = min(settings["input_chunk_length"], start // 3)
    model = RNNModel(
        input_chunk_length=length,
        training_length=length + HORIZON if start > 2 * length + HORIZON else length + 1,
        model="LSTM",
        hidden_dim=settings["hidden_dim"],
        n_rnn_layers=settings["n_rnn_layers"],
        dropout=settings["dropout"],
        n_epochs=settings["n_epochs"],
        optimizer_kwargs={"lr": settings["learning_rate"]},
        random_state=seed,
        pl_trainer_kwargs=TRAINER,
    )
    mean, deviation = values[:start].mean(), values[:start].std()
    series = TimeSeries.from_values(((values - mean) / deviation).astype(np.float32))
    with quiet():
        model.fit(series[:start])
        found = model.historical_forecasts(
            series,
            start=start,
            start_format="position",
            forecast_horizon=HORIZON,
            stride=1,
            retrain=False,
            overlap_end=True,
            last_points_only=False,
        )
    ahead = np.array([one.values()[:, 0] for one in found], dtype=np.float64)
    # The last one begins after the end of the series: no target is known.
    assert [one.start_time() for one in found[:2]] == [start, start + 1]
    return ahead[: len(values) - start] * deviation + mean


if __name__ == "__main__":
    rival = Rival("Darts RNNModel LSTM", f"darts {version('darts')}", GRID, forecast)
    run(rival, "darts_failures.json", __doc__)
