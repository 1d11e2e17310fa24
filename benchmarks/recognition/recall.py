"""Delayed recall over 500 steps: by memory=500, as usual, and by a plain recurrent network.

The error is the share of symbols that are recalled wrongly, over that of whoever guesses, 7/8.
"""

from __future__ import annotations

import time
from typing import Any

from gatework.recognize import SequenceClassifier
from gatework.recognize.tasks import delayed_recall
from recognition import Row, Run, memory
from recognition.plain import PlainClassifier

STEPS, TRAINING, TEST = 500, 16_000, 2000
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (64,),
    "epochs": 4,
    "batch_size": 32,
    "learning_rate": 1e-2,
    "schedule": "constant",
    "validation": None,
}


def rows(run: Run) -> list[Row]:
    """Return the rows of three networks."""
    steps = 50 if run.smoke else STEPS
    X, y = delayed_recall(run.some(TRAINING), steps, seed=1)
    unseen, truth = delayed_recall(run.some(TEST), steps, seed=2)
    settings = run.few(SETTINGS)
    models = {
        f"LSTM, memory={steps}": SequenceClassifier(**settings, memory=steps),
        "LSTM as usual": SequenceClassifier(**settings),
        "plain recurrent network": PlainClassifier(**settings),
    }
    found = []
    for name, model in models.items():
        began = time.perf_counter()
        error = (1 - model.fit(X, y).score(unseen, truth)) / (7 / 8)
        seconds = time.perf_counter() - began
        print(f"  {name}: {error:.4f} {seconds:.0f} s", flush=True)
        said = f"64 units, {settings['epochs']} epochs of {len(X):,} sequences, batches of 32"
        found.append(memory(f"delayed recall, T = {steps}", name, error, seconds, said))
    return found
