"""Gatework: LSTM networks that are fast, open to inspection, and put to work.

The names below are loaded when they are first used, so that ``import gatework`` is instant and
needs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "LSTM": "gatework.network",
    "RNN": "gatework.network",
    "State": "gatework.network",
    "Trace": "gatework.network",
    "accelerate": "gatework.network",
    "save": "gatework.files",
    "load": "gatework.files",
    "Forecaster": "gatework.forecast",
    "GlobalForecaster": "gatework.forecast",
    "LifeEstimator": "gatework.life",
    "Panel": "gatework.forecast",
    "SequenceClassifier": "gatework.recognize",
    "SequenceRegressor": "gatework.recognize",
    "SequenceTagger": "gatework.recognize",
    "Transcriber": "gatework.recognize",
    "read_panel": "gatework.forecast",
    "Watch": "gatework.watch",
    "Writer": "gatework.write",
}
_SUBPACKAGES = {
    "datasets",
    "forecast",
    "life",
    "look",
    "network",
    "recognize",
    "search",
    "train",
    "files",
    "cell",
    "runtime",
    "watch",
    "write",
}

__all__ = [
    "LSTM",
    "RNN",
    "Forecaster",
    "GlobalForecaster",
    "LifeEstimator",
    "Panel",
    "SequenceClassifier",
    "SequenceRegressor",
    "SequenceTagger",
    "State",
    "Trace",
    "Transcriber",
    "Watch",
    "Writer",
    "__version__",
    "accelerate",
    "load",
    "read_panel",
    "save",
]

if TYPE_CHECKING:
    from gatework.files import load, save
    from gatework.forecast import Forecaster, GlobalForecaster, Panel, read_panel
    from gatework.life import LifeEstimator
    from gatework.network import LSTM, RNN, State, Trace, accelerate
    from gatework.recognize import (
        SequenceClassifier,
        SequenceRegressor,
        SequenceTagger,
        Transcriber,
    )
    from gatework.watch import Watch
    from gatework.write import Writer


def __getattr__(name: str) -> Any:
    if name in _SUBPACKAGES:
        return importlib.import_module(f"gatework.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'gatework' has no attribute {name!r}")
    try:
        value = getattr(importlib.import_module(_HOME[name]), name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] == "gatework":
            raise
        from gatework.errors import MissingDependencyError

        raise MissingDependencyError(
            f"gatework.{name} needs the package {error.name!r}, which is not installed",
            hint="pip install 'gatework[forecast]'",
        ) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, *_SUBPACKAGES})
