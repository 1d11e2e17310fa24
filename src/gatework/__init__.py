"""Gatework: LSTM networks that are fast, open to inspection, and put to work.

The names below are loaded when they are first used, so that ``import gatework`` is instant and
needs no torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.lazy import lazily

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

__getattr__, __dir__ = lazily(__name__, _HOME, _SUBPACKAGES)
