"""The training loop that all applications share."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from torch import Tensor, nn

from gatework.allocation import kept_memory
from gatework.checks import number, one_of, optional, refuse, whole
from gatework.train.averaging import NON_MONOTONE, RULE
from gatework.train.batches import Batches
from gatework.train.group import Group
from gatework.train.interrupt import interrupts
from gatework.train.optimizers import (
    CLIP_NORM,
    OPTIMIZERS,
    SCHEDULES,
    OptimizerFactory,
    ScheduleFactory,
)
from gatework.train.progress import Progress
from gatework.train.record import Recorder
from gatework.train.run import History, TrainingRun
from gatework.train.seeding import seeded

Validation = Callable[[nn.Module], float]


class Trainer:
    """Train a model with a loss of torch, an optimiser of torch and early stopping.

    A model is called as ``prediction, state = model(inputs, state, lengths)``; into a batch that
    is not fresh the state of the one before is carried, cut off from its graph (truncated
    backpropagation). The loss is called as ``loss(prediction, targets)``, with the lengths as third
    argument where it has a parameter ``lengths``, as MaskedLoss has.

    Args:
        model: the module to train, in place.
        loss: a loss of torch.nn, or any function that returns a scalar tensor.
        epochs: passes over the data, at most.
        optimizer: "adam", "adamw", "sgd", "rmsprop", or a function of the parameters.
        learning_rate, weight_decay: for the named optimisers; a function sets its own.
        clip_norm: largest norm of the gradient of all parameters together; None for no limit.
        schedule: "constant", "cosine", "step", "exponential", "plateau", "one-cycle", or a
            function of the optimiser; see gatework.train.optimizers.build_schedule.
        patience: epochs without a better validation loss after which the run stops.
        seed: of dropout and every other draw while training; the generators outside are restored.
        checkpoint: path of a checkpoint; a run that finds its own there goes on from it. None
            for none.
        checkpoint_every: steps between checkpoints, beside the one at the end of each epoch; 0
            for no others.
        progress: told after each step and epoch; None for silence.
        group: the processes that train this model together, each with its part of every batch;
            the first of them writes the checkpoints. None for this process alone.
        record: a folder, or a Recorder: losses and snapshots of the weights of every epoch are
            written there, for the film of the training; see gatework.train.Recorder.
        average: validate, and end, with averaged weights: the decay of an exponential average, or
            "non-monotone" for their mean from when validation stops improving; see
            gatework.train.WeightAverage. None for the weights as they are.

    Raises:
        OptionError: when arguments are out of range; all of them at once.

    Example:
        >>> import torch
        >>> from gatework.train import ShuffledBatches
        >>> class Line(torch.nn.Linear):
        ...     def forward(self, x, state=None, lengths=None):
        ...         return super().forward(x), None
        >>> x = torch.linspace(-1, 1, 32).unsqueeze(1)
        >>> trainer = Trainer(Line(1, 1), torch.nn.MSELoss(), epochs=50, learning_rate=0.1)
        >>> history = trainer.fit(ShuffledBatches(x, 2 * x, batch_size=8))
        >>> history.losses[-1] < 0.01
        True

    Source: gradient clipping, Pascanu, Mikolov, Bengio 2013, arXiv:1211.5063.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[..., Tensor],
        *,
        epochs: int,
        optimizer: str | OptimizerFactory = "adam",
        learning_rate: float = 1e-3,
        weight_decay: float = 0.0,
        clip_norm: float | None = 1.0,
        schedule: str | ScheduleFactory | None = None,
        patience: int | None = None,
        seed: int = 0,
        checkpoint: str | os.PathLike[str] | None = None,
        checkpoint_every: int = 0,
        progress: Progress | None = None,
        group: Group | None = None,
        record: str | os.PathLike[str] | Recorder | None = None,
        average: float | str | None = None,
    ) -> None:
        self.model, self.loss, self.epochs = model, loss, epochs
        self.optimizer, self.schedule = optimizer, schedule
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.clip_norm, self.patience, self.seed = clip_norm, patience, seed
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        self.checkpoint_every = checkpoint_every
        self.progress, self.group = progress, group
        if record is not None and not isinstance(record, Recorder):
            record = Recorder(record)
        self.recorder = record
        self.average = average
        refuse(self._problems(), "training cannot begin: ")

    @classmethod
    def of(
        cls, settings: object, model: nn.Module, loss: Callable[..., Tensor], **others: Any
    ) -> Self:
        """Return a trainer with the arguments that settings have as attributes, and others."""
        named = inspect.signature(cls).parameters.keys() - {"model", "loss"}
        given = {name: getattr(settings, name) for name in named if hasattr(settings, name)}
        return cls(model, loss, **given | others)

    def fit(self, batches: Batches, validation: Validation | Batches | None = None) -> History:
        """Train, and leave the model with the weights of the best epoch if there is validation.

        Args:
            batches: the training data.
            validation: batches whose mean loss is the validation loss, or a function of the model
                that returns it; the model is in evaluation mode and no gradients are kept.

        Raises:
            OptionError: when arguments do not fit, or the checkpoint belongs to a run with other
                settings or data.
            FileFormatError: when the checkpoint is damaged.
            ShapeError: when prediction and targets do not fit together.
            TrainingError: when loss, gradient or weights are no longer numbers; the checkpoint is
                as it was before that.
            TrainingInterrupted: after Ctrl-C, when there is a checkpoint; it holds every step
                that was done. A second Ctrl-C does not wait for the end of the step.
        """
        self._check_fit(batches, validation)
        noted = self.checkpoint is not None
        with seeded(self.seed), kept_memory(), interrupts(noted=noted) as pressed:
            run = TrainingRun(self, batches, validation, pressed)
            run.resume()
            if self.group is not None:
                self.group.agree(run.steps, "the step that they go on from")
            try:
                if self.progress is not None:
                    self.progress.start(self.epochs, len(batches), run.steps)
                if self.recorder is not None and (self.group is None or not self.group.rank):
                    self.recorder.begin(self.model, run.position.epoch)
                return run.finish()
            except KeyboardInterrupt:
                if self.checkpoint is None:
                    raise
                raise run.interrupted() from None
            finally:
                if self.progress is not None:
                    self.progress.stop()

    def _check_fit(self, batches: object, validation: object) -> None:
        found = []
        if not isinstance(batches, Batches):
            found.append(f"batches must be ShuffledBatches or alike, got {type(batches).__name__}")
        elif len(batches) < 1:
            found.append("there are no batches to train on")
        if validation is not None and not callable(validation):
            if not isinstance(validation, Batches):
                found.append(
                    "validation must be batches or a function of the model, "
                    f"got {type(validation).__name__}"
                )
            elif len(validation) < 1:
                found.append("there are no batches to validate on")
        if self.patience is not None and validation is None:
            found.append("patience needs validation: pass batches or a function of the model")
        if self.average == NON_MONOTONE and validation is None:
            found.append('average="non-monotone" needs validation: pass batches or a function')
        refuse(found, "training cannot begin: ")

    def _problems(self) -> list[str]:
        found = whole(1)("epochs", self.epochs)
        found += whole(0)("checkpoint_every", self.checkpoint_every)
        found += optional(whole(1))("patience", self.patience)
        found += whole()("seed", self.seed)
        found += number(above=0)("learning_rate", self.learning_rate)
        found += number(0)("weight_decay", self.weight_decay)
        found += CLIP_NORM("clip_norm", self.clip_norm)
        found += one_of(OPTIMIZERS, functions=True)("optimizer", self.optimizer)
        found += optional(one_of(SCHEDULES, functions=True))("schedule", self.schedule)
        found += RULE("average", self.average)
        if self.checkpoint_every and self.checkpoint is None:
            found.append("checkpoint_every needs a checkpoint path")
        if not callable(self.loss):
            found.append(f"loss must be a function, got {type(self.loss).__name__}")
        if not isinstance(self.model, nn.Module):
            found.append(f"model must be a torch.nn.Module, got {type(self.model).__name__}")
        elif not any(p.requires_grad for p in self.model.parameters()):
            found.append("the model has no parameters to train")
        return found
