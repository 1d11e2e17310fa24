"""Copy memory over 500 and 2,000 steps, learned from every delay up to those.

Silence is to be said at all steps but ten, so the classes are weighed alike; the error is the
cross-entropy of all steps without weights, over that of whoever remembers nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.recognize import SequenceTagger
from gatework.recognize.tasks import copy_memory
from gatework.recognize.tasks.copying import baseline
from recognition import Row, Run
from recognition.delays import of_every_delay
from recognition.lasting import compared
from recognition.plain import PlainTagger

TRAINING, TEST = 8000, 300
EPOCHS = {500: 30, 2000: 24}
RATES = {500: 1e-2, 2000: 5e-3}
"""At 1e-2 the gradient through 2,000 steps became infinite in the eighth epoch."""
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (128,),
    "batch_size": 32,
    "class_weight": "balanced",
    "validation": None,
}


def error_of(model: SequenceTagger, X: np.ndarray, y: np.ndarray) -> float:
    """Return the cross-entropy a step."""
    shares = model.predict_proba(X)
    right = [part[np.arange(len(part)), row] for part, row in zip(shares, y, strict=True)]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def rows(run: Run) -> list[Row]:
    """Return the rows of three networks, and of the one that remembers over 2,000 steps."""
    found = []
    for longest, epochs in EPOCHS.items():
        steps = longest // 25 if run.smoke else longest
        X, y = of_every_delay(copy_memory, run.some(TRAINING), steps, seed=1)
        unseen = copy_memory(run.some(TEST), steps, seed=2)

        def fit(model: Any, data: Any = (X, y), unseen: Any = unseen, steps: int = steps) -> float:
            return error_of(model.fit(*data), *unseen) / baseline(steps)

        found += compared(
            run,
            "copy memory",
            steps,
            SETTINGS | {"epochs": epochs, "learning_rate": RATES[longest]},
            (SequenceTagger, PlainTagger if longest == 500 else None),
            fit,
            f"{len(X):,} sequences of every delay up to T, classes alike",
        )
    return found
