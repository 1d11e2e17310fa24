"""Augmentation: training examples varied anew in each epoch, so that their meaning stays."""

from gatework.recognize.augment.images import ImageAugmentation
from gatework.recognize.augment.series import SeriesAugmentation
from gatework.recognize.augment.sound import SoundAugmentation
from gatework.recognize.augment.text import TextAugmentation

__all__ = ["ImageAugmentation", "SeriesAugmentation", "SoundAugmentation", "TextAugmentation"]
