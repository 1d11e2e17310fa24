"""Which of nine speakers said two Japanese vowels: 12 channels, 7 to 29 steps, the given split.

The amounts of the augmentation were chosen on thirds of the training part.
"""

from __future__ import annotations

from typing import Any

from gatework.recognize import SequenceClassifier
from gatework.recognize.augment import SeriesAugmentation
from gatework.recognize.readers import read_ts
from recognition import Row, Run, accuracy, data_folder

SETTINGS: dict[str, Any] = {
    "hidden_sizes": (100,),
    "bidirectional": True,
    "pooling": "mean",
    "dropout": 0.4,
    "epochs": 100,
    "batch_size": 9,
    "learning_rate": 3e-3,
    "weight_decay": 1e-2,
    "validation": None,
    "augment": SeriesAugmentation(noise=0.5, scale=0.3, tempo=0.2, piece=0.5),
}


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    folder = data_folder("ucr") / "JapaneseVowels"
    train, test = (read_ts(folder / f"JapaneseVowels_{part}.ts") for part in ("TRAIN", "TEST"))
    settings = run.few(SETTINGS)
    reached, seconds = run.each(
        lambda seed: SequenceClassifier(**settings, seed=seed).fit(train).score(test)
    )
    protocol = f"given split, {len(train)} and {len(test)}"
    model = SequenceClassifier(**settings)
    return [accuracy("Japanese vowels", protocol, ("97.5 %", "99 %"), reached, seconds, model)]
