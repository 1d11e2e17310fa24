"""The 1,797 digits that come with scikit-learn, 8 rows of 8 pixels, by the settings of the demo.

Its usual split, as in its own example: the first half to learn from, the second to be recognised
(others wrote them); and beside it a quarter at random. The settings were chosen on the last fifth
of the first half.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.demo.digits import DEMO_SETTINGS, DEMO_VARIED, demo_digits
from gatework.recognize import SequenceClassifier, Sequences
from gatework.recognize.augment import ImageAugmentation
from recognition import Row, Run, accuracy

SETTINGS: dict[str, Any] = {
    **DEMO_SETTINGS,
    "validation": None,
    "augment": ImageAugmentation(**DEMO_VARIED),
}


def joined(one: Sequences, other: Sequences) -> Sequences:
    """Return the pictures of both."""
    return Sequences(
        one.values + other.values,
        one.names + other.names,
        (one.labels or ()) + (other.labels or ()),
        one.kind,
        one.features,
        (one.contents or ()) + (other.contents or ()),
    )


def rows(run: Run) -> list[Row]:
    """Return the rows of both splits."""
    first, second = demo_digits()
    whole, settings = joined(first, second), run.few(SETTINGS)
    order = np.random.default_rng(0).permutation(len(whole))
    quarter = len(whole) // 4
    shuffled = whole.rows(order[quarter:]), whole.rows(order[:quarter])
    splits = (
        ("digits of scikit-learn", "first half, second half", first, second),
        ("digits of scikit-learn, shuffled", "three quarters, one quarter, at random", *shuffled),
    )
    found = []
    for name, protocol, train, test in splits:
        seen = train.rows(range(run.some(len(train))))

        def fit(seed: int, seen: Sequences = seen, test: Sequences = test) -> float:
            return SequenceClassifier(**settings, seed=seed).fit(seen).score(test)

        reached, seconds = run.each(fit)
        goals = ("97.5 % in 30 s", "99 %")
        model = SequenceClassifier(**settings)
        found.append(accuracy(name, protocol, goals, reached, seconds, model))
    return found
