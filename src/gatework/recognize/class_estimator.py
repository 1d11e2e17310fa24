"""What the estimators that tell classes share: the classes and their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from gatework.errors import DataError, OptionError
from gatework.recognize.calibration import fit_temperature
from gatework.recognize.estimator import SequenceEstimator
from gatework.recognize.targets import Classes
from gatework.recognize.weights import LabelledPart


@dataclass(eq=False, repr=False, kw_only=True)
class ClassEstimator(SequenceEstimator):
    """The part of SequenceClassifier and SequenceTagger alike."""

    class_weight: str | Mapping[Any, float] | None = None

    TARGETS: ClassVar[Any] = Classes

    @property
    def classes_(self) -> np.ndarray:
        """The classes, sorted."""
        if getattr(self, "targets_", None) is None:
            raise AttributeError("classes_ are known after fit")
        return self.targets_.values

    def problems(self) -> list[str]:
        """Return what is wrong with the arguments, in sentences."""
        weights = self.class_weight
        found = super().problems()
        if weights is None or weights == "balanced":
            return found
        if not isinstance(weights, Mapping):
            said = "'balanced', weights by class, or None"
            return [*found, f"class_weight must be {said}, got {weights!r}"]
        return found + [
            f"class_weight[{name!r}] must be a number of at least 0, got {weight!r}"
            for name, weight in weights.items()
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight >= 0
        ]

    def _targets(self, given: np.ndarray) -> Classes:
        """Return the classes among labels, which all weights must be of.

        Raises:
            OptionError, DataError: when they are not.
        """
        classes, weights = Classes.of(given), self.class_weight
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
        return classes

    def _weights(self, classes: Classes, coded: np.ndarray) -> Tensor | None:
        """Return the weight of each class, (K); those that are not named weigh 1.

        Equations:
            balanced: N / (K count)
        """
        if self.class_weight is None:
            return None
        if isinstance(self.class_weight, Mapping):
            weights = [self.class_weight.get(name, 1.0) for name in classes.values.tolist()]
        else:
            counts = np.bincount(coded, minlength=len(classes.values))
            weights = [counts.sum() / (len(counts) * n) if n else 1.0 for n in counts]
        return torch.tensor(weights, dtype=torch.float32)

    def _finish(self, held: LabelledPart | None) -> None:
        if held is None:
            return
        logits, truth = np.vstack(self._run(held.sequences)), np.hstack(held.coded)
        weights = held.weights
        if weights is not None and self.TARGETS_BY_STEP:
            weights = np.repeat(weights, held.sequences.lengths)
        self.temperature_ = fit_temperature(logits, truth, weights)
