"""Delayed recall over 500 and 2,000 steps, learned from every delay up to those.

The error is the share of symbols that are recalled wrongly, over that of whoever guesses, 7/8.
"""

from __future__ import annotations

from typing import Any

from gatework.recognize import SequenceClassifier
from gatework.recognize.tasks import delayed_recall
from recognition import Row, Run
from recognition.delays import of_every_delay
from recognition.lasting import compared
from recognition.plain import PlainClassifier

TRAINING, TEST = 8000, 2000
LENGTHS = (500, 2000)
SETTINGS: dict[str, Any] = {
    "pooling": "last",
    "convolutions": "none",
    "hidden_sizes": (64,),
    "epochs": 12,
    "batch_size": 32,
    "learning_rate": 1e-2,
    "validation": None,
}


def rows(run: Run) -> list[Row]:
    """Return the rows of three networks, over either number of steps."""
    found = []
    for longest in LENGTHS:
        steps = longest // 10 if run.smoke else longest
        X, y = of_every_delay(delayed_recall, run.some(TRAINING), steps, seed=1)
        unseen, truth = delayed_recall(run.some(TEST), steps, seed=2)

        def fit(model: Any, data: Any = (X, y), test: Any = (unseen, truth)) -> float:
            return (1 - model.fit(*data).score(*test)) / (7 / 8)

        found += compared(
            run,
            "delayed recall",
            steps,
            SETTINGS,
            (SequenceClassifier, PlainClassifier),
            fit,
            f"{len(X):,} sequences of every delay up to T",
        )
    return found
