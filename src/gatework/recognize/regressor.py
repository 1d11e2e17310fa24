"""The regressor: numbers for a whole sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from gatework.checks import checked, one_of
from gatework.errors import DataError, counted
from gatework.estimator import takes_old_names
from gatework.recognize.coercion import real_numbers
from gatework.recognize.estimator import SequenceEstimator
from gatework.recognize.losses import SquaredLoss
from gatework.recognize.sequences import Sequences
from gatework.recognize.stream import NumberStream
from gatework.recognize.streaming import running
from gatework.recognize.targets import NumberTargets
from gatework.recognize.weights import sample_weights
from gatework.runtime.pooled import POOLINGS


@takes_old_names
@dataclass(eq=False, repr=False, kw_only=True)
class SequenceRegressor(SequenceEstimator):
    """Tell one number of a sequence, or several: an age, a load, a sum.

    Targets are standardised for the network, and what it says comes back in their units.

    Args:
        pooling: what is read off the outputs of the last layer: the "last" state, their "mean" or
            "max", or "attention", a mean with learned weights.

    The other arguments are those of gatework.recognize.SequenceEstimator.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).normal(size=(60, 5))
        >>> model = SequenceRegressor((8,), epochs=40, learning_rate=0.02).fit(X, X.sum(axis=1))
        >>> bool(model.score(X, X.sum(axis=1)) > 0.8)
        True
    """

    pooling: str = checked("mean", one_of(POOLINGS))

    file_kind: ClassVar[str] = "sequence_regressor"
    SKLEARN: ClassVar[str | None] = "regressor"
    TARGETS: ClassVar[Any] = NumberTargets

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of each sequence, (N), or (N, O) as the targets came.

        Raises:
            OptionError: when nothing was fitted. DataError: when X does not fit the model.
        """
        return self.decode(np.stack(self._run(X)))

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Return outputs of the network (..., O) in the units of the targets."""
        self.check_fitted()
        return self.targets_.decode(outputs)

    def results(self, told: Tensor) -> Tensor:
        """Return what the head told (..., O) in the units of the targets."""
        mean, deviation = map(torch.from_numpy, (self.targets_.mean, self.targets_.deviation))
        return told * deviation + mean

    def result_names(self) -> tuple[str, ...]:
        """Return the names of the numbers, O."""
        return tuple(f"output {n}" for n in range(len(self.targets_.mean)))

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the share of the variance that is explained, R squared; the mean of several.

        Each sequence counts as ``sample_weight`` (N) says, w, or all alike.

        Equations:
            1 - sum w (y - predicted)^2 / sum w (y - mean y)^2, the mean by w as well
        """
        _, sequences = self._ready(X)
        values = self._given(sequences, y)
        found = self.predict(sequences).reshape(len(values), -1)
        values = values.reshape(len(values), -1)
        weights = sample_weights(sample_weight, len(values))
        weights = np.ones(len(values)) if weights is None else weights
        left = weights @ np.square(values - found)
        whole = weights @ np.square(values - np.average(values, axis=0, weights=weights))
        return float(np.mean(1 - left / np.where(whole > 0, whole, 1.0)))

    def stream(self) -> NumberStream:
        """Return what tells the number of a sequence while it is still coming.

        Raises:
            OptionError: when nothing was fitted, or the network is bidirectional.
        """
        return NumberStream(running(self), self.targets_)

    def _checked(self, given: Any, sequences: Sequences) -> np.ndarray:
        found = real_numbers(given, "y", np.float64)
        if found.ndim not in (1, 2) or not found.size:
            raise DataError(f"y must have the shape (N) or (N, O), got {found.shape}")
        if len(found) != len(sequences):
            raise DataError(
                f"there are {counted(len(sequences), 'sequence')} but {len(found)} targets"
            )
        if not np.isfinite(found).all():
            raise DataError(f"y[{np.argwhere(~np.isfinite(found))[0][0]}] is NaN or infinite")
        return found

    def _loss(self, targets: NumberTargets, coded: list[Any]) -> nn.Module:
        return SquaredLoss()
