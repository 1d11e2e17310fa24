"""The transcriber: a sequence read as a shorter one, speech as words, a line as its letters."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from torch import nn

from gatework.checks import checked, number, refuse, takes_old_names, whole, wrong_fields
from gatework.errors import DataError, counted
from gatework.estimator import base
from gatework.recognize.ctc import LanguageModel, required_steps
from gatework.recognize.estimator import SequenceEstimator
from gatework.recognize.evaluation import error_rate
from gatework.recognize.losses import NO_LABEL, CtcLoss
from gatework.recognize.sequences import Sequences
from gatework.recognize.stream import TextStream
from gatework.recognize.streaming import running
from gatework.recognize.targets import Tokens
from gatework.recognize.transcripts import Transcript, transcripts

MOST_BEAM = 10_000
_RENAMED = {"voice": "language_model"}


@base.takes_old_names
@dataclass(eq=False, repr=False, kw_only=True)
class Transcriber(SequenceEstimator):
    """Read a sequence as a shorter one, without being told where in it each label lies.

    Trained by connectionist temporal classification: the network says at every step a label or
    nothing, and the probability of a transcript is that of all ways to say it.

    Args:
        beam: prefixes that are kept by the search; 1 takes the best path, which is fast.
        language_model: of characters, of gatework.write, that says what is likely to be
            said; it is not a part of the model's file.
        alpha: weight of its log-probabilities.
        beta: bonus of each label, against the preference of a language model for short texts.

    The other arguments are those of gatework.recognize.SequenceEstimator. Transcripts are strings,
    whose characters are the labels, or lists of labels.

    Attributes:
        labels_: all labels that occur, sorted.

    Example:
        >>> import numpy as np
        >>> draw = np.random.default_rng(0)
        >>> texts = ["".join(draw.choice(list("ab"), draw.integers(1, 4))) for _ in range(60)]
        >>> X = [np.repeat([[t == "a", t == "b"] for t in text], 3, axis=0) for text in texts]
        >>> X = [x * np.tile([[0], [1], [0]], (len(x) // 3, 1)) for x in X]
        >>> model = Transcriber((16,), epochs=60, learning_rate=0.03, bidirectional=True)
        >>> model.fit(X, texts).score(X, texts)
        1.0

    Source: Graves, Fernandez, Gomez, Schmidhuber 2006, doi 10.1145/1143844.1143891.
    """

    beam: int = checked(1, whole(1, MOST_BEAM))
    language_model: LanguageModel | None = None
    alpha: float = checked(0.5, number(-1000, 1000))
    beta: float = checked(0.0, number(-1000, 1000))

    file_kind: ClassVar[str] = "transcriber"
    RENAMED: ClassVar[Mapping[str, str]] = {**SequenceEstimator.RENAMED, **_RENAMED}
    TARGETS: ClassVar[Any] = Tokens
    EVERY_STEP: ClassVar[bool] = True
    FILL: ClassVar[int] = NO_LABEL
    LENGTHS: ClassVar[bool] = True

    @property
    def labels_(self) -> tuple[str, ...]:
        """All labels that occur, sorted."""
        if getattr(self, "targets_", None) is None:
            raise AttributeError("labels_ are known after fit")
        return self.targets_.values

    def predict(self, X: Any) -> list[Any]:
        """Return the transcript of each sequence.

        Raises:
            OptionError: when nothing was fitted. DataError: when X does not fit the model.
        """
        return [transcript.labels for transcript in self.transcribe(X)]

    @takes_old_names("Transcriber.transcribe", _RENAMED)
    def transcribe(
        self,
        X: Any,
        *,
        beam: int | None = None,
        language_model: LanguageModel | None = None,
        alpha: float | None = None,
        beta: float | None = None,
    ) -> list[Transcript]:
        """Return the transcript of each sequence with its score.

        Args:
            X: sequences.
            beam: instead of that of the constructor.
            language_model: likewise.
            alpha: likewise.
            beta: likewise.

        Raises:
            OptionError: when nothing was fitted, an argument is out of range, or the language model
                does not know a label. DataError: when X does not fit the model.
        """
        given = {"beam": beam, "language_model": language_model, "alpha": alpha, "beta": beta}
        search = copy.copy(self)
        search.set_params(**{name: one for name, one in given.items() if one is not None})
        refuse(wrong_fields(search))
        return transcripts(self._run(X), self.targets_, search)

    def score(self, X: Any, y: Any = None) -> float:
        """Return 1 less the error rate: edits that mend all transcripts over all true labels."""
        _, sequences = self._ready(X)
        truths = self._given(sequences, y)
        return 1.0 - error_rate([list(map(str, one)) for one in truths], self.predict(sequences))

    def result_names(self) -> tuple[str, ...]:
        """Return the names of what is told at each step: nothing, or one of the labels."""
        return ("nothing", *self.targets_.values)

    def stream(self) -> TextStream:
        """Return what transcribes a sequence while it is still coming, by the best path.

        Raises:
            OptionError: when nothing was fitted, or the network is bidirectional.
        """
        return TextStream(running(self), self.targets_)

    def _checked(self, given: Any, sequences: Sequences) -> list[Any]:
        if isinstance(given, str) or not hasattr(given, "__len__"):
            raise DataError(f"y must be a list of transcripts, got {type(given).__name__}")
        if len(given) != len(sequences):
            raise DataError(
                f"there are {counted(len(sequences), 'sequence')} but "
                f"{counted(len(given), 'transcript')}"
            )
        return [str(one) if isinstance(one, str) else one for one in given]

    def _coded(self, sequences: Sequences, given: Any, targets: Tokens) -> list[Any]:
        coded = super()._coded(sequences, given, targets)
        for row, (labels, steps) in enumerate(zip(coded, sequences.lengths, strict=True)):
            if required_steps(labels) > steps:
                raise DataError(
                    f"'{sequences.names[row]}' has {counted(steps, 'step')}, but its transcript of "
                    f"{counted(len(labels), 'label')} needs {required_steps(labels)} at least",
                    hint="features with more steps, for instance a smaller hop",
                )
        return coded

    def _loss(self, targets: Tokens, coded: list[Any]) -> nn.Module:
        return CtcLoss()
