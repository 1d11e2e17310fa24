"""Copy memory over 500 steps: by memory=500, as usual, and by a plain recurrent network.

Silence is to be said at 510 of 520 steps, so the classes are weighed alike; the error is the
cross-entropy of all steps without weights, over that of whoever remembers nothing.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from gatework.recognize import SequenceTagger
from gatework.recognize.tasks import copy_memory
from gatework.recognize.tasks.copying import baseline
from recognition import Row, Run, memory
from recognition.plain import PlainTagger

STEPS, TRAINING, TEST = 500, 8000, 300
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (128,),
    "epochs": 12,
    "batch_size": 32,
    "learning_rate": 1e-2,
    "class_weight": "balanced",
    "validation": None,
}


def error_of(model: SequenceTagger, X: np.ndarray, y: np.ndarray) -> float:
    """Return the cross-entropy a step."""
    shares = model.predict_proba(X)
    right = [part[np.arange(len(part)), row] for part, row in zip(shares, y, strict=True)]
    return float(-np.log(np.maximum(right, 1e-12)).mean())


def rows(run: Run) -> list[Row]:
    """Return the rows of three networks."""
    steps = 20 if run.smoke else STEPS
    X, y = copy_memory(run.some(TRAINING), steps, seed=1)
    unseen, truth = copy_memory(run.some(TEST), steps, seed=2)
    settings = run.few(SETTINGS)
    models = {
        f"LSTM, memory={steps}": SequenceTagger(**settings, memory=steps),
        "LSTM as usual": SequenceTagger(**settings),
        "plain recurrent network": PlainTagger(**settings),
    }
    found = []
    for name, model in models.items():
        began = time.perf_counter()
        error = error_of(model.fit(X, y), unseen, truth) / baseline(steps)
        seconds = time.perf_counter() - began
        print(f"  {name}: {error:.4f} {seconds:.0f} s", flush=True)
        said = f"128 units, {settings['epochs']} epochs of {len(X):,} sequences, classes alike"
        found.append(memory(f"copy memory, T = {steps}", name, error, seconds, said))
    return found
