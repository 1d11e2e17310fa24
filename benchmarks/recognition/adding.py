"""The adding problem over 600 and 2,000 steps, at either number learned from every length up to it.

The error is the mean squared one, over that of whoever always says 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.recognize import SequenceRegressor
from gatework.recognize.tasks import adding_problem
from gatework.recognize.tasks.adding import BASELINE
from recognition import Row, Run
from recognition.delays import of_every_delay
from recognition.lasting import compared
from recognition.plain import PlainRegressor

TRAINING, TEST = 16_000, 1000
LENGTHS = (600, 2000)
SETTINGS: dict[str, Any] = {
    "pooling": "last",
    "hidden_sizes": (64,),
    "epochs": 5,
    "batch_size": 32,
    "learning_rate": 5e-3,
    "validation": None,
}


def rows(run: Run) -> list[Row]:
    """Return the rows of three networks, over either number of steps."""
    found = []
    for longest in LENGTHS:
        steps = longest // 10 if run.smoke else longest
        X, y = of_every_delay(adding_problem, run.some(TRAINING), steps, seed=1)
        unseen, truth = adding_problem(run.some(TEST), steps, seed=2)

        def fit(model: Any, data: Any = (X, y), test: Any = (unseen, truth)) -> float:
            return float(np.square(model.fit(*data).predict(test[0]) - test[1]).mean() / BASELINE)

        found += compared(
            run,
            "adding problem",
            steps,
            SETTINGS,
            (SequenceRegressor, PlainRegressor),
            fit,
            f"{len(X):,} sequences of every length up to T",
        )
    return found
