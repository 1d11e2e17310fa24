"""Sequences: what every reader gives and every estimator takes, whatever the files held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from gatework.errors import DataError, counted
from gatework.recognize.augment.base import Augmentation
from gatework.recognize.features.base import Features

Content = np.ndarray | str
"""What a file holds: pixels (rows, columns), samples of sound (S), a text, numbers (T, C)."""

Label = str | tuple[str, ...]
"""Of a whole sequence: its class, number or transcript; or a tuple, one label a step."""

KINDS = ("image", "sound", "text", "table", "array")


@dataclass(frozen=True, eq=False)
class Sequences:
    """Sequences of any lengths with their names and, where they are known, their labels.

    Attributes:
        values: of each sequence (T, C), float32, finite, T at least 1, C the same for all.
        names: of each sequence: a path, or the number of a row or line.
        labels: of each sequence, or None; see Label.
        kind: one of KINDS.
        features: what made ``values`` from ``contents``; None where there was nothing to make.
        contents: what the files held, for pictures and augmentation; None where that is
            ``values`` itself.
        remarks: what was done to the files on the way, in sentences: resampled, scaled, left out.

    Raises:
        DataError: when parts do not fit together; the message names the sequence.

    Example:
        >>> two = Sequences((np.ones((3, 2)), np.zeros((5, 2))), ("a.wav", "b.wav"), ("yes", "no"))
        >>> len(two), two.channels, two.lengths.tolist(), two.classes
        (2, 2, [3, 5], ('no', 'yes'))
    """

    values: tuple[np.ndarray, ...]
    names: tuple[str, ...]
    labels: tuple[Label, ...] | None = None
    kind: str = "array"
    features: Features | None = None
    contents: tuple[Content, ...] | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.values:
            raise DataError("there is no sequence", hint="give at least one")
        for what, parts in (
            ("names", self.names),
            ("labels", self.labels),
            ("contents", self.contents),
        ):
            if parts is not None and len(parts) != len(self.values):
                raise DataError(
                    f"there are {counted(len(self.values), 'sequence')} but {len(parts)} {what}"
                )
        values = tuple(np.asarray(part, np.float32) for part in self.values)
        object.__setattr__(self, "values", values)
        for name, part in zip(self.names, values, strict=True):
            _check(name, part, values[0].shape[-1] if values[0].ndim == 2 else None, self.names[0])
        for name, part, label in zip(self.names, values, self.labels or (), strict=False):
            if isinstance(label, tuple) and len(label) != len(part):
                raise DataError(
                    f"'{name}' has {counted(len(part), 'step')} but {counted(len(label), 'label')}"
                )

    def __len__(self) -> int:
        return len(self.values)

    @property
    def channels(self) -> int:
        """Return C, the numbers of a step."""
        return self.values[0].shape[1]

    @property
    def lengths(self) -> np.ndarray:
        """Return the steps of each sequence, (N), int64."""
        return np.array([len(part) for part in self.values], np.int64)

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the labels, each once, sorted; () where there are none."""
        found: set[str] = set()
        for label in self.labels or ():
            found.update(label if isinstance(label, tuple) else (label,))
        return tuple(sorted(found))

    def content(self, row: int) -> Content:
        """Return what the file of a sequence held; its values where nothing else is known."""
        return self.values[row] if self.contents is None else self.contents[row]

    def rows(self, rows: Sequence[int] | np.ndarray) -> Sequences:
        """Return some of the sequences."""
        values, names, labels, contents = (
            None if part is None else tuple(part[row] for row in rows)
            for part in (self.values, self.names, self.labels, self.contents)
        )
        return replace(self, values=values, names=names, labels=labels, contents=contents)

    def varied(
        self, rows: Sequence[int] | np.ndarray, augmentation: Augmentation, *, seed: int, epoch: int
    ) -> list[np.ndarray]:
        """Return sequences as they are varied in an epoch of training, each (T, C).

        Each is the same for the same row, seed and epoch, whichever others are asked for.
        """
        draws = [np.random.default_rng((seed, epoch, row)) for row in rows]
        values = [self.values[row] for row in rows]
        if self.contents is not None and self.features is not None:
            contents = [self.contents[row] for row in rows]
            together = getattr(augmentation, "vary_all", None)
            if together is not None and len({np.shape(content) for content in contents}) == 1:
                contents = together(np.stack(cast("list[np.ndarray]", contents)), draws)
            else:
                contents = [
                    augmentation.vary(content, draw)
                    for content, draw in zip(contents, draws, strict=True)
                ]
            values = [self.features(content) for content in contents]
        return [
            augmentation.vary_features(part, draw) for part, draw in zip(values, draws, strict=True)
        ]


def alike(lengths: np.ndarray, steps: int) -> Iterator[np.ndarray]:
    """Yield the rows of all sequences, those of like lengths together.

    Args:
        lengths: of each.
        steps: at most so many are together, padding included, or one sequence.

    Example:
        >>> list(alike(np.array([5, 2, 9, 3]), 10))
        [array([1, 3]), array([0]), array([2])]
    """
    order = np.argsort(lengths, kind="stable")
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and (end + 1 - begin) * lengths[order[end]] <= steps:
            end += 1
        yield order[begin:end]
        begin = end


def _check(name: str, part: np.ndarray, channels: int | None, first: str) -> None:
    if part.ndim != 2:
        raise DataError(f"'{name}' must have the shape (steps, channels), got {part.shape}")
    if not len(part):
        raise DataError(f"'{name}' has no step", hint="leave it out")
    if not part.shape[1]:
        raise DataError(f"'{name}' has no channel")
    if part.shape[1] != channels:
        raise DataError(
            f"'{name}' has {counted(part.shape[1], 'channel')}, but '{first}' has {channels}",
            hint="all sequences need the same channels",
        )
    if not np.isfinite(part).all():
        step, channel = np.argwhere(~np.isfinite(part))[0]
        raise DataError(
            f"'{name}', step {step + 1}, channel {channel + 1}: the value is not a finite number",
            hint="fill the value, or leave the sequence out",
        )
