"""The 1,797 digits that come with scikit-learn, 8 rows of 8 pixels.

Its usual split, as in its own example: the first half to learn from, the second to be recognised
(largely of other writers); and beside it a quarter at random.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.recognize import SequenceClassifier, Sequences
from gatework.recognize.augment import ImageAugmentation
from gatework.recognize.features.images import Rows
from recognition import Row, Run, accuracy

SETTINGS: dict[str, Any] = {
    "hidden_sizes": (64,),
    "bidirectional": True,
    "pooling": "mean",
    "dropout": 0.2,
    "epochs": 60,
    "batch_size": 32,
    "learning_rate": 0.01,
    "validation": None,
    "augment": ImageAugmentation(shift=0.7, rotation=10, scale=0.1, shear=0.1),
}


def load() -> Sequences:
    """Return the digits as pictures of bytes."""
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    contents = tuple((image * 15.9375).astype(np.uint8) for image in found.images)
    features = Rows(height=8, width=8)
    values = tuple(features(content) for content in contents)
    names = tuple(f"picture {number}" for number in range(len(contents)))
    return Sequences(values, names, tuple(map(str, found.target)), "image", features, contents)


def rows(run: Run) -> list[Row]:
    """Return the rows of both splits."""
    digits, settings = load(), run.few(SETTINGS)
    half = (len(digits) + 1) // 2
    order = np.random.default_rng(0).permutation(len(digits))
    quarter = len(digits) // 4
    splits = {
        "digits of scikit-learn": (
            "first half, second half",
            np.arange(half),
            np.arange(half, len(digits)),
        ),
        "digits of scikit-learn, shuffled": (
            "three quarters, one quarter, at random",
            order[quarter:],
            order[:quarter],
        ),
    }
    found = []
    for name, (protocol, seen, unseen) in splits.items():
        train, test = digits.rows(seen[: run.some(len(seen))]), digits.rows(unseen)

        def fit(seed: int, train: Sequences = train, test: Sequences = test) -> float:
            return SequenceClassifier(**settings, seed=seed).fit(train).score(test)

        reached, seconds = run.each(fit)
        goals = ("97.5 % in 30 s", "99 %")
        model = SequenceClassifier(**settings)
        found.append(accuracy(name, protocol, goals, reached, seconds, model))
    return found
