"""Several networks that learn the same, of which the mean of what they say is told."""

from __future__ import annotations

from typing import Any

from gatework.recognize.augment.usual import FEW
from gatework.recognize.sequences import Sequences


def usual_members(kind: str, count: int) -> int:
    """Return how many networks learn from so many sequences of a kind unless others are asked for.

    Few series of numbers are learned in seconds, so three do.

    Source: Hansen, Salamon 1990, doi:10.1109/34.58871.

    Example:
        >>> usual_members("table", 60), usual_members("table", 5000), usual_members("sound", 60)
        (3, 1, 1)
    """
    return 3 if kind in ("table", "array") and count < FEW else 1


def members_of(estimator: Any, sequences: Sequences) -> int:
    """Return how many networks an estimator has learn from sequences: one where it cannot say."""
    members = getattr(estimator, "members", 1)
    return usual_members(sequences.kind, len(sequences)) if members == "auto" else members
