"""The tagger: a class for every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import nn

from gatework.errors import DataError, counted
from gatework.estimator import takes_old_names
from gatework.recognize.calibration import softmax
from gatework.recognize.class_estimator import ClassEstimator
from gatework.recognize.losses import NO_LABEL, StepLoss
from gatework.recognize.sequences import Sequences
from gatework.recognize.stream import TagStream
from gatework.recognize.streaming import running
from gatework.recognize.targets import Classes, labels_of
from gatework.recognize.weights import sample_weights


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

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the share of all steps whose class is recognised.

        The steps of each sequence count as ``sample_weight`` (N) says, or all alike.
        """
        _, sequences = self._ready(X)
        right = np.concatenate(self.predict(sequences)) == np.concatenate(self._given(sequences, y))
        weights = sample_weights(sample_weight, len(sequences))
        steps = None if weights is None else np.repeat(weights, sequences.lengths)
        return float(np.average(right, weights=steps))

    def stream(self) -> TagStream:
        """Return what tags a sequence while it is still coming.

        Raises:
            OptionError: when nothing was fitted, or the network is bidirectional.
        """
        return TagStream(running(self), self.targets_)

    def _checked(self, given: Any, sequences: Sequences) -> list[np.ndarray]:
        if len(given) != len(sequences):
            raise DataError(
                f"there are {counted(len(sequences), 'sequence')} but labels of {len(given)}"
            )
        found = []
        for row, (part, steps) in enumerate(zip(given, sequences.lengths, strict=True)):
            if isinstance(part, str) or np.ndim(part) != 1 or len(part) != steps:
                size = len(part) if np.ndim(part) == 1 else 1
                raise DataError(
                    f"y[{row}] must hold one label for each of the {counted(steps, 'step')} of "
                    f"'{sequences.names[row]}', got {size}",
                    hint="SequenceClassifier, for one label a sequence",
                )
            found.append(labels_of(part, int(steps)))
        return found

    def _targets(self, given: Any) -> Classes:
        return super()._targets(np.concatenate(given))

    def _coded(self, sequences: Sequences, given: Any, targets: Classes) -> list[Any]:
        coded = targets.encode(np.concatenate(given))
        return np.split(coded, np.cumsum(sequences.lengths)[:-1])

    def _loss(self, targets: Classes, coded: list[Any]) -> nn.Module:
        return StepLoss(self._weights(targets, np.concatenate(coded)))
