"""What a model file recognises, by the runtime: no torch is needed for it, nor loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.errors import FORGED, DataError, FileFormatError, counted
from gatework.estimator import json_values as js
from gatework.estimator.model_file import Field, Part, Schema
from gatework.recognize.calibration import softmax
from gatework.recognize.coercion import take
from gatework.recognize.ctc import LanguageModel
from gatework.recognize.features import features_from_config
from gatework.recognize.features.base import Features
from gatework.recognize.scaling import Scaling
from gatework.recognize.sequences import alike
from gatework.recognize.stream import ClassStream, NumberStream, TagStream, TextStream
from gatework.recognize.targets import Classes, NumberTargets, Tokens
from gatework.recognize.transcripts import Transcript, transcripts
from gatework.runtime.architecture import numbers
from gatework.runtime.loading import recognizer
from gatework.runtime.recognizer import Recognizer
from gatework.storage import Sealed
from gatework.system.names import AnyPath

TARGETS = {
    "sequence_classifier": Classes,
    "sequence_tagger": Classes,
    "sequence_regressor": NumberTargets,
    "transcriber": Tokens,
}
STREAMS: dict[str, Any] = {
    "sequence_classifier": ClassStream,
    "sequence_tagger": TagStream,
    "sequence_regressor": NumberStream,
    "transcriber": TextStream,
}
STEPS_TOGETHER = 2**13
"""Steps that are run at a time, padding included."""


@dataclass
class PackedRecognizer:
    """What says of sequences what the estimator in a file would.

    Attributes:
        file_kind: of the file.
        model: what runs.
        features_, scaling_, targets_, temperature_: as the estimator has them.
        beam, language_model, alpha, beta: of the search of a transcriber; see Transcriber.
    """

    file_kind: str
    model: Recognizer
    features_: Features | None
    scaling_: Scaling
    targets_: Any
    temperature_: float
    beam: int = 1
    language_model: LanguageModel | None = None
    alpha: float = 0.5
    beta: float = 0.0

    @property
    def classes_(self) -> np.ndarray:
        """The classes, sorted."""
        return self.targets_.values

    @property
    def bidirectional(self) -> bool:
        """Whether it also reads a sequence from its end, so that it cannot stream."""
        return self.model.bidirectional

    def stream(self, **how: Any) -> Any:
        """Return what recognises a sequence while it is coming, as the estimator's ``stream``."""
        return STREAMS[self.file_kind](self.model, self.targets_, **how)

    def predict_proba(self, X: Any) -> Any:
        """Return the probability of each class, (N, K), or of each sequence (T, K)."""
        found = [softmax(told, self.temperature_) for told in self._run(X)]
        return np.stack(found) if self.file_kind == "sequence_classifier" else found

    def predict(self, X: Any) -> Any:
        """Return what each sequence is."""
        told = self._run(X)
        if self.file_kind == "sequence_regressor":
            return self.targets_.decode(np.stack(told))
        if self.file_kind == "transcriber":
            return [one.labels for one in transcripts(told, self.targets_, self)]
        if self.file_kind == "sequence_classifier":
            return self.classes_[np.stack(told).argmax(axis=-1)]
        return [self.classes_[one.argmax(axis=-1)] for one in told]

    def transcribe(self, X: Any) -> list[Transcript]:
        """Return the transcript of each sequence with its score."""
        return transcripts(self._run(X), self.targets_, self)

    def _run(self, X: Any) -> list[np.ndarray]:
        """Return what the network says of each sequence: (O), or (T, O) at every step."""
        sequences = take(X)
        if sequences.channels != self.model.channels:
            raise DataError(
                f"the sequences have {counted(sequences.channels, 'channel')}, but the model "
                f"was fitted to {self.model.channels}",
                hint="the same features as for fit",
            )
        found: list[np.ndarray] = [np.empty(0)] * len(sequences)
        for rows in alike(sequences.lengths, STEPS_TOGETHER):
            lengths = sequences.lengths[rows]
            padded = np.zeros((lengths.max(), len(rows), sequences.channels), np.float32)
            for place, row in enumerate(rows):
                padded[: lengths[place], place] = sequences.values[row]
            told = self.model.outputs_of(padded, lengths)
            for place, row in enumerate(rows):
                every = self.model.plan.pooling is None
                found[row] = told[: lengths[place], place] if every else told[place]
        return found


def packed(sealed: Sealed, path: AnyPath) -> PackedRecognizer:
    """Return what recognises in a sealed file, which is of one of the kinds in TARGETS.

    Raises:
        FileFormatError: when the file is damaged, or holds what cannot be.
    """
    name = os.fsdecode(path)
    model = recognizer(sealed, name)
    config, kind = dict(sealed.config), TARGETS[sealed.kind]
    schema = Schema(
        config={
            "features": Field(js.optional(js.an_object), read=features_from_config),
            "targets": Part(kind.FILE, named=True),
        }
    )
    tensors = {key: numbers(one) for key, one in sealed.tensors.items()}
    try:
        said = schema.read({key: config.get(key) for key in schema.config})
        targets = kind.FILE.build(said.targets, tensors, "targets")
    except FORGED as error:
        fault = getattr(error, "message", error)
        raise FileFormatError(f"{name} has a configuration that is not sound: {fault}") from error
    if said.features is not None and said.features.channels != model.channels:
        raise FileFormatError(
            f"{name} has features of {said.features.channels} channels, and a model of "
            f"{model.channels}"
        )
    scaling = Scaling(tensors["scaling.mean"], tensors["scaling.deviation"])
    return PackedRecognizer(
        sealed.kind, model, said.features, scaling, targets, model.plan.temperature
    )
