"""Sequences that are recognised while they are still coming."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gatework.checks import is_number, must, optional, refuse, whole
from gatework.errors import MissingDependencyError, OptionError, ShapeError
from gatework.network import LSTM, State
from gatework.recognize.calibration import softmax
from gatework.recognize.convolutions import Kept
from gatework.recognize.ctc.greedy import BLANK
from gatework.recognize.pooling import Pooled
from gatework.runtime.architecture import architecture_of
from gatework.runtime.model import Model
from gatework.runtime.native import target
from gatework.runtime.stepper import Stepper
from gatework.storage.torch_tensors import seal

if TYPE_CHECKING:
    from gatework.recognize.estimator import SequenceEstimator


class SequenceStream:
    """One sequence, whose steps are pushed as they come, in pieces of any size.

    Pieces change nothing: what is said after so many steps is what the estimator says of the
    sequence up to there. A step costs the same however many came before.

    Args:
        estimator: a fitted estimator whose network reads in one direction.

    Raises:
        OptionError: when nothing was fitted, or the network is bidirectional.
    """

    def __init__(self, estimator: SequenceEstimator) -> None:
        estimator.check_fitted()
        self.network = estimator.network_.eval()
        self.estimator = estimator
        if estimator.bidirectional:
            raise OptionError(
                "stream() needs a network that reads in one direction, but this one was fitted "
                "with bidirectional=True and reads each sequence from its end, too",
                hint=f"{type(estimator).__name__}(bidirectional=False)",
            )
        self._stepper = packed(self.network.lstm)
        self.restart()

    def restart(self) -> None:
        """Forget what came; the next step begins a new sequence."""
        if self._stepper is not None:
            self._stepper.reset()
        self._state: State | None = None
        self._kept: Kept | None = None
        self._pooled: tuple[Pooled | None, Pooled | None] = (None, None)
        self.steps = 0

    @torch.no_grad()
    def hear(self, steps: Any) -> np.ndarray:
        """Take in the next steps and return what the head says after each, (n, O).

        Shapes:
            steps: (n, C), or (C) for one step; features that are not scaled. n may be 0.

        Raises:
            ShapeError: when they are not of C channels, or not finite; nothing changes then.
        """
        values = self._values(steps)
        if not len(values):
            return np.empty((0, self.network.head.out_features), np.float32)
        inputs, seen = self.estimator.scaling_.apply(values), None
        if self.network.convolutions is not None:
            x = torch.from_numpy(inputs).unsqueeze(1)
            seen, self._kept = self.network.convolutions.running(x, self._kept)
            if self.network.before:
                inputs = np.ascontiguousarray(seen[:, 0].numpy())
        told, self._pooled = self.network.tell(self._layers(inputs), seen, self._pooled)
        self.steps += len(values)
        return told[:, 0].numpy()

    def _layers(self, values: np.ndarray) -> torch.Tensor:
        """Return what the LSTM says of the next steps, (n, 1, F)."""
        if self._stepper is None:
            x = torch.from_numpy(values).unsqueeze(1)
            output, self._state = self.network.lstm(x, self._state)
            return output
        found = np.empty((len(values), self.network.lstm.output_size), np.float32)
        for row, out in zip(values, found, strict=True):
            self._stepper.step(row, out)
        return torch.from_numpy(found).unsqueeze(1)

    def _values(self, steps: Any) -> np.ndarray:
        channels = self.estimator.channels_
        values = np.asarray(steps, np.float32)
        if values.ndim == 1 and values.shape == (channels,):
            values = values[None]
        if values.ndim != 2 or values.shape[1] != channels:
            raise ShapeError(
                f"the steps of a stream must have the shape (n, {channels}), got {values.shape}",
                hint="features made as for fit",
            )
        if not np.isfinite(values).all():
            step, channel = np.argwhere(~np.isfinite(values))[0]
            raise ShapeError(
                f"step {self.steps + step + 1} of the stream, channel {channel + 1}, is not a "
                "finite number"
            )
        return values


def packed(lstm: LSTM) -> Stepper | None:
    """Return what steps with weights that are packed once; None without native kernels.

    A call of the network packs them anew, which for a step or two takes longer than the step.
    """
    try:
        chosen = target()
    except MissingDependencyError:
        return None
    tensors = {name: seal(tensor) for name, tensor in lstm.state_dict().items()}
    architecture = architecture_of("lstm", lstm.to_config())
    return Model.packed(architecture, tensors, "float32", chosen, 1).stepper()


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
        estimator: SequenceEstimator,
        *,
        confidence: float | None = None,
        hold: int = 1,
        least: int = 1,
    ) -> None:
        above = must("from above 0 to 1", lambda value: is_number(value, 0, 1) and value > 0)
        problems = optional(above)("confidence", confidence)
        refuse(problems + whole(1)("hold", hold) + whole(1)("least", least))
        self.confidence, self.hold, self.least = confidence, hold, least
        super().__init__(estimator)
        self.classes = estimator.targets_.values.tolist()

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
        logits = self.hear(steps)
        for place, row in enumerate(logits):
            self._last = softmax(row, self.estimator.temperature_)
            self._consider(before + place + 1)
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
        return self.estimator.targets_.decode(self.hear(steps))


class TagStream(SequenceStream):
    """A sequence that is tagged while it comes; SequenceTagger.stream makes it."""

    def push(self, steps: Any) -> tuple[np.ndarray, np.ndarray]:
        """Take in the next steps; return the class of each, (n), and all probabilities, (n, K).

        Raises:
            ShapeError: when they do not fit the model, or are not finite; nothing changes then.
        """
        shares = softmax(self.hear(steps), self.estimator.temperature_)
        return self.estimator.targets_.values[shares.argmax(axis=1)], shares


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
        return self.estimator.targets_.decode(self._labels)

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
        return self.estimator.targets_.decode(self._labels[known:])
