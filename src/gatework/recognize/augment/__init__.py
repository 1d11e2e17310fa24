"""Augmentation: training examples varied anew in each epoch, so that their meaning stays."""

from gatework.recognize.augment.images import ImageAugmentation
from gatework.recognize.augment.sound import SoundAugmentation

__all__ = ["ImageAugmentation", "SoundAugmentation"]
