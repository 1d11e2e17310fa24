"""Fitting a network to a problem."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from gatework.forecast.es_lstm.network import SmoothingLSTM, Widths
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.settings import EsLstmSettings
from gatework.forecast.es_lstm.spread import Spread, fit_spread
from gatework.forecast.es_lstm.tensors import SeriesBatches, widths_of
from gatework.train import Group, Progress, Trainer, seeded


def weighted_loss(name: str) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the loss of that name: the sum of weighted errors, for each series.

    "absolute" and "squared" are in units of the series' spread; "smape" is the symmetric
    percentage, 2 |y - f| / (|y| + |f|), without a gradient through the denominator.

    Shapes:
        prediction: (T, B, H). target: (T, B, H, 4), see training_tensors.
    """

    def loss(prediction: Tensor, target: Tensor) -> Tensor:
        actual, weight, spread, _ = target.unbind(dim=-1)
        error = prediction - actual
        if name == "squared":
            each = error.square()
        elif name == "absolute":
            each = error.abs()
        else:
            each = 2 * error.abs() / (actual.abs() + prediction.detach().abs() + 1e-9)
        return (weight * each / spread).sum() / prediction.shape[1]

    loss.__qualname__ = f"weighted_loss({name})"
    return loss


@dataclass(frozen=True, eq=False)
class FittedMember:
    """A fitted network, and the head of its distribution if there is one."""

    network: SmoothingLSTM
    spread: Spread | None


def fit_member(
    problem: Problem,
    settings: EsLstmSettings,
    seed: int,
    *,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    group: Group | None = None,
) -> FittedMember:
    """Return a network trained on every judged forecast of a problem, and its head.

    Several processes train it together where ``group`` is given, and all get the same one.
    """
    network = build_network(widths_of(problem), settings, seed)
    part = (0, 1) if group is None else (group.rank, group.size)
    batches = SeriesBatches(problem, settings.loss, settings.batch_size, seed, part)
    epochs = settings.epochs_for(len(batches))
    Trainer.of(
        settings,
        network,
        weighted_loss(settings.loss),
        epochs=epochs,
        optimizer="adamw",
        schedule="one-cycle",
        seed=seed,
        progress=progress,
        checkpoint=checkpoint,
        group=group,
    ).fit(batches)
    spread = None
    if settings.distribution is not None:
        spread = fit_spread(
            network,
            batches,
            settings.distribution,
            epochs=epochs,
            learning_rate=settings.learning_rate,
            seed=seed,
            group=group,
        )
    return FittedMember(network, spread)


def build_network(widths: Widths, settings: EsLstmSettings, seed: int) -> SmoothingLSTM:
    """Return an untrained network."""
    with seeded(seed):
        return SmoothingLSTM(
            widths, settings.hidden_sizes, settings.dropout, correction=settings.correction
        )
