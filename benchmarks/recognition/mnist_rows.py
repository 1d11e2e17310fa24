"""MNIST row by row: 28 steps of 28 pixels."""

from __future__ import annotations

from typing import Any

from gatework.recognize.augment import ImageAugmentation
from gatework.recognize.features.images import Rows
from recognition import Row, Run, mnist

SETTINGS: dict[str, Any] = {
    "hidden_sizes": (128,),
    "convolutions": "none",
    "pooling": "max",
    "dropout": 0.3,
    "epochs": 40,
    "batch_size": 64,
    "learning_rate": 6e-3,
    "validation": None,
    "augment": ImageAugmentation(shift=2, rotation=12, scale=0.12, shear=0.15),
}


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    features = Rows(height=mnist.SIZE, width=mnist.SIZE)
    return mnist.task(run, "MNIST rows", features, SETTINGS, ("97.5 % in 5 min", "98.5 %"))
