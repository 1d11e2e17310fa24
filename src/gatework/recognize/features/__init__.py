"""Features: how pixels, sound and text become steps of numbers; a part of every model file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatework.errors import OptionError
from gatework.recognize.features.base import Features
from gatework.recognize.features.characters import Characters
from gatework.recognize.features.images import Columns, Pixels, Rows
from gatework.recognize.features.mfcc import Mfcc
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.features.sound import LogMel
from gatework.recognize.features.strips import Strips

_KINDS: dict[str, type[Features]] = {
    one.kind: one for one in (Rows, Columns, Pixels, Strips, LogMel, Mfcc, Characters, Numbers)
}
"""The features of each kind. A file names a kind, never a class or a module."""


def features_from_config(config: Mapping[str, Any]) -> Features:
    """Return the features that a model file tells of.

    Raises:
        OptionError: when the configuration is not one that features write.
    """
    kind = config.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise OptionError(f"features must be one of {', '.join(_KINDS)}, got {kind!r}")
    return _KINDS[kind].from_config(config)
