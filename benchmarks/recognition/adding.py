"""The adding problem over 600 steps: by memory=600, as usual, and by a plain recurrent network."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from gatework.recognize import SequenceRegressor
from gatework.recognize.tasks import adding_problem
from gatework.recognize.tasks.adding import BASELINE
from recognition import Row, Run, memory
from recognition.plain import PlainRegressor

STEPS, TRAINING, TEST = 600, 16_000, 1000
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (64,),
    "epochs": 3,
    "batch_size": 32,
    "learning_rate": 5e-3,
    "validation": None,
}


def rows(run: Run) -> list[Row]:
    """Return the rows of three networks."""
    steps = 60 if run.smoke else STEPS
    X, y = adding_problem(run.some(TRAINING), steps, seed=1)
    unseen, truth = adding_problem(run.some(TEST), steps, seed=2)
    settings = run.few(SETTINGS)
    models = {
        f"LSTM, memory={steps}": SequenceRegressor(**settings, memory=steps),
        "LSTM as usual": SequenceRegressor(**settings),
        "plain recurrent network": PlainRegressor(**settings),
    }
    found = []
    for name, model in models.items():
        began = time.perf_counter()
        error = np.square(model.fit(X, y).predict(unseen) - truth).mean() / BASELINE
        seconds = time.perf_counter() - began
        print(f"  {name}: {error:.4f} {seconds:.0f} s", flush=True)
        said = f"64 units, {settings['epochs']} epochs of {len(X):,} sequences, batches of 32"
        found.append(memory(f"adding problem, T = {steps}", name, error, seconds, said))
    return found
