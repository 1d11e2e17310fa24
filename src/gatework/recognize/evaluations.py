"""Evaluating a model of any kind on labelled sequences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, counted
from gatework.recognize.evaluation import Edits, Evaluation, Share, class_numbers, edits, wilson
from gatework.recognize.sequences import Sequences


@dataclass(frozen=True, eq=False)
class Transcribed:
    """How well a Transcriber does.

    Attributes:
        names: of the sequences.
        truths: what should have been read, of each.
        heard: what was.
    """

    names: tuple[str, ...]
    truths: tuple[str, ...]
    heard: tuple[str, ...]

    @cached_property
    def edits(self) -> list[Edits]:
        """What turns each truth into what was heard."""
        return [edits(truth, heard) for truth, heard in zip(self.truths, self.heard, strict=True)]

    @property
    def tokens(self) -> int:
        """Return how many labels all truths have."""
        return sum(map(len, self.truths))

    @property
    def total(self) -> Edits:
        """Return all edits, added up."""
        return Edits(*(sum(part) for part in zip(*self.edits, strict=True)))

    @property
    def error_rate(self) -> float:
        """Return edits over labels."""
        return self.total.total / self.tokens

    def whole(self, level: float = 0.95) -> Share:
        """Return the share of transcripts without any error, with Wilson's interval."""
        return wilson(sum(not edit.total for edit in self.edits), len(self.edits), level)

    def worst(self, most: int = 24) -> np.ndarray:
        """Return the sequences with the most edits over their labels; right ones are left out."""
        sizes = np.array([max(1, len(truth)) for truth in self.truths])
        rates = np.array([edit.total for edit in self.edits]) / sizes
        wrong = np.flatnonzero(rates)
        return wrong[np.argsort(-rates[wrong], kind="stable")][:most]


@dataclass(frozen=True, eq=False)
class Numeric:
    """How well a SequenceRegressor does.

    Attributes:
        names: of the sequences.
        truth: (N).
        predicted: (N).
    """

    names: tuple[str, ...]
    truth: np.ndarray
    predicted: np.ndarray

    @property
    def rmse(self) -> float:
        """Return the root of the mean squared error."""
        return float(np.sqrt(np.mean((self.predicted - self.truth) ** 2)))

    @property
    def mae(self) -> float:
        """Return the mean absolute error."""
        return float(np.abs(self.predicted - self.truth).mean())

    @property
    def explained(self) -> float:
        """Return R^2, 1 less the squared error over that of the mean; 0 where nothing varies."""
        spread = float(((self.truth - self.truth.mean()) ** 2).sum())
        return 1 - float(((self.predicted - self.truth) ** 2).sum()) / spread if spread else 0.0

    def worst(self, most: int = 24) -> np.ndarray:
        """Return the sequences with the largest errors."""
        return np.argsort(-np.abs(self.predicted - self.truth), kind="stable")[:most]


def evaluate(model: Any, sequences: Sequences) -> Evaluation | Transcribed | Numeric:
    """Return how well a fitted model does on labelled sequences.

    Args:
        model: a SequenceClassifier, SequenceTagger, Transcriber or SequenceRegressor.
        sequences: with labels: texts, as readers give them.

    Raises:
        DataError: when labels are missing, of the wrong form, or unknown to the model.
        OptionError: when the model is of another kind, or not fitted.
    """
    if sequences.labels is None:
        raise DataError(
            "the sequences have no labels to hold the answers against",
            hint="a folder for each class, or a column of labels",
        )
    kind = getattr(model, "file_kind", "")
    if kind in ("sequence_classifier", "sequence_tagger"):
        whole = kind == "sequence_classifier"
        labels, names = (_whole(sequences), sequences.names) if whole else _steps(sequences)
        classes = tuple(map(str, model.classes_.tolist()))
        truth = class_numbers(labels, names, classes)
        return Evaluation(classes, names, truth, np.vstack(model.predict_proba(sequences)))
    if kind == "transcriber":
        truths = _whole(sequences)
        if not any(truths):
            raise DataError("all true transcripts are empty")
        if model.targets_.joined:
            _check_letters(truths, sequences, model.targets_.values)
        heard = tuple(map("".join, model.predict(sequences)))
        return Transcribed(sequences.names, tuple(truths), heard)
    if kind == "sequence_regressor":
        truth = label_numbers(sequences)
        if (outputs := model.targets_.outputs) > 1:
            raise DataError(
                f"the model tells {counted(outputs, 'number')} of each sequence, and a label "
                f"is one",
                hint="model.score(X, y), with y of the shape (N, O)",
            )
        predicted = np.asarray(model.predict(sequences), np.float64).ravel()
        return Numeric(sequences.names, truth, predicted)
    raise OptionError(f"a {type(model).__name__} recognises nothing")


def label_numbers(sequences: Sequences) -> np.ndarray:
    """Return labels that are numbers, (N).

    Raises:
        DataError: when one is not; it is named with its sequence.
    """
    found = []
    for name, label in zip(sequences.names, sequences.labels or (), strict=True):
        try:
            found.append(float(label) if isinstance(label, str) else np.nan)
        except ValueError:
            found.append(np.nan)
        if not np.isfinite(found[-1]):
            raise DataError(
                f"'{name}' has the label {label!r}, which is no number",
                hint="a number for each sequence; for classes, --task class",
            )
    return np.array(found)


def _check_letters(truths: Sequence[str], sequences: Sequences, known: Sequence[str]) -> None:
    """Refuse true transcripts with a letter that the model cannot write.

    Raises:
        DataError: when there is one; it is named with its sequence.
    """
    for name, truth in zip(sequences.names, truths, strict=True):
        if unseen := sorted(set(truth) - set(known)):
            raise DataError(
                f"'{name}' has {unseen[0]!r} in its transcript, which the model has not learned",
                hint=f"it knows {''.join(known)[:80]!r}",
            )


def _steps(sequences: Sequences) -> tuple[list[str], tuple[str, ...]]:
    """Return the label and the name of each step."""
    labels, names = [], []
    for name, label, steps in zip(
        sequences.names, sequences.labels or (), sequences.lengths, strict=True
    ):
        labels += [label] * int(steps) if isinstance(label, str) else list(label)
        names += [f"{name}, step {step + 1}" for step in range(int(steps))]
    return labels, tuple(names)


def _whole(sequences: Sequences) -> list[str]:
    """Return one label a sequence.

    Raises:
        DataError: when a sequence has a label for each step.
    """
    found = []
    for name, label in zip(sequences.names, sequences.labels or (), strict=True):
        if not isinstance(label, str):
            raise DataError(
                f"'{name}' has a label for each step, but the model gives one a sequence",
                hint="--task tags, when training",
            )
        found.append(label)
    return found
