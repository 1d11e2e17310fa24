"""Sequences that are recognised while they are still coming; nothing here needs torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatework.checks import is_number, must, optional, refuse, whole
from gatework.errors import ShapeError
from gatework.recognize.ctc.greedy import BLANK
from gatework.runtime.recognizer import Recognizer


class SequenceStream:
    """One sequence, whose steps are pushed as they come, in pieces of any size.

    Pieces change nothing: what is said after so many steps is what the estimator says of the
    sequence up to there. A step costs the same however many came before.

    Args:
        model: what runs, in one direction.
        targets: what it tells, as the estimator has them.
    """

    def __init__(self, model: Recognizer, targets: Any) -> None:
        self.channels, self.targets, self._stream = model.channels, targets, model.stream()
        self.restart()

    def restart(self) -> None:
        """Forget what came; the next step begins a new sequence."""
        self._stream.restart()
        self.steps = 0

    def hear(self, steps: Any) -> np.ndarray:
        """Take in the next steps and return what is told after each, probabilities or numbers.

        Shapes:
            steps: (n, C), or (C) for one step; features that are not scaled. n may be 0.

        Raises:
            ShapeError: when they are not of C channels, or not finite; nothing changes then.
        """
        values = self._values(steps)
        self.steps += len(values)
        return self._stream.push(values)

    def _values(self, steps: Any) -> np.ndarray:
        values = np.asarray(steps, np.float32)
        if values.ndim == 1 and values.shape == (self.channels,):
            values = values[None]
        if values.ndim != 2 or values.shape[1] != self.channels:
            raise ShapeError(
                f"the steps of a stream must have the shape (n, {self.channels}), "
                f"got {values.shape}",
                hint="features made as for fit",
            )
        if not np.isfinite(values).all():
            step, channel = np.argwhere(~np.isfinite(values))[0]
            raise ShapeError(
                f"step {self.steps + step + 1} of the stream, channel {channel + 1}, is not a "
                "finite number"
            )
        return values


@dataclass(frozen=True)
class ClassReading:
    """What a classifier says of a sequence so far.

    Attributes:
        label: the most probable class; once decided, the one that was decided on.
        probability: of it, now.
        probabilities: of each class, (K).
        steps: that came.
        decided: the step after which the decision fell; None while there is none.
    """

    label: Any
    probability: float
    probabilities: np.ndarray
    steps: int
    decided: int | None


class ClassStream(SequenceStream):
    """A sequence that is classified while it is still coming; SequenceClassifier.stream makes it.

    A network that has only learned whole sequences may be too sure of beginnings: ``least`` and
    ``hold`` make it wait.
    """

    def __init__(
        self,
        model: Recognizer,
        targets: Any,
        *,
        confidence: float | None = None,
        hold: int = 1,
        least: int = 1,
    ) -> None:
        above = must("from above 0 to 1", lambda value: is_number(value, 0, 1) and value > 0)
        problems = optional(above)("confidence", confidence)
        refuse(problems + whole(1)("hold", hold) + whole(1)("least", least))
        self.confidence, self.hold, self.least = confidence, hold, least
        self.classes = targets.values.tolist()
        super().__init__(model, targets)

    def restart(self) -> None:
        """Forget what came; the next step begins a new sequence."""
        super().restart()
        self._held, self._candidate = 0, -1
        self._decided: int | None = None
        self._chosen = -1

    def push(self, steps: Any) -> ClassReading | None:
        """Take in the next steps and return what is known after them; None before the first.

        Shapes:
            steps: (n, C), or (C) for one step.

        Raises:
            ShapeError: when they do not fit the model, or are not finite; nothing changes then.
        """
        before = self.steps
        for place, shares in enumerate(self.hear(steps), start=1):
            self._last = shares
            self._consider(before + place)
        if not self.steps:
            return None
        chosen = int(self._last.argmax()) if self._decided is None else self._chosen
        return ClassReading(
            self.classes[chosen], float(self._last[chosen]), self._last, self.steps, self._decided
        )

    def _consider(self, step: int) -> None:
        if self._decided is not None:
            return
        best = int(self._last.argmax())
        bar = math.inf if self.confidence is None else self.confidence
        sure = self._last[best] >= bar and step >= self.least
        self._held = self._held + 1 if sure and best == self._candidate else int(sure)
        self._candidate = best
        if self._held >= self.hold:
            self._decided, self._chosen = step, best


class NumberStream(SequenceStream):
    """A sequence whose number is told while it comes; SequenceRegressor.stream makes it."""

    def push(self, steps: Any) -> np.ndarray:
        """Take in the next steps and return the number after each of them, (n) or (n, O).

        Raises:
            ShapeError: when they do not fit the model, or are not finite; nothing changes then.
        """
        return self.hear(steps)


class TagStream(SequenceStream):
    """A sequence that is tagged while it comes; SequenceTagger.stream makes it."""

    def push(self, steps: Any) -> tuple[np.ndarray, np.ndarray]:
        """Take in the next steps; return the class of each, (n), and all probabilities, (n, K).

        Raises:
            ShapeError: when they do not fit the model, or are not finite; nothing changes then.
        """
        shares = self.hear(steps)
        return self.targets.values[shares.argmax(axis=1)], shares


class TextStream(SequenceStream):
    """A sequence that is transcribed while it comes; Transcriber.stream makes it.

    Attributes:
        text: the transcript so far, as ``predict`` of a greedy Transcriber gives it.
    """

    def restart(self) -> None:
        """Forget what came; the next step begins a new sequence."""
        super().restart()
        self._before = BLANK
        self._labels: list[int] = []

    @property
    def text(self) -> Any:
        """The transcript so far."""
        return self.targets.decode(self._labels)

    def push(self, steps: Any) -> Any:
        """Take in the next steps and return what they add to the transcript.

        Raises:
            ShapeError: when they do not fit the model, or are not finite; nothing changes then.
        """
        known = len(self._labels)
        for label in self.hear(steps).argmax(axis=1).tolist():
            if label not in (BLANK, self._before):
                self._labels.append(label)
            self._before = label
        return self.targets.decode(self._labels[known:])
