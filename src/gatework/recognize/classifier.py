"""The classifier: a class for a whole sequence, with probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from torch import nn

from gatework.errors import DataError, OptionError
from gatework.recognize.calibration import fit_temperature, softmax
from gatework.recognize.estimator import SequenceEstimator
from gatework.recognize.losses import ClassLoss, as_weights
from gatework.recognize.sequences import Sequences
from gatework.recognize.stream import ClassStream
from gatework.recognize.targets import Classes, labels_of


@dataclass(eq=False, repr=False, kw_only=True)
class SequenceClassifier(SequenceEstimator):
    """Tell which class a sequence belongs to: a picture, a sound, a text, a measurement.

    Args:
        pooling: what is read off the outputs of the last layer: the "last" state, their "mean" or
            "max", or "attention", a mean with learned weights.
        class_weight: "balanced", so that rare classes count as much as frequent ones; weights by
            class; or None.

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

    pooling: str = "last"
    class_weight: str | Mapping[Any, float] | None = None

    file_kind: ClassVar[str] = "sequence_classifier"
    SKLEARN: ClassVar[str | None] = "classifier"
    TARGETS: ClassVar[Any] = Classes

    @property
    def classes_(self) -> np.ndarray:
        """The classes, sorted."""
        if getattr(self, "targets_", None) is None:
            raise AttributeError("classes_ are known after fit")
        return self.targets_.values

    def problems(self) -> list[str]:
        """Return what is wrong with the arguments, in sentences."""
        return super().problems() + weight_problems(self.class_weight)

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

    def score(self, X: Any, y: Any = None) -> float:
        """Return the share of sequences whose class is recognised."""
        _, sequences = self._ready(X)
        labels = labels_of(given(sequences, y), len(sequences))
        return float(np.mean(self.predict(sequences) == labels))

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
        return ClassStream(self, confidence=confidence, hold=hold, least=least)

    def _take_targets(self, sequences: Sequences, y: Any) -> tuple[Classes, list[Any], Any]:
        labels = labels_of(given(sequences, y), len(sequences))
        classes = Classes.of(labels)
        check_weighted(self.class_weight, classes)
        coded = classes.encode(labels)
        return classes, list(coded), coded

    def _coded(self, sequences: Sequences, y: Any, targets: Classes) -> list[Any]:
        labels = labels_of(given(sequences, y), len(sequences))
        return list(targets.encode(labels))

    def _outputs(self, targets: Classes) -> int:
        return len(targets.values)

    def _loss(self, targets: Classes, coded: list[Any]) -> nn.Module:
        counts = np.bincount(np.array(coded, np.int64), minlength=len(targets.values))
        return ClassLoss(as_weights(weights_of(self.class_weight, targets, counts)))

    def _finish(self, held: Sequences | None, coded: list[Any]) -> None:
        if held is not None:
            self.temperature_ = fit_temperature(np.stack(self._run(held)), np.array(coded))


def given(sequences: Sequences, y: Any) -> Any:
    """Return the targets that were given, or else the labels of the sequences."""
    return sequences.labels if y is None else y


def weight_problems(weights: Any) -> list[str]:
    """Return what is wrong with weights of classes, in sentences."""
    if weights is None or weights == "balanced":
        return []
    if not isinstance(weights, Mapping):
        return [f"class_weight must be 'balanced', weights by class, or None, got {weights!r}"]
    return [
        f"class_weight[{name!r}] must be a number of at least 0, got {weight!r}"
        for name, weight in weights.items()
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight >= 0
    ]


def check_weighted(weights: Any, classes: Classes) -> None:
    """Check that weights are for classes that there are.

    Raises:
        OptionError: when one is not.
    """
    if isinstance(weights, Mapping):
        known = classes.values.tolist()
        unknown = [name for name in weights if name not in known]
        if unknown:
            raise OptionError(
                f"class_weight has {unknown[0]!r}, but the classes are "
                f"{', '.join(map(str, known[:12]))}"
            )
        if all(weights.get(name, 1.0) == 0 for name in known):
            raise DataError("class_weight gives every class 0, so nothing could be learned")


def weights_of(weights: Any, classes: Classes, counts: np.ndarray) -> list[float] | None:
    """Return the weight of each class; those that are not named weigh 1.

    Equations:
        balanced: N / (K count)
    """
    if weights is None:
        return None
    if isinstance(weights, Mapping):
        return [float(weights.get(name, 1.0)) for name in classes.values.tolist()]
    return [float(counts.sum() / (len(counts) * count)) if count else 1.0 for count in counts]
