"""The digits that ``gatework recognize train --demo`` learns: those that scikit-learn ships."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatework.extras import needing
from gatework.recognize.features.images import Rows
from gatework.recognize.sequences import Sequences

DEMO_SETTINGS: dict[str, Any] = {
    "hidden_sizes": (128,),
    "convolutions": "none",
    "pooling": "attention",
    "dropout": 0.3,
    "epochs": 60,
}
"""Of a SequenceClassifier; they were compared on these digits, both halves of them."""
DEMO_VARIED = {
    "shift": 1.0,
    "rotation": 12.0,
    "scale": 0.2,
    "shear": 0.25,
    "elastic": 0.7,
    "smoothness": 3.0,
}
"""Of an ImageAugmentation: how much the digits are varied while they are learned."""


def demo_digits() -> tuple[Sequences, Sequences]:
    """Return 898 digits to learn from and 899 to test on, 8 rows of 8 pixels each.

    The split is that of scikit-learn's example on these digits: the first half to learn from, the
    second, which others wrote, to test on.

    Raises:
        MissingDependencyError: without scikit-learn.

    Source:
        Alpaydin, Kaynak 1998, Optical Recognition of Handwritten Digits, doi:10.24432/C50P49.
    """
    told = "the digits of the demo come with the package scikit-learn"
    with needing("sklearn", told, part="recognize"):
        from sklearn.datasets import load_digits
    found: Any = load_digits()
    pictures = np.round(found["images"] * (255 / 16)).astype(np.uint8)
    rows = Rows(height=8, width=8)
    whole = Sequences(
        tuple(rows(picture) for picture in pictures),
        tuple(f"digit {number}" for number in range(1, len(pictures) + 1)),
        tuple(map(str, found["target"])),
        "image",
        rows,
        tuple(pictures),
    )
    half = len(pictures) // 2
    return whole.rows(range(half)), whole.rows(range(half, len(pictures)))
