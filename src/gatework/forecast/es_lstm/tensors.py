"""Problems as tensors, and the batches that training takes from them."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatework.forecast.es_lstm.network import Widths
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.rates import smoothers
from gatework.forecast.es_lstm.signals import width
from gatework.forecast.es_lstm.track import Track
from gatework.train import Batch

MOST_KEPT = 2**30
"""Bytes of inputs that are kept; those of larger problems are made anew for each batch."""


def widths_of(problem: Problem) -> Widths:
    """Return how the inputs of a problem are laid out."""
    number = smoothers(problem.season)
    known = 0 if problem.covariates is None else problem.covariates.shape[2]
    coming = 0 if problem.outlook is None else problem.outlook.shape[2]
    return Widths(width(number, problem.horizon) + known, number, problem.horizon, coming)


def inputs_of(problem: Problem, track: Track | None = None) -> Tensor:
    """Return the network's inputs after every value, (T, B, W) float32.

    ``track`` is what the smoothers say, if that is known already.
    """
    track = problem.track() if track is None else track
    steps, count = track.scale.shape
    parts = [track.signals]
    if problem.covariates is not None:
        parts.append(problem.covariates.transpose(1, 0, 2).astype(np.float32))
    parts += [track.scale[..., None], track.forecasts.reshape(steps, count, -1)]
    if problem.outlook is not None:
        ahead = np.arange(steps)[:, None] + np.arange(1, problem.horizon + 1)
        coming = problem.outlook[:, ahead].transpose(1, 0, 2, 3)  # (T, B, H, Q)
        parts.append(coming.reshape(steps, count, -1).astype(np.float32))
    return torch.from_numpy(np.concatenate(parts, axis=-1))


def training_tensors(problem: Problem, loss: str) -> Batch:
    """Return the inputs and targets of a problem, for a loss of that name, as one batch.

    Every series counts by the square root of its number of errors: longer ones teach more, but
    not in proportion.

    Shapes:
        inputs: (T, B, W). targets: (T, B, H, 4): the value, the weight of its error, what to
            divide the error by so that all series weigh alike, and the unit of the series.
    """
    targets = problem.targets()
    steps = np.arange(len(targets))[:, None]
    judged = ~np.isnan(targets) & (steps >= problem.judged_from())[..., None]
    count = judged.sum(axis=(0, 2))
    share = np.sqrt(count) / max(np.sqrt(count).mean(), 1.0)
    parts = np.empty((*targets.shape, 4), np.float32)
    parts[..., 0] = np.nan_to_num(targets)
    parts[..., 1] = judged * (share / np.maximum(count, 1))[:, None]
    parts[..., 2] = problem.spread(loss)[:, None]
    parts[..., 3] = problem.units[:, None]
    return Batch(inputs_of(problem), torch.from_numpy(parts))


class SeriesBatches:
    """Batches of whole series in an order drawn anew for each epoch; see train.Batches.

    With ``part`` (number, of how many) only that part of each batch, as long as the whole one.
    """

    def __init__(
        self,
        problem: Problem,
        loss: str,
        batch_size: int,
        seed: int,
        part: tuple[int, int] = (0, 1),
    ) -> None:
        self.problem, self.loss, self.batch_size, self.seed = problem, loss, batch_size, seed
        self.part = part
        size = 4 * problem.values.size * widths_of(problem).total
        self._kept = training_tensors(problem, loss) if size <= MOST_KEPT else None

    def __len__(self) -> int:
        return -(-len(self.problem) // self.batch_size)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return batch ``index`` of an epoch."""
        rows = self.rows(epoch, index)
        number, count = self.part
        if self._kept is None:
            whole = training_tensors(self.problem.rows(rows), self.loss)
            return Batch(whole.inputs[:, number::count], whole.targets[:, number::count])
        longest = int(self.problem.lengths[rows].max())
        chosen = torch.from_numpy(rows[number::count])
        return Batch(
            self._kept.inputs[:longest].index_select(1, chosen),
            self._kept.targets[:longest].index_select(1, chosen),
        )

    def rows(self, epoch: int, index: int) -> np.ndarray:
        """Return the series of a batch."""
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.problem))
        return order[index * self.batch_size : (index + 1) * self.batch_size]

    def describe(self) -> dict[str, Any]:
        """Return what identifies the data and their order."""
        digest = hashlib.sha256(np.ascontiguousarray(self.problem.values).tobytes())
        for part in (self.problem.covariates, self.problem.outlook, self.problem.lengths):
            if part is not None:
                digest.update(np.ascontiguousarray(part).tobytes())
        return {
            "data": digest.hexdigest(),
            "loss": self.loss,
            "batch_size": self.batch_size,
            "seed": self.seed,
            "horizon": self.problem.horizon,
            "season": self.problem.season,
        }
