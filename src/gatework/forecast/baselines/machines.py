"""Support vector regression and a multilayer perceptron on lag windows, by scikit-learn.

Window and settings are those of the least squared error of recursive forecasts on the last fifth of
the training part, over all steps ahead; what is chosen is then fitted to all of it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, ClassVar

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor
from sklearn.svm import SVR

from gatework.forecast.baselines.baseline import check_prepared, check_usable
from gatework.forecast.baselines.lags import (
    LEAST_WINDOWS,
    SHORTEST,
    recursively,
    taught,
    validation_error,
    validation_start,
    window_lengths,
)
from gatework.forecast.recursive.windows import Scaler, origin_windows

MOST_VALUES = 3000
"""The most values, the latest ones, that a machine learns from."""


class LagMachine:
    """A machine that learns the next value from the last ones, chosen from a grid.

    With ``centred`` it learns how the value differs from the mean of its window, which carries over
    to levels that it has not seen.

    Args:
        season: a window of that length is considered too.

    Attributes:
        settings: the window (``lags``), whether it is ``centred``, and the machine's settings, as
            chosen.
    """

    name = ""
    grid: ClassVar[dict[str, tuple[Any, ...]]] = {}
    copies = 1
    """Machines that are averaged, alike but for their seeds."""

    def __init__(self, season: int) -> None:
        self.season = season
        self.settings: dict[str, Any] = {}
        self._predict: Callable[[np.ndarray], np.ndarray] | None = None
        self._scaler = Scaler(0.0, 1.0)

    def build(self, settings: dict[str, Any], seed: int) -> Any:
        """Return an unfitted machine: what fits and predicts as scikit-learn has it."""
        raise NotImplementedError

    def prepare(self, training: np.ndarray, horizon: int) -> None:
        """Choose window and settings, then fit to the whole training part."""
        check_usable(training, SHORTEST + 2 * LEAST_WINDOWS)
        training = training[-MOST_VALUES:]
        self._scaler = Scaler(float(training.mean()), float(training.std()))
        values = self._scaler.scale(training)
        start = validation_start(len(values))

        def error(settings: dict[str, Any]) -> float:
            predict = self._fitted(values[:start], settings, copies=1)
            windows = origin_windows(values, settings["lags"], start, len(values))
            forecasts = recursively(predict, windows, horizon)
            return validation_error(forecasts, values, np.arange(start, len(values)))

        self.settings = min(self._settings(start), key=error)
        self._predict = self._fitted(values, self.settings, copies=self.copies)

    def forecast(self, history: np.ndarray, horizon: int) -> np.ndarray:
        """Return the recursive forecast from the last window of the history."""
        predict = self._predict
        check_prepared(self.name, predict is not None)
        assert predict is not None
        window = self._scaler.scale(history[-self.settings["lags"] :])
        return self._scaler.restore(recursively(predict, window[None], horizon)[0])

    def _settings(self, count: int) -> Iterator[dict[str, Any]]:
        names = ("lags", "centred", *self.grid)
        lengths = window_lengths(self.season, count)
        for chosen in product(lengths, (False, True), *self.grid.values()):
            yield dict(zip(names, chosen, strict=True))

    def _fitted(
        self, values: np.ndarray, settings: dict[str, Any], copies: int
    ) -> Callable[[np.ndarray], np.ndarray]:
        inputs, targets = taught(values, settings["lags"])
        if settings["centred"]:
            middle = inputs.mean(axis=1)
            inputs, targets = inputs - middle[:, None], targets - middle
        machines = [self.build(settings, seed) for seed in range(copies)]
        with warnings.catch_warnings():
            # The number of epochs is a setting like any other: it is meant to be reached.
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.filterwarnings("ignore", "Got `batch_size`")  # more than there are windows
            for machine in machines:
                machine.fit(inputs, targets)

        def predict(windows: np.ndarray) -> np.ndarray:
            middle = windows.mean(axis=1) if settings["centred"] else np.zeros(len(windows))
            centred = windows - middle[:, None]
            return middle + np.mean([machine.predict(centred) for machine in machines], axis=0)

        return predict


class SupportVectors(LagMachine):
    """Support vector regression with a Gaussian kernel on a lag window.

    Source: H. Drucker et al., "Support vector regression machines", NIPS 9, 1996.
    """

    name = "SVR"
    grid: ClassVar[dict[str, tuple[Any, ...]]] = {
        "C": (0.1, 1.0, 10.0),
        "epsilon": (0.1, 0.4),
        "gamma": (0.02, 0.1),
    }

    def build(self, settings: dict[str, Any], seed: int) -> SVR:
        """Return the machine; it draws nothing, so the seed does not matter."""
        return SVR(C=settings["C"], epsilon=settings["epsilon"], gamma=settings["gamma"])


class Perceptron(LagMachine):
    """A multilayer perceptron with one hidden layer on a lag window; five of them averaged.

    Source: D. E. Rumelhart, G. E. Hinton and R. J. Williams 1986, doi 10.1038/323533a0.
    """

    name = "MLP"
    grid: ClassVar[dict[str, tuple[Any, ...]]] = {
        "hidden": (8, 32),
        "alpha": (1e-3, 1.0),
        "epochs": (20, 80),
    }
    copies = 5

    def build(self, settings: dict[str, Any], seed: int) -> MLPRegressor:
        """Return the perceptron with weights drawn from the seed."""
        return MLPRegressor(
            hidden_layer_sizes=(settings["hidden"],),
            alpha=settings["alpha"],
            learning_rate_init=0.01,
            batch_size=32,  # pyright: ignore[reportArgumentType]  a number is allowed
            max_iter=settings["epochs"],
            n_iter_no_change=settings["epochs"],
            random_state=seed,
        )
