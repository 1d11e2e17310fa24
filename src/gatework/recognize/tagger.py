"""The tagger: a class for every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import nn

from gatework.errors import DataError
from gatework.estimator import takes_old_names
from gatework.recognize.calibration import fit_temperature, softmax
from gatework.recognize.class_estimator import ClassEstimator
from gatework.recognize.losses import NO_LABEL, StepLoss
from gatework.recognize.sequences import Sequences
from gatework.recognize.stream import TagStream
from gatework.recognize.targets import Classes, labels_of, no_targets


@takes_old_names
@dataclass(eq=False, repr=False, kw_only=True)
class SequenceTagger(ClassEstimator):
    """Tell the class of every step of a sequence: what is spoken, worn, done, at each moment.

    Args:
        class_weight: "balanced", so that rare classes count as much as frequent ones; weights by
            class; or None.

    The other arguments are those of gatework.recognize.SequenceEstimator.

    Attributes:
        classes_: (K), sorted.

    Example:
        >>> import numpy as np
        >>> X = np.random.default_rng(0).normal(size=(40, 6))
        >>> rising = np.where(np.diff(X, axis=1, prepend=0) > 0, "up", "down")
        >>> model = SequenceTagger((8,), epochs=30, learning_rate=0.03).fit(X, rising)
        >>> bool(model.score(X, rising) > 0.8)
        True
    """

    file_kind: ClassVar[str] = "sequence_tagger"
    EVERY_STEP: ClassVar[bool] = True
    TARGETS_BY_STEP: ClassVar[bool] = True
    FILL: ClassVar[int] = NO_LABEL

    def predict(self, X: Any) -> list[np.ndarray]:
        """Return the most probable class of every step, (T) of each sequence.

        Raises:
            OptionError: when nothing was fitted. DataError: when X does not fit the model.
        """
        return [self.classes_[part.argmax(axis=1)] for part in self._run(X)]

    def predict_proba(self, X: Any) -> list[np.ndarray]:
        """Return the probability of each class at every step, (T, K) of each sequence."""
        return [softmax(part, self.temperature_) for part in self._run(X)]

    def score(self, X: Any, y: Any = None) -> float:
        """Return the share of all steps whose class is recognised."""
        _, sequences = self._ready(X)
        labels = step_labels(sequences.given(y), sequences)
        found = np.concatenate(self.predict(sequences))
        return float(np.mean(found == np.concatenate(labels)))

    def stream(self) -> TagStream:
        """Return what tags a sequence while it is still coming.

        Raises:
            OptionError: when nothing was fitted, or the network is bidirectional.
        """
        return TagStream(self)

    def _take_targets(self, sequences: Sequences, y: Any) -> tuple[Classes, list[Any], Any]:
        labels = step_labels(sequences.given(y), sequences)
        classes = self._classes(np.concatenate(labels))
        return classes, _cut(classes, labels), np.zeros(len(labels))

    def _coded(self, sequences: Sequences, y: Any, targets: Classes) -> list[Any]:
        return _cut(targets, step_labels(sequences.given(y), sequences))

    def _loss(self, targets: Classes, coded: list[Any]) -> nn.Module:
        return StepLoss(self._weights(targets, np.concatenate(coded)))

    def _finish(self, held: Sequences | None, coded: list[Any]) -> None:
        if held is not None:
            self.temperature_ = fit_temperature(
                np.concatenate(self._run(held)), np.concatenate(coded)
            )


def _cut(classes: Classes, labels: list[np.ndarray]) -> list[Any]:
    ends = np.cumsum([len(part) for part in labels])[:-1]
    return list(np.split(classes.encode(np.concatenate(labels)), ends))


def step_labels(labels: Any, sequences: Sequences) -> list[np.ndarray]:
    """Return the labels of each sequence, (T).

    Raises:
        DataError: when there is not one for each step; it names the sequence.
    """
    if labels is None:
        raise no_targets()
    if len(labels) != len(sequences):
        raise DataError(f"there are {len(sequences)} sequences but labels of {len(labels)}")
    found = []
    for row, (part, steps) in enumerate(zip(labels, sequences.lengths, strict=True)):
        if isinstance(part, str) or np.ndim(part) != 1 or len(part) != steps:
            size = len(part) if np.ndim(part) == 1 else 1
            raise DataError(
                f"y[{row}] must hold one label for each of the {steps} steps of "
                f"'{sequences.names[row]}', got {size}",
                hint="SequenceClassifier, for one label a sequence",
            )
        found.append(labels_of(part, int(steps)))
    return found
