"""Lines of 4 to 10 digits of MNIST, read by CTC.

Digits stand side by side, from 8 pixels over one another (most of which is margin) to 6 pixels
apart. Lines to learn from are of the 10,000 training pictures, those of the test of the test's.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.recognize import Sequences, Transcriber
from gatework.recognize.augment import ImageAugmentation
from gatework.recognize.features.strips import Strips
from gatework.recognize.readers import read_idx
from recognition import Row, Run, accuracy, data_folder

TRAINING, TEST = 6000, 1000
FEATURES = Strips(height=28, columns=4, hop=2)
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (128,),
    "bidirectional": True,
    "dropout": 0.3,
    "epochs": 30,
    "batch_size": 32,
    "learning_rate": 5e-3,
    "validation": None,
    "beam": 8,
    "augment": ImageAugmentation(shift=1, rotation=1, scale=0.05, shear=0.2),
}


def lines(pictures: Sequences, count: int, seed: int) -> Sequences:
    """Return lines of pictures, with their digits as transcripts."""
    draw = np.random.default_rng(seed)
    contents, labels = [], []
    for _ in range(count):
        chosen = draw.integers(0, len(pictures), draw.integers(4, 11))
        line, end, text = np.zeros((28, 400), np.uint8), int(draw.integers(0, 5)), ""
        for row in chosen:
            picture = np.asarray(pictures.content(int(row)))
            begin = max(0, end + int(draw.integers(-8, 7)))
            part = line[:, begin : begin + 28]
            np.maximum(part, picture, out=part)
            end = begin + 28
            text += str((pictures.labels or ())[row])
        contents.append(line[:, : end + int(draw.integers(0, 5))].copy())
        labels.append(text)
    values = tuple(FEATURES(content) for content in contents)
    names = tuple(f"line {number}" for number in range(count))
    return Sequences(values, names, tuple(labels), "image", FEATURES, tuple(contents))


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    folder = data_folder("mnist")
    train = lines(read_idx(folder / "train10k-images-idx3-ubyte.gz"), run.some(TRAINING), seed=1)
    test = lines(read_idx(folder / "t10k-images-idx3-ubyte.gz"), run.some(TEST), seed=2)
    settings = run.few(SETTINGS)
    reached, seconds = run.each(
        lambda seed: 1 - Transcriber(**settings, seed=seed).fit(train).score(test)
    )
    name = "text lines of 4 to 10 digits of MNIST, digit error rate"
    protocol = f"{len(train):,} lines of training pictures, {len(test):,} of the test's"
    model = Transcriber(**settings)
    return [accuracy(name, protocol, ("3 %", "1 %"), reached, seconds, model)]
