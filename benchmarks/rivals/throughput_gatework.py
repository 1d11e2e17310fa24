"""Candidates a minute of Gatework's layered search; see throughput_work.py.

    python benchmarks/rivals/throughput_gatework.py [--candidates 60]

To be run on a quiet machine, in Gatework's own environment.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from series.failures import failure_series
from throughput_work import (
    BATCH,
    CORES,
    EPOCHS,
    HIDDEN,
    HORIZON,
    LEARNING_RATES,
    WINDOW,
    options,
    steps,
    told,
)
from torch import nn

from gatework.forecast.backtest import SeriesSplit, forecast_errors, score, split
from gatework.forecast.recursive.network import ForecastNetwork, forecast_recursively
from gatework.forecast.recursive.windows import Scaler, origin_windows, training_windows
from gatework.search import Axis, Choice, Outcome, layered_search
from gatework.train import ShuffledBatches, Trainer, seeded


@dataclass(frozen=True)
class Work:
    """Train one network and value it on the validation part."""

    values: np.ndarray
    cut: SeriesSplit

    def __call__(self, parameters: dict[str, Any], seed: int) -> Outcome:
        torch.set_num_threads(1)
        end, stop = self.cut.train_end, self.cut.test_start
        scaler = Scaler.of(self.values[:end])
        scaled = scaler.scale(self.values)
        inputs, targets = (
            torch.from_numpy(part).float() for part in training_windows(scaled[:end], WINDOW)
        )
        with seeded(seed):
            network = ForecastNetwork((parameters["hidden_size"],), 0.0)
        trainer = Trainer(
            network,
            nn.MSELoss(),
            epochs=EPOCHS,
            learning_rate=parameters["learning_rate"],
            seed=seed,
        )
        history = trainer.fit(ShuffledBatches(inputs, targets, BATCH, seed=seed))
        assert len(history.losses) == EPOCHS
        windows = origin_windows(scaled, WINDOW, end, stop)
        forecasts = scaler.restore(forecast_recursively(network, windows, HORIZON))
        errors = score(forecast_errors(forecasts, self.values[:stop], end))
        return Outcome(float(np.mean([one.rmse for one in errors.values()])), {})


def main() -> None:
    """Search, and print the rate."""
    candidates = options(__doc__).candidates
    values = failure_series()[0].values
    cut = split(len(values))
    axes = [
        Choice("hidden_size", HIDDEN),
        Axis("learning_rate", LEARNING_RATES, scale="log", low=3e-4, high=3e-2),
    ]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        result = layered_search(
            Work(values[: cut.test_start], cut),
            axes,
            ledger=Path(folder) / "ledger",
            trials=candidates,
            workers=CORES,
        )
        seconds = time.perf_counter() - began
    assert all(trial.status == "done" for trial in result.trials)
    print(told("Gatework layered_search", len(result.trials), seconds, steps(cut.train_end)))


if __name__ == "__main__":
    main()
