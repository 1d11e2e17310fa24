"""Batches of a text: long streams with a carried state, or documents side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gatework.errors import DataError
from gatework.train import Batch
from gatework.write.vocabulary import Vocabulary

_PIECE = 1 << 20
"""Tokens that are hashed at a time."""

BUCKET = 64
"""Batches whose documents are sorted by length together, so that little is padding."""


class TokenStreams:
    """Documents one behind the other in new order each epoch, dealt out to streams side by side.

    Each piece goes on where the one before ended, with its state; between two documents stands
    END. The first stream begins at another token each epoch, so that pieces are cut elsewhere.

    Args:
        documents: (T) each, integers.
        rows: B, streams.
        steps: T of a piece; the last one may be shorter.
        seed: of the order; None for the order given, as validation wants it.

    Raises:
        DataError: when there are too few tokens for so many streams.

    Shapes:
        inputs, targets of a batch: (B, T).
    """

    def __init__(
        self, documents: Sequence[np.ndarray], rows: int, steps: int, seed: int | None = None
    ) -> None:
        self.documents, self.rows, self.steps, self.seed = list(documents), rows, steps, seed
        tokens = sum(map(len, self.documents)) + len(self.documents)
        self.width = tokens // rows
        if self.width < 1:
            raise DataError(f"{tokens} tokens are too few for {rows} streams side by side")
        self._epoch: int | None = None
        self._inputs = self._targets = torch.empty(0)

    def __len__(self) -> int:
        return -(-self.width // self.steps)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return piece ``index`` of an epoch; only the first starts anew."""
        if epoch != self._epoch:
            self._lay(epoch)
        piece = slice(index * self.steps, (index + 1) * self.steps)
        inputs, targets = self._inputs[:, piece].long(), self._targets[:, piece].long()
        return Batch(inputs, targets, fresh=index == 0)

    def describe(self) -> dict[str, Any]:
        """Return what identifies the text and its order."""
        return {
            "order": "streams",
            "rows": self.rows,
            "steps": self.steps,
            "seed": self.seed,
            "data": digest(self.documents),
        }

    def _lay(self, epoch: int) -> None:
        order, shift = np.arange(len(self.documents)), 0
        if self.seed is not None:
            draw = np.random.default_rng([self.seed, epoch])
            order = draw.permutation(order)
            shift = int(draw.integers(self.width))
        self._inputs = self._targets = torch.empty(0)  # frees the epoch before
        end = np.array([Vocabulary.END], self.documents[0].dtype)
        whole = _rolled([part for at in order for part in (end, self.documents[at])], shift)
        count = self.rows * self.width
        shape = (self.rows, self.width)
        self._inputs = torch.from_numpy(whole[:count].reshape(shape))
        self._targets = torch.from_numpy(whole[1 : count + 1].reshape(shape))
        self._epoch = epoch


def _rolled(parts: Sequence[np.ndarray], shift: int) -> np.ndarray:
    """Return N tokens from number ``shift`` on around to it again, (N + 1), without a copy more."""
    count = sum(map(len, parts))
    whole = np.empty(count + 1, parts[0].dtype)
    place = -shift % count
    for part in parts:
        fitting = min(len(part), count - place)
        whole[place : place + fitting] = part[:fitting]
        whole[: len(part) - fitting] = part[fitting:]
        place = (place + len(part)) % count
    whole[-1] = whole[0]
    return whole


class DocumentBatches:
    """Whole documents side by side, each from END to END and from a state that has seen nothing.

    Documents of like lengths come together; the order of the batches is drawn each epoch.

    Args:
        documents: (T) each, integers.
        rows: B, documents in a batch; the last one may have fewer.
        seed: of the order; None for the order of lengths, as validation wants it.

    Shapes:
        inputs, targets of a batch: (B, T + 1). lengths: (B).
    """

    def __init__(self, documents: Sequence[np.ndarray], rows: int, seed: int | None = None) -> None:
        self.documents, self.rows, self.seed = list(documents), rows, seed
        self.lengths = np.array([len(document) + 1 for document in self.documents])
        self._epoch: int | None = None
        self._order: list[np.ndarray] = []

    def __len__(self) -> int:
        return -(-len(self.documents) // self.rows)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return batch ``index`` of an epoch."""
        if epoch != self._epoch:
            self._draw(epoch)
        chosen = self._order[index]
        lengths = self.lengths[chosen]
        inputs = np.full((len(chosen), int(lengths.max())), Vocabulary.END)
        targets = inputs.copy()
        for row, at in enumerate(chosen):
            document = self.documents[at]
            inputs[row, 1 : len(document) + 1] = document
            targets[row, : len(document)] = document
        return Batch(torch.from_numpy(inputs), torch.from_numpy(targets), torch.from_numpy(lengths))

    def describe(self) -> dict[str, Any]:
        """Return what identifies the documents and their order."""
        return {
            "order": "documents",
            "rows": self.rows,
            "seed": self.seed,
            "data": digest(self.documents),
        }

    def _draw(self, epoch: int) -> None:
        if self.seed is None:
            order = np.argsort(self.lengths, kind="stable")
            self._order = np.split(order, range(self.rows, len(order), self.rows))
        else:
            draw = np.random.default_rng([self.seed, epoch])
            order = draw.permutation(len(self.documents))
            batches: list[np.ndarray] = []
            for start in range(0, len(order), BUCKET * self.rows):
                near = order[start : start + BUCKET * self.rows]
                near = near[np.argsort(self.lengths[near], kind="stable")]
                batches += np.split(near, range(self.rows, len(near), self.rows))
            self._order = [batches[at] for at in draw.permutation(len(batches))]
        self._epoch = epoch


def digest(documents: Sequence[np.ndarray]) -> str:
    """Return what identifies documents and their order."""
    found = hashlib.sha256()
    for document in documents:
        found.update(len(document).to_bytes(8, "little"))
        for start in range(0, len(document), _PIECE):
            found.update(document[start : start + _PIECE].astype("<i8").tobytes())
    return found.hexdigest()
