"""Series as batches of tensors: what the bank says of them, and what came."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gatework.forecast.pretrained.bank import SETS, TINY, StreamBank
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.knots import KNOTS
from gatework.forecast.pretrained.rates import CALM
from gatework.forecast.pretrained.track import run, side_by_side
from gatework.train import Batch

BUCKET = 400
"""Series of one season and alike length that are kept side by side."""

JUDGED_FROM = 2
"""Values that a series must have shown before its forecasts count, less one."""

TARGET = 6
"""Numbers of a target: value, weight of its error, of its series, level, scale, whether counts."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Series of one season, side by side.

    Shapes:
        inputs: (B, T, I + N K) float16. targets: (T, B, K, 2), values around the level in units of
        the scale, and what an error in them is multiplied with so that those of all series and
        steps weigh alike. share: (T, B, K), weight of each; 0 where there is no value. level,
        scale: (T, B). counts: (B,). lengths: (B,).
    """

    inputs: np.ndarray
    targets: np.ndarray
    share: np.ndarray
    level: np.ndarray
    scale: np.ndarray
    counts: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Lesson:
        """Run the bank over some series of one season."""
        values, lengths = side_by_side([one.values for one in examples])
        track = run(StreamBank(examples[0].season), values, lengths, KNOTS)
        count, longest = values.shape
        later = np.full((count, longest + int(KNOTS[-1])), np.nan)
        later[:, :longest] = values
        actual = later[:, np.arange(longest)[:, None] + KNOTS].transpose(1, 0, 2)
        scale = track.scale[..., None]
        apart = (actual - track.level[..., None]) / scale
        judged = ~np.isnan(apart) & (np.arange(longest) >= JUDGED_FROM)[:, None, None]
        plain = track.forecasts[:, :, np.tile(CALM, SETS)].mean(axis=2)
        error = np.where(judged, np.abs(np.nan_to_num(apart) - plain) * scale, 0.0)
        usual = _usual(error, judged, np.nanmean(np.abs(values), axis=1))
        total = np.maximum(judged.sum(axis=(0, 2)), 1)
        flat = track.forecasts.reshape(longest, count, -1)
        inputs = np.concatenate([track.signals, flat], axis=-1).transpose(1, 0, 2)
        weight = np.where(judged, scale / usual, 0.0)
        targets = np.stack([np.clip(np.nan_to_num(apart), -1e4, 1e4), weight], axis=-1)
        return cls(
            np.ascontiguousarray(inputs, np.float16),
            targets.astype(np.float32),
            (judged / np.sqrt(total)[:, None]).astype(np.float32),
            track.level.astype(np.float32),
            track.scale.astype(np.float32),
            track.state.counts.astype(np.float32),
            lengths,
        )

    def batch(self, rows: np.ndarray) -> Batch:
        """Return some of the series; inputs (T, B, I + N K), targets (T, B, K, TARGET)."""
        longest = int(self.lengths[rows].max())
        inputs = self.inputs[rows, :longest].astype(np.float32).transpose(1, 0, 2)
        share = self.share[:longest, rows]
        parts = np.empty((*share.shape, TARGET), np.float32)
        parts[..., :2] = self.targets[:longest, rows]
        parts[..., 2] = share
        parts[..., 3] = self.level[:longest, rows, None]
        parts[..., 4] = self.scale[:longest, rows, None]
        parts[..., 5] = self.counts[rows, None]
        return Batch(torch.from_numpy(np.ascontiguousarray(inputs)), torch.from_numpy(parts))


def _usual(error: np.ndarray, judged: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the usual error of the plain mean of smoothers, (B, K), for each step where known."""
    count = judged.sum(axis=0)
    each = error.sum(axis=0) / np.maximum(count, 1)
    every = error.sum(axis=(0, 2)) / np.maximum(count.sum(axis=1), 1)
    return np.where(count >= 3, each, every[:, None]) + 1e-3 * size[:, None] + TINY


class Lessons:
    """All lessons in an order drawn anew for each epoch; see train.Batches."""

    def __init__(self, examples: Sequence[Example], batch_size: int, seed: int) -> None:
        self.batch_size, self.seed = batch_size, seed
        self.lessons = [Lesson.of(part) for part in _alike(examples)]
        self._digest = hashlib.sha256()
        for one in examples:
            self._digest.update(one.values.tobytes())

    def __len__(self) -> int:
        return sum(-(-len(one.lengths) // self.batch_size) for one in self.lessons)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return batch ``index`` of an epoch."""
        number, rows = self._order(epoch)[index]
        return self.lessons[number].batch(rows)

    def describe(self) -> dict[str, Any]:
        """Return what identifies the data and their order."""
        return {"data": self._digest.hexdigest(), "batch_size": self.batch_size, "seed": self.seed}

    def _order(self, epoch: int) -> list[tuple[int, np.ndarray]]:
        draw = np.random.default_rng((self.seed, epoch))
        parts = []
        for number, lesson in enumerate(self.lessons):
            rows = draw.permutation(len(lesson.lengths))
            cuts = range(self.batch_size, len(rows), self.batch_size)
            parts += [(number, part) for part in np.split(rows, list(cuts))]
        return [parts[place] for place in draw.permutation(len(parts))]


def _alike(examples: Sequence[Example]) -> list[list[Example]]:
    """Return the series by season, those of like length together."""
    by_season: dict[int, list[Example]] = {}
    for one in examples:
        by_season.setdefault(one.season, []).append(one)
    return [
        ordered[first : first + BUCKET]
        for season in sorted(by_season)
        for ordered in [sorted(by_season[season], key=lambda one: len(one.values))]
        for first in range(0, len(ordered), BUCKET)
    ]
