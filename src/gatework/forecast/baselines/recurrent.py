"""The plain recurrent network on windows of the series, as LSTMs are usually compared with."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from operator import itemgetter

import numpy as np
import torch
from torch import nn

from gatework.forecast.baselines.baseline import check_prepared, check_usable
from gatework.forecast.baselines.lags import (
    LEAST_WINDOWS,
    SHORTEST,
    validation_error,
    validation_start,
    window_lengths,
)
from gatework.forecast.recursive.network import ForecastNetwork, forecast_recursively
from gatework.forecast.recursive.windows import Scaler, origin_windows, training_windows
from gatework.network import RNN
from gatework.train import ShuffledBatches, Trainer, seeded

HIDDEN_SIZES = (8, 32)
LEARNING_RATE = 3e-3
MOST_EPOCHS = 60
PATIENCE = 8
NETWORKS = 3
"""Networks that are averaged, alike but for their seeds."""
MOST_VALUES = 3000


class PlainRNN:
    """A plain recurrent network with recursive forecasts; three of them averaged.

    Window, hidden size and epochs are those of the least squared error on the last fifth of the
    training part, over all steps ahead; the networks are then fitted to all of it.

    Attributes:
        window, hidden, epochs: what was chosen.

    Source: J. L. Elman 1990, doi 10.1207/s15516709cog1402_1.
    """

    name = "RNN"

    def __init__(self, season: int) -> None:
        self.season = season
        self.window = self.hidden = self.epochs = 0
        self._networks: list[ForecastNetwork] = []
        self._scaler = Scaler(0.0, 1.0)

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose window, size and epochs, then fit to the whole training part."""
        check_usable(training, SHORTEST + 2 * LEAST_WINDOWS)
        training = training[-MOST_VALUES:]
        self._scaler = Scaler.of(training)
        values = self._scaler.scale(training)
        start = validation_start(len(values))
        found = [
            (*_try(values, start, window, hidden, horizon), window, hidden)
            for window, hidden in product(window_lengths(self.season, start), HIDDEN_SIZES)
        ]
        _, self.epochs, self.window, self.hidden = min(found, key=itemgetter(0))
        self._networks = [
            _fit(values, self.window, self.hidden, seed, self.epochs)[0] for seed in range(NETWORKS)
        ]

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the mean of the networks' recursive forecasts from the last window."""
        check_prepared(self.name, bool(self._networks))
        window = self._scaler.scale(history[None, -self.window :])
        each = [forecast_recursively(network, window, horizon)[0] for network in self._networks]
        return self._scaler.restore(np.mean(each, axis=0))


def _fit(
    values: np.ndarray,
    window: int,
    hidden: int,
    seed: int,
    epochs: int,
    validate: Callable[[nn.Module], float] | None = None,
) -> tuple[ForecastNetwork, int]:
    """Return a network and its epochs, fewer than given where ``validate`` stops it early."""
    with seeded(seed):
        network = ForecastNetwork([hidden], 0.0, RNN)
    inputs, targets = (torch.from_numpy(p).float() for p in training_windows(values, window))
    trainer = Trainer(
        network,
        nn.MSELoss(),
        epochs=epochs,
        learning_rate=LEARNING_RATE,
        patience=None if validate is None else PATIENCE,
        seed=seed,
    )
    batches = ShuffledBatches(inputs, targets, max(32, -(-len(inputs) // 16)), seed=seed)
    return network, trainer.fit(batches, validate).best_epoch or epochs


def _try(
    values: np.ndarray, start: int, window: int, hidden: int, horizon: int
) -> tuple[float, int]:
    """Return the error on ``values[start:]`` of a network fitted before it, and its epochs."""
    origins = np.arange(start, len(values))
    windows = origin_windows(values, window, start, len(values))

    def validate(model: nn.Module) -> float:
        return validation_error(forecast_recursively(model, windows, horizon), values, origins)

    network, epochs = _fit(values[:start], window, hidden, 0, MOST_EPOCHS, validate)
    return validate(network), epochs
