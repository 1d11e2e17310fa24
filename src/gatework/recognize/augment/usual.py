"""What varies sequences unless something else is asked for."""

from __future__ import annotations

from gatework.recognize.augment.base import Augmentation
from gatework.recognize.augment.series import SeriesAugmentation
from gatework.recognize.sequences import Sequences

FEW = 500
"""Series that are as many as this are not varied: they vary enough by themselves."""


def usual(kind: str, count: int) -> Augmentation | None:
    """Return what varies so many sequences of a kind, None where nothing does.

    Few series of numbers get noise as rough as they are, and other sizes: of what was tried so much
    was best on thirds of the training parts of three sets of the UCR archive, one setting for all.

    Example:
        >>> usual("table", 60).noise
        1.0
    """
    if kind in ("table", "array") and count < FEW:
        return SeriesAugmentation(noise=1.0, scale=0.1)
    return None


def chosen(augment: Augmentation | str | None, sequences: Sequences) -> Augmentation | None:
    """Return what varies sequences where ``augment`` is asked for, of which "auto" is the usual."""
    if isinstance(augment, str):
        return usual(sequences.kind, len(sequences))
    return augment
