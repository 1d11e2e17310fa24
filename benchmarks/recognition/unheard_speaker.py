"""Spoken digits by a speaker who was never heard: one of four left out, the mean of all four.

Features and augmentation were chosen without George: on Jackson, Lucas and Nicolas, each recognised
by what the other two taught.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.recognize import SequenceClassifier
from gatework.recognize.augment import SoundAugmentation
from recognition import Row, Run, accuracy
from recognition.spoken_digits import SETTINGS as KNOWN
from recognition.spoken_digits import load, thinned

SETTINGS: dict[str, Any] = KNOWN | {
    "dropout": 0.5,
    "epochs": 30,
    "augment": SoundAugmentation(speed=0.2, tempo=0.25, noise=8.0, channel_masks=0),
}


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    sounds, speakers, _ = load()
    settings = run.few(SETTINGS)

    def fit(seed: int) -> float:
        found = []
        for speaker in np.unique(speakers):
            train = sounds.rows(thinned(np.flatnonzero(speakers != speaker), run))
            test = sounds.rows(np.flatnonzero(speakers == speaker))
            found.append(SequenceClassifier(**settings, seed=seed).fit(train).score(test))
            print(f"    without {speaker}: {found[-1]:.4f}", flush=True)
        return float(np.mean(found))

    reached, seconds = run.each(fit)
    model = SequenceClassifier(**settings)
    name, protocol = "spoken digits, a speaker never heard", "one speaker left out, mean of 4"
    return [accuracy(name, protocol, ("85 %", "95 %"), reached, seconds, model)]
