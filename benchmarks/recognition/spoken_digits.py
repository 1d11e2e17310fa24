"""Spoken digits: 4 speakers, 50 takes of each digit; takes 0 to 4 are the test."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.recognize import SequenceClassifier, Sequences
from gatework.recognize.augment import SoundAugmentation
from gatework.recognize.features.mfcc import Mfcc
from gatework.recognize.readers import default_features, read_files
from recognition import Row, Run, accuracy, data_folder

RATE = 8000
FEATURES = Mfcc(
    rate=RATE,
    window=0.02,
    low=150.0,
    high=3400.0,
    mels=40,
    coefficients=13,
    deltas=2,
    normalise="mean",
    depth=22.0,
)
SETTINGS: dict[str, Any] = {
    "hidden_sizes": (96,),
    "convolutions": "none",
    "pooling": "max",
    "dropout": 0.3,
    "epochs": 40,
    "batch_size": 32,
    "learning_rate": 5e-3,
    "validation": None,
    "augment": SoundAugmentation(tempo=0.15, channel_masks=0),
}


def load(features: Any = FEATURES) -> tuple[Sequences, np.ndarray, np.ndarray]:
    """Return all recordings with their digits, their speakers and their takes.

    Args:
        features: that they are read with; None for those that the command would take.
    """
    paths = sorted((data_folder("fsdd") / "recordings").glob("*.wav"))
    parts = [path.stem.split("_") for path in paths]
    features = features or default_features("sound", paths)
    sounds = read_files(paths, features, labels=[digit for digit, _, _ in parts])
    return sounds, np.array([p[1] for p in parts]), np.array([int(p[2]) for p in parts])


def thinned(places: np.ndarray, run: Run) -> np.ndarray:
    """Return places as they are, or, for a try-out, a few from everywhere."""
    return places[:: max(1, len(places) // 64)] if run.smoke else places


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    sounds, _, takes = load()
    train = sounds.rows(thinned(np.flatnonzero(takes >= 5), run))
    test = sounds.rows(np.flatnonzero(takes < 5))
    settings = run.few(SETTINGS)
    reached, seconds = run.each(
        lambda seed: SequenceClassifier(**settings, seed=seed).fit(train).score(test)
    )
    protocol, goals = "takes 0 to 4 test, 4 speakers", ("98.5 % in 5 min", "99.5 %")
    model = SequenceClassifier(**settings)
    return [accuracy("spoken digits", protocol, goals, reached, seconds, model)]
