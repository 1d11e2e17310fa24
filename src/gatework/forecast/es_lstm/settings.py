"""How a network over smoothers is built and trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gatework.checks import checked
from gatework.estimator import json_values as js

LOSSES = ("absolute", "squared", "smape")

DISTRIBUTION_NAMES = ("normal", "student_t", "negative_binomial", "quantiles")
"""The keys of DISTRIBUTIONS, which needs torch."""

STEPS = 180
"""Steps of training, about, where no number of epochs is given."""

LEAST_EPOCHS = 15


@dataclass(frozen=True)
class EsLstmSettings:
    """How a network is built and trained.

    ``epochs`` None stands for as many as make STEPS steps, at least LEAST_EPOCHS;
    ``distribution`` None for no head beside the forecast.
    A file holds what the checks beside the fields say.
    """

    hidden_sizes: tuple[int, ...] = checked((64,), js.sizes)
    dropout: float = checked(0.1, js.share)
    correction: bool = checked(False, js.switch)
    loss: str = checked("absolute", js.one_of(LOSSES))
    learning_rate: float = checked(3e-3, js.within(0, 10))
    weight_decay: float = checked(1e-4, js.within(0, 10))
    epochs: int | None = checked(None, js.optional(js.whole(1, js.MOST_VALUES)))
    batch_size: int = checked(32, js.whole(1, js.MOST_VALUES))
    distribution: str | None = checked(None, js.optional(js.one_of(DISTRIBUTION_NAMES)))

    def epochs_for(self, batches: int) -> int:
        """Return the number of epochs over so many batches."""
        return self.epochs or max(LEAST_EPOCHS, math.ceil(STEPS / batches))
