"""Features: how pixels, sound and text become steps of numbers; a part of every model file."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gatework.errors import OptionError

if TYPE_CHECKING:
    from gatework.recognize.features.base import Features

_HOME = {
    "rows": "gatework.recognize.features.images:Rows",
    "columns": "gatework.recognize.features.images:Columns",
    "pixels": "gatework.recognize.features.images:Pixels",
    "strips": "gatework.recognize.features.strips:Strips",
    "log_mel": "gatework.recognize.features.log_mel:LogMel",
    "mfcc": "gatework.recognize.features.mfcc:Mfcc",
    "characters": "gatework.recognize.features.characters:Characters",
    "numbers": "gatework.recognize.features.numbers:Numbers",
}
"""Where the features of each kind live. A file names a kind, never a class or a module."""


def features_from_config(config: Mapping[str, Any]) -> Features:
    """Return the features that a model file tells of.

    Raises:
        OptionError: when the configuration is not one that features write.
    """
    kind = config.get("kind")
    if not isinstance(kind, str) or kind not in _HOME:
        raise OptionError(f"features must be one of {', '.join(_HOME)}, got {kind!r}")
    module, _, name = _HOME[kind].partition(":")
    return getattr(importlib.import_module(module), name).from_config(config)
