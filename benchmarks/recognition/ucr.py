"""Sets of the UCR and UEA archives, all with the usual settings: the given splits, several seeds.

Whether convolutions stand beside the LSTM or before it, and whether the series are varied, was
chosen on thirds of the training parts alone.
"""

from __future__ import annotations

from typing import Any

from gatework.recognize import SequenceClassifier
from gatework.recognize.baseline import nearest
from gatework.recognize.readers import read_ts
from recognition import Row, Run, accuracy, data_folder

SETS = {
    "ItalyPowerDemand": "96.5 %",
    "JapaneseVowels": "98.5 %",
    "BasicMotions": "97.5 %",
    "GunPoint": "99 %",
    "ArrowHead": "84 %",
}


def rows(run: Run) -> list[Row]:
    """Return a row for each set, and print it as soon as it is known."""
    settings, found = run.few({}), []
    for name, goal in SETS.items():
        parts = [data_folder("ucr") / name / f"{name}_{part}.ts" for part in ("TRAIN", "TEST")]
        train, test = map(read_ts, parts)
        neighbour = nearest(train, test).share.value

        def fit(seed: int, train: Any = train, test: Any = test) -> float:
            return SequenceClassifier(**settings, seed=seed).fit(train).score(test)

        reached, seconds = run.each(fit)
        said = f"given split, {len(train)} and {len(test)} (nearest neighbour: {neighbour:.1%})"
        model = SequenceClassifier(**settings)
        goals = (goal, "90 %" if name == "ArrowHead" else "")
        found.append(accuracy(name, said, goals, reached, seconds, model))
        print("  | " + " | ".join(found[-1].cells[:6]) + " |", flush=True)
    return found
