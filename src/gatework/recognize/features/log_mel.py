"""Log-mel energies: how loud a sound is in each band, frame by frame."""

from __future__ import annotations

from typing import ClassVar

from gatework.recognize.features.sound import SoundFeatures


class LogMel(SoundFeatures):
    """The logarithm of the power in each band; see SoundFeatures for all settings.

    Example:
        >>> import numpy as np
        >>> tone = np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)
        >>> LogMel(rate=8000, mels=20)(tone).shape
        (98, 20)
    """

    kind: ClassVar[str] = "log_mel"
