"""Batches of sequences of different lengths: alike ones side by side, so that little is padded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gatework.recognize.scaling import Scaling
from gatework.recognize.sequences import Augmentation, Sequences
from gatework.train import Batch

BESIDE = 8
"""Batches whose sequences are sorted by length together: more would pad less, but a batch would
hold only sequences of one length, and with it of few classes."""


class SequenceBatches:
    """Batches of a training, each a function of epoch and index alone; see gatework.train.Batches.

    Args:
        sequences: the data.
        targets: of each sequence: a number, numbers, or (S) of any length.
        batch_size: sequences in a batch; the last batch of an epoch may be smaller.
        scaling: of the inputs.
        seed: of the order and of the augmentation.
        fill: what shorter targets are filled up with.
        by_step: targets lie (T, B) as the inputs do, not (B, S).
        augment: varies each sequence anew in every epoch; None for none.
        shuffle: False keeps the order by length in all epochs, for validation.

    Shapes:
        inputs: (T, B, C), zero on padding. targets: (B, ...) or (T, B).
    """

    def __init__(
        self,
        sequences: Sequences,
        targets: Sequence[Any],
        batch_size: int,
        scaling: Scaling,
        *,
        seed: int = 0,
        fill: int = 0,
        by_step: bool = False,
        augment: Augmentation | None = None,
        shuffle: bool = True,
    ) -> None:
        self.sequences, self.targets, self.scaling = sequences, list(targets), scaling
        self.batch_size, self.seed, self.fill, self.by_step = batch_size, seed, fill, by_step
        self.augment, self.shuffle = augment, shuffle
        self.lengths = sequences.lengths
        self._whole = scaling.apply(np.concatenate(sequences.values)) if augment is None else None
        self._starts = np.concatenate([[0], np.cumsum(self.lengths)[:-1]])
        self._epoch: int | None = None
        self._rows: list[np.ndarray] = []

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return batch ``index`` of an epoch."""
        if epoch != self._epoch and (self.shuffle or self._epoch is None):
            draw = np.random.default_rng((self.seed, epoch)) if self.shuffle else None
            self._rows = batch_rows(self.lengths, self.batch_size, draw)
            self._epoch = epoch
        rows = self._rows[index]
        parts = [self._values(row, epoch) for row in rows]
        inputs, lengths = side_by_side(parts)
        return Batch(inputs, self._targets(rows, lengths), lengths)

    def describe(self) -> dict[str, Any]:
        """Return what identifies the data and their order."""
        digest = hashlib.sha256()
        for part in (*self.sequences.values, *map(np.asarray, self.targets)):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        return {
            "order": "alike lengths" if self.shuffle else "by length",
            "batch_size": self.batch_size,
            "seed": self.seed,
            "augment": None if self.augment is None else repr(self.augment),
            "data": digest.hexdigest(),
        }

    def _values(self, row: int, epoch: int) -> np.ndarray:
        if self.augment is not None:
            varied = self.sequences.varied(row, self.augment, seed=self.seed, epoch=epoch)
            return self.scaling.apply(varied)
        start = self._starts[row]
        assert self._whole is not None
        return self._whole[start : start + self.lengths[row]]

    def _targets(self, rows: np.ndarray, lengths: Tensor) -> Tensor:
        parts = [np.asarray(self.targets[row]) for row in rows]
        if not self.by_step and len({part.shape for part in parts}) == 1:
            return torch.from_numpy(np.stack(parts))
        longest = max(len(part) for part in parts)
        whole = np.full((len(parts), longest), self.fill, parts[0].dtype)
        for row, part in enumerate(parts):
            whole[row, : len(part)] = part
        return torch.from_numpy(whole.T.copy() if self.by_step else whole)


def batch_rows(
    lengths: np.ndarray, batch_size: int, draw: np.random.Generator | None
) -> list[np.ndarray]:
    """Return the rows of each batch: shuffled, then sorted by length among a few batches.

    Without ``draw`` all are sorted by length.

    Example:
        >>> batch_rows(np.array([5, 2, 9, 3]), 2, None)
        [array([1, 3]), array([0, 2])]
    """
    if draw is None:
        return _cut(np.argsort(lengths, kind="stable"), batch_size)
    order = draw.permutation(len(lengths))
    if (lengths == lengths[0]).all():
        return _cut(order, batch_size)
    found: list[np.ndarray] = []
    for part in _cut(order, BESIDE * batch_size):
        found += _cut(part[np.argsort(lengths[part], kind="stable")], batch_size)
    # A batch that is not full comes last, so that the number of steps is as announced.
    full = [rows for rows in found if len(rows) == batch_size]
    rest = [rows for rows in found if len(rows) < batch_size]
    return [full[place] for place in draw.permutation(len(full))] + rest


def _cut(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def side_by_side(parts: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Return sequences (T_i, C) as (T, B, C), zero on padding, and their lengths (B)."""
    lengths = np.array([len(part) for part in parts], np.int64)
    if (lengths == lengths[0]).all():
        return torch.from_numpy(np.stack(parts, axis=1)), torch.from_numpy(lengths)
    whole = np.zeros((lengths.max(), len(parts), parts[0].shape[1]), np.float32)
    for row, part in enumerate(parts):
        whole[: len(part), row] = part
    return torch.from_numpy(whole), torch.from_numpy(lengths)


def in_order(sequences: Sequences, scaling: Scaling, steps: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows, inputs (T, B, C) and lengths (B) of all sequences, alike lengths together.

    Args:
        sequences: the data.
        scaling: of the inputs.
        steps: at most so many steps in a batch, padding included, or one sequence.
    """
    order = np.argsort(sequences.lengths, kind="stable")
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and (end + 1 - begin) * sequences.lengths[order[end]] <= steps:
            end += 1
        rows = order[begin:end]
        parts = [scaling.apply(sequences.values[row]) for row in rows]
        yield rows, *side_by_side(parts)
        begin = end
