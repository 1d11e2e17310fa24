"""What the three tasks of MNIST share: 10,000 pictures to learn from, the 10,000 of the test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from gatework.recognize import SequenceClassifier
from gatework.recognize.features.images import Pixels
from gatework.recognize.readers import read_idx
from recognition import Row, Run, accuracy, data_folder, first

SIZE = 28


@dataclass(frozen=True)
class Permuted:
    """Pixels in one order, drawn once, that has nothing to do with where they lie."""

    kind: ClassVar[str] = "permuted"
    reads: ClassVar[str] = "image"
    colour: ClassVar[bool] = False
    channels: ClassVar[int] = 1
    pixels: ClassVar[Pixels] = Pixels(height=SIZE, width=SIZE)
    order: ClassVar[np.ndarray] = np.random.default_rng(0).permutation(SIZE * SIZE)

    def __call__(self, content: Any) -> np.ndarray:
        return self.pixels(content)[self.order]

    def size_for(self, height: int, width: int) -> tuple[int, int]:
        return height, width

    def to_config(self) -> dict[str, Any]:
        return {"kind": self.kind}

    @classmethod
    def from_config(cls, config: Any) -> Permuted:
        return cls()


def task(
    run: Run, name: str, features: Any, settings: dict[str, Any], goals: tuple[str, str]
) -> list[Row]:
    """Return the row of a task."""
    folder = data_folder("mnist")
    train = read_idx(folder / "train10k-images-idx3-ubyte.gz", features=features)
    test = read_idx(folder / "t10k-images-idx3-ubyte.gz", features=features)
    train, test = first(train, run.some(len(train))), first(test, run.some(len(test)))
    settings = run.few(settings)
    reached, seconds = run.each(
        lambda seed: SequenceClassifier(**settings, seed=seed).fit(train).score(test)
    )
    protocol = f"{len(train):,} training pictures, {len(test):,} test, {train.lengths[0]} steps"
    return [accuracy(name, protocol, goals, reached, seconds, SequenceClassifier(**settings))]
