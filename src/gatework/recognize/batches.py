"""Batches of sequences of different lengths: alike ones side by side, so that little is padded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from gatework.recognize.augment.base import Augmentation
from gatework.recognize.scaling import Scaling
from gatework.recognize.sequences import Sequences, alike
from gatework.train import Batch

BESIDE = 8
"""Batches whose sequences are sorted by length together: more would pad less, but a batch would
hold only sequences of one length, and with it of few classes."""


class SequenceBatches:
    """Batches of a training, each a function of epoch and index alone; see gatework.train.Batches.

    Args:
        sequences: the data.
        targets: of each sequence: a number, numbers, or (S) of any length.
        batch_size: sequences in a batch, at most; all batches of an epoch are about as large.
        scaling: of the inputs.
        weights: (N), how much each counts; None for all alike.
        seed: of the order and of the augmentation.
        fill: what shorter targets are filled up with.
        by_step: targets lie (T, B) as the inputs do, not (B, S).
        always_lengths: give the lengths even where all are the same, for a loss that needs them.
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
        weights: np.ndarray | None = None,
        seed: int = 0,
        fill: int = 0,
        by_step: bool = False,
        always_lengths: bool = False,
        augment: Augmentation | None = None,
        shuffle: bool = True,
    ) -> None:
        self.sequences, self.targets, self.scaling = sequences, list(targets), scaling
        count = -(-len(sequences) // batch_size)
        if count > 1:  # so that none is left with hardly any
            batch_size = -(-len(sequences) // count)
        self.batch_size = batch_size
        self.seed, self.fill, self.by_step = seed, fill, by_step
        self.always_lengths, self.augment, self.shuffle = always_lengths, augment, shuffle
        self.lengths, self._weights = sequences.lengths, None
        if weights is not None:  # 1 on average
            self._weights = torch.from_numpy((weights / weights.mean()).astype(np.float32))
        self._inputs = None if augment is not None else _Rows(sequences.values, scaling)
        shapes = {np.shape(target) for target in self.targets}
        alike = len(shapes) == 1 and not by_step
        self._alike = torch.from_numpy(np.stack(self.targets)) if alike else None
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
        lengths = self.lengths[rows]
        if self._inputs is not None:
            inputs = self._inputs.side_by_side(rows, lengths)
        else:
            inputs, found = side_by_side(self._varied(rows, epoch))
            lengths = found.numpy()
        same = not self.always_lengths and bool((lengths == lengths[0]).all())
        targets, weights = self._targets(rows), self._weights
        if weights is not None:
            weights = weights[torch.from_numpy(rows)]
        return Batch(inputs, targets, None if same else torch.from_numpy(lengths), weights=weights)

    def describe(self) -> dict[str, Any]:
        """Return what identifies the data and their order."""
        digest = hashlib.sha256()
        for part in (*self.sequences.values, *map(np.asarray, self.targets)):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        if self._weights is not None:
            digest.update(self._weights.numpy().tobytes())
        return {
            "order": "alike lengths" if self.shuffle else "by length",
            "batch_size": self.batch_size,
            "seed": self.seed,
            "augment": None if self.augment is None else repr(self.augment),
            "data": digest.hexdigest(),
        }

    def _varied(self, rows: np.ndarray, epoch: int) -> list[np.ndarray]:
        assert self.augment is not None
        varied = self.sequences.varied(rows, self.augment, seed=self.seed, epoch=epoch)
        return [self.scaling.apply(part) for part in varied]

    def _targets(self, rows: np.ndarray) -> Tensor:
        if self._alike is not None:
            return self._alike.index_select(0, torch.from_numpy(rows))
        parts = [np.asarray(self.targets[row], np.int64) for row in rows]
        return pad_sequence(
            [torch.from_numpy(part) for part in parts],
            batch_first=not self.by_step,
            padding_value=self.fill,
        )


class _Rows:
    """All steps of all sequences below one another, from which batches are taken in one go."""

    def __init__(self, values: Sequence[np.ndarray], scaling: Scaling) -> None:
        lengths = [len(part) for part in values]
        self.starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        self.end = sum(lengths)  # there, one step of zeros stands for all padding
        padding = np.zeros((1, values[0].shape[1]), np.float32)
        steps = [scaling.apply(np.concatenate(values)), padding]
        self.steps = torch.from_numpy(np.concatenate(steps))

    def side_by_side(self, rows: np.ndarray, lengths: np.ndarray) -> Tensor:
        """Return the sequences of some rows as (T, B, C), zero on padding."""
        times = np.arange(lengths.max())[:, None]
        places = np.where(times < lengths, self.starts[rows] + times, self.end)
        taken = self.steps.index_select(0, torch.from_numpy(places.reshape(-1)))
        return taken.view(*places.shape, -1)


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
    return pad_sequence([torch.from_numpy(part) for part in parts]), torch.from_numpy(lengths)


def in_order(sequences: Sequences, scaling: Scaling, steps: int) -> Iterator[tuple[Any, ...]]:
    """Yield rows, inputs (T, B, C) and lengths (B) of all sequences, alike lengths together.

    Args:
        sequences: the data.
        scaling: of the inputs.
        steps: at most so many steps in a batch, padding included, or one sequence.
    """
    for rows in alike(sequences.lengths, steps):
        parts = [scaling.apply(sequences.values[row]) for row in rows]
        yield rows, *side_by_side(parts)


def hold_out(groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Return which rows are kept apart, (N) booleans: the same share of each group, rounded.

    Example:
        >>> int(hold_out(np.array([0] * 10 + [1] * 20), 0.1, 0).sum())
        3
    """
    draw = np.random.default_rng(seed)
    apart = np.zeros(len(groups), bool)
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        count = min(int(share * len(rows) + 0.5), len(rows) - 1)
        apart[draw.permutation(rows)[:count]] = True
    return apart
