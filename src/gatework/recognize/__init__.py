"""Recognising: an LSTM reads images, sound, text and tables as sequences and says what they are.

The names below are loaded when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.lazy import lazily

_HOME = {
    "SequenceClassifier": "gatework.recognize.classifier",
    "SequenceRegressor": "gatework.recognize.regressor",
    "SequenceTagger": "gatework.recognize.tagger",
    "Transcriber": "gatework.recognize.transcriber",
    "evaluate": "gatework.recognize.evaluations",
    "long_memory": "gatework.recognize.memory",
    "read_data": "gatework.recognize.readers",
    "read_files": "gatework.recognize.readers",
    "Sequences": "gatework.recognize.sequences",
}

__all__ = [
    "SequenceClassifier",
    "SequenceRegressor",
    "SequenceTagger",
    "Sequences",
    "Transcriber",
    "evaluate",
    "long_memory",
    "read_data",
    "read_files",
]

if TYPE_CHECKING:
    from gatework.recognize.classifier import SequenceClassifier
    from gatework.recognize.evaluations import evaluate
    from gatework.recognize.memory import long_memory
    from gatework.recognize.readers import read_data, read_files
    from gatework.recognize.regressor import SequenceRegressor
    from gatework.recognize.sequences import Sequences
    from gatework.recognize.tagger import SequenceTagger
    from gatework.recognize.transcriber import Transcriber

__getattr__, __dir__ = lazily(__name__, _HOME)
