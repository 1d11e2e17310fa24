"""Fitting one network for given parameters, and forecasting with several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from gatework.forecast.backtest import forecast_errors, mean_rmse
from gatework.forecast.recursive.network import ForecastNetwork, forecast_recursively
from gatework.forecast.recursive.windows import Scaler, origin_windows, training_windows
from gatework.train import ShuffledBatches, Trainer, seeded

SMALLEST_BATCH = 32
MOST_STEPS = 24
"""Steps in an epoch: beyond it the batches grow, so that a long series takes no longer a step."""
MOST_ORIGINS = 200
"""Origins that early stopping looks at after each epoch, evenly spread over the validation part."""
MOST_EPOCHS = 100
PATIENCE = 10


@dataclass(frozen=True)
class FittedNetwork:
    """A network, the scaler of what it learned from, and the epochs it took."""

    network: ForecastNetwork
    scaler: Scaler
    epochs: int


def fit_network(
    values: np.ndarray,
    end: int,
    parameters: Mapping[str, Any],
    seed: int,
    *,
    validate_to: int | None = None,
    horizon: int = 1,
    epochs: int = MOST_EPOCHS,
) -> FittedNetwork:
    """Fit a network to ``values[:end]``.

    With ``validate_to`` the number of epochs is found by early stopping on the recursive
    forecasts from each origin in ``values[end:validate_to]``; otherwise it is ``epochs``.
    """
    scaler = Scaler.of(values[:end], log=parameters["transform"] == "log")
    scaled = scaler.scale(values)
    window = parameters["window"]
    inputs, targets = (
        torch.from_numpy(part).float() for part in training_windows(scaled[:end], window)
    )
    with seeded(seed):
        network = ForecastNetwork(parameters["hidden_sizes"], parameters["dropout"])
    trainer = Trainer(
        network,
        nn.MSELoss(),
        epochs=epochs,
        learning_rate=parameters["learning_rate"],
        patience=None if validate_to is None else PATIENCE,
        seed=seed,
    )
    batch_size = max(SMALLEST_BATCH, -(-len(inputs) // MOST_STEPS))
    batches = ShuffledBatches(inputs, targets, batch_size, seed=seed)
    if validate_to is None:
        trainer.fit(batches)
        return FittedNetwork(network, scaler, epochs)
    origins = np.arange(0, validate_to - end, -(-(validate_to - end) // MOST_ORIGINS))
    windows = origin_windows(scaled, window, end, validate_to)[origins]
    # Errors of forecasts of zero are minus the actual values, at the origins that are looked at.
    zero = np.zeros((validate_to - end, horizon))
    negated = forecast_errors(zero, values[:validate_to], end)[origins]

    def validation(model: nn.Module) -> float:
        return mean_rmse(scaler.restore(forecast_recursively(model, windows, horizon)) + negated)

    history = trainer.fit(batches, validation)
    return FittedNetwork(network, scaler, history.best_epoch or epochs)


def average_forecasts(
    fitted: Sequence[FittedNetwork],
    values: np.ndarray,
    window: int,
    start: int,
    stop: int,
    horizon: int,
    lowest: float | None,
) -> np.ndarray:
    """Return the mean of several networks' forecasts, in the series' units, none below ``lowest``.

    Shapes:
        Returns (stop - start, horizon), from each origin from ``start`` to ``stop`` - 1.
    """
    each = []
    for one in fitted:
        windows = origin_windows(one.scaler.scale(values), window, start, stop)
        each.append(one.scaler.restore(forecast_recursively(one.network, windows, horizon)))
    mean = np.mean(each, axis=0)
    return mean if lowest is None else np.maximum(mean, lowest)
