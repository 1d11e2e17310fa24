"""Batches of a text: long streams with a carried state, or documents side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from gatework.errors import DataError, counted
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
            raise DataError(
                f"{counted(tokens, 'token', be=True)} too few for {rows} streams side by side"
            )
        self._epoch: int | None = None
        self._order = self._starts = np.empty(0, np.int64)
        self._shift = 0

    def __len__(self) -> int:
        return -(-self.width // self.steps)

    def batch(self, epoch: int, index: int) -> Batch:
        """Return piece ``index`` of an epoch; only the first starts anew."""
        if epoch != self._epoch:
            self._lay(epoch)
        begin = index * self.steps
        count = min(self.steps, self.width - begin) + 1
        firsts = (self._shift + row * self.width + begin for row in range(self.rows))
        piece = torch.from_numpy(np.stack([self._tokens(first, count) for first in firsts]))
        return Batch(piece[:, :-1].long(), piece[:, 1:].long(), fresh=index == 0)

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
        self._order, self._shift = np.arange(len(self.documents)), 0
        if self.seed is not None:
            draw = np.random.default_rng([self.seed, epoch])
            self._order = draw.permutation(self._order)
            self._shift = int(draw.integers(self.width))
        lengths = [len(self.documents[at]) + 1 for at in self._order]
        self._starts = np.cumsum([0, *lengths])
        self._epoch = epoch

    def _tokens(self, first: int, count: int) -> np.ndarray:
        """Return tokens of the epoch from a place on and around its end, (count).

        They are fetched when they are needed: the text of an epoch is not there twice.
        """
        found = np.full(count, Vocabulary.END, self.documents[0].dtype)
        place, done = first % int(self._starts[-1]), 0
        at = int(np.searchsorted(self._starts, place, side="right")) - 1
        while done < count:
            inside = place - int(self._starts[at])
            done += inside == 0  # END, which is there already
            part = self.documents[self._order[at]][max(inside - 1, 0) :][: count - done]
            found[done : done + len(part)] = part
            done += len(part)
            at = (at + 1) % len(self._order)
            place = int(self._starts[at])
        return found


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
