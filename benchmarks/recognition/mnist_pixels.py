"""MNIST pixel by pixel: 784 steps of one pixel, and no look back."""

from __future__ import annotations

from typing import Any

from gatework.recognize.augment import ImageAugmentation
from gatework.recognize.features.images import Pixels
from recognition import Row, Run, mnist

SETTINGS: dict[str, Any] = {
    "hidden_sizes": (128,),
    "bidirectional": False,
    "convolutions": "none",
    "chrono_steps": 30,
    "pooling": "max",
    "dropout": 0.2,
    "epochs": 70,
    "batch_size": 64,
    "learning_rate": 1e-2,
    "validation": None,
    "augment": ImageAugmentation(shift=1, rotation=8, scale=0.08, shear=0.1),
}


def rows(run: Run) -> list[Row]:
    """Return the row of the task."""
    features = Pixels(height=mnist.SIZE, width=mnist.SIZE)
    return mnist.task(run, "MNIST pixels", features, SETTINGS, ("95 % in 30 min", "98 %"))
