"""The work of a candidate in the comparison of searches, alike for both libraries.

A candidate is one LSTM layer with a linear head on windows of 24 weeks of Los Alamos' system 2,
trained for a fixed number of steps on batches of 32 windows and valued on the last fifth of the
training part. Sizes and learning rates are drawn from the same choices. No early stopping.
"""

from __future__ import annotations

import argparse

WINDOW = 24
HORIZON = 12
BATCH = 32
EPOCHS = 30
HIDDEN = (16, 32, 64)
LEARNING_RATES = (1e-3, 3e-3, 1e-2)
CORES = 2


def steps(train_end: int) -> int:
    """Return the steps of a candidate: EPOCHS passes over the windows of the training part."""
    windows = train_end - WINDOW
    return EPOCHS * -(-windows // BATCH)


def options(doc: str | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--candidates", type=int, default=60)
    return parser.parse_args()


def told(name: str, candidates: int, seconds: float, steps: int) -> str:
    """Return the line that both scripts print."""
    rate = 60 * candidates / seconds
    return (
        f"{name}: {candidates} candidates of {steps} steps in {seconds:.1f} s with start-up, "
        f"{rate:.1f} a minute on {CORES} cores"
    )
