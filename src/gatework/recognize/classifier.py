"""The classifier: a class for a whole sequence, with probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import nn

from gatework.checks import checked, one_of, or_auto, whole
from gatework.estimator import takes_old_names
from gatework.recognize.augment.base import Augmentation
from gatework.recognize.calibration import softmax
from gatework.recognize.class_estimator import ClassEstimator
from gatework.recognize.losses import ClassLoss
from gatework.recognize.sequences import Sequences
from gatework.recognize.stream import ClassStream
from gatework.recognize.streaming import running
from gatework.recognize.targets import Classes, labels_of
from gatework.recognize.weights import sample_weights
from gatework.runtime.pooled import POOLINGS
from gatework.runtime.recognizer import CONVOLUTIONS, MOST_MEMBERS


@takes_old_names
@dataclass(eq=False, repr=False, kw_only=True)
class SequenceClassifier(ClassEstimator):
    """Tell which class a sequence belongs to: a picture, a sound, a text, a measurement.

    Args:
        convolutions: windows over a few steps, "beside" the LSTM or "before" it, or "none".
        pooling: what is read off the outputs of the last layer: the "last" state, their "mean" or
            "max", or "attention", a mean with learned weights.
        class_weight: "balanced", so that rare classes count as much as frequent ones; weights by
            class; or None.
        augment: what varies the sequences while training; "auto" is a SeriesAugmentation for fewer
            than 500 series of numbers, and None for others; see gatework.recognize.augment.usual.
        members: networks that are trained, each from weights of its own; the mean of what they say
            is told. "auto" for what gatework.recognize.members.usual_members says.

    The other arguments are those of gatework.recognize.SequenceEstimator.

    Attributes:
        classes_: (K), sorted.

    Example:
        >>> import numpy as np
        >>> draw = np.random.default_rng(0)
        >>> rising = [np.linspace(0, 1, n) + 0.1 * draw.normal(size=n) for n in (8, 9, 12, 10)]
        >>> X = rising + [-part for part in rising]
        >>> y = ["up"] * 4 + ["down"] * 4
        >>> model = SequenceClassifier((8,), epochs=20, validation=None).fit(X, y)
        >>> model.predict([np.linspace(0, 1, 30)]).tolist()
        ['up']
        >>> model.predict_proba(X).shape
        (8, 2)
    """

    convolutions: str = checked("beside", one_of(CONVOLUTIONS))
    pooling: str = checked("mean", one_of(POOLINGS))
    augment: Augmentation | str | None = "auto"
    members: int | str = checked("auto", or_auto(whole(1, MOST_MEMBERS)))

    file_kind: ClassVar[str] = "sequence_classifier"
    EVENLY: ClassVar[bool] = True
    AUTO_AUGMENT: ClassVar[bool] = True
    SKLEARN: ClassVar[str | None] = "classifier"
    OF_A_RUN: ClassVar[tuple[str, ...]] = (*ClassEstimator.OF_A_RUN, "members")

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class of each sequence, (N).

        Raises:
            OptionError: when nothing was fitted. DataError: when X does not fit the model.
        """
        found = np.stack(self._run(X))
        return self.classes_[found.argmax(axis=1)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, (N, K), in the order of ``classes_``.

        Where data were kept apart, calibrated on them by one temperature.
        """
        return softmax(np.stack(self._run(X)), self.temperature_)

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the share of sequences whose class is recognised.

        Each counts as ``sample_weight`` (N) says, or all alike.
        """
        _, sequences = self._ready(X)
        right = self.predict(sequences) == self._given(sequences, y)
        return float(np.average(right, weights=sample_weights(sample_weight, len(right))))

    def stream(self, *, confidence: float | None = None, hold: int = 1, least: int = 1) -> Any:
        """Return what recognises a sequence while it is still coming.

        Args:
            confidence: probability from which a class is decided on; None for no decision before
                the end.
            hold: steps that it must keep that probability.
            least: steps before which nothing is decided.

        Raises:
            OptionError: when nothing was fitted, an argument is out of range, or the network is
                bidirectional and must know the end first.
        """
        return ClassStream(
            running(self), self.targets_, confidence=confidence, hold=hold, least=least
        )

    def _checked(self, given: Any, sequences: Sequences) -> np.ndarray:
        return labels_of(given, len(sequences))

    def _loss(self, targets: Classes, coded: list[Any]) -> nn.Module:
        return ClassLoss(self._weights(targets, np.array(coded, np.int64)))
