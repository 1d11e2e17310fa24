"""The training loop that all applications share."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gatework.errors import OptionError, TrainingError
from gatework.train import optimizers
from gatework.train.batches import Batch, Batches
from gatework.train.checkpoint import read_checkpoint, write_checkpoint
from gatework.train.optimizers import OptimizerFactory, ScheduleFactory
from gatework.train.progress import Progress
from gatework.train.seeding import generator_states, restore_generators, seeded
from gatework.train.tree import copy_tensors

Validation = Callable[[nn.Module], float]


@dataclass
class History:
    """What a run has gone through.

    Attributes:
        losses: mean training loss of each epoch.
        validation: validation loss after each epoch; empty without validation.
        best_epoch: number of the epoch, from 1, whose weights the model has at the end: the one
            with the least validation loss; None without validation.
        stopped: "epochs", or "patience" when validation had not improved for long enough.
    """

    losses: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)
    best_epoch: int | None = None
    stopped: str = "epochs"


@dataclass
class _Position:
    """Where a run is: all that changes from step to step beside weights and generators."""

    epoch: int = 0
    index: int = 0
    total: float = 0.0  # of the losses of this epoch, by sample
    samples: int = 0
    state: Any = None  # the recurrent state that is carried over
    best: dict[str, Tensor] | None = None
    history: History = field(default_factory=History)


class Trainer:
    """Train a model with a loss of torch, an optimiser of torch and early stopping.

    A model is called as ``prediction, state = model(inputs, state, lengths)``; between batches
    that are not fresh the state is detached and carried over (truncated backpropagation). The
    loss is called as ``loss(prediction, targets)``, or with the lengths as third argument where
    the batch has them.

    Args:
        model: the module to train, in place.
        loss: a loss of torch.nn, or any function that returns a scalar tensor.
        epochs: passes over the data, at most.
        optimizer: "adam", "adamw", "sgd", "rmsprop", or a function of the parameters.
        learning_rate, weight_decay: for the named optimisers.
        clip_norm: largest norm of the gradient of all parameters together; None for no limit.
        schedule: "constant", "cosine", "step", "exponential", "plateau", "one-cycle", or a
            function of the optimiser; see gatework.train.optimizers.build_schedule.
        patience: epochs without a better validation loss after which the run stops.
        seed: of dropout and every other draw while training; the generators outside are restored.
        checkpoint: path of a checkpoint; a run that finds its own there goes on from it.
        checkpoint_every: steps between checkpoints; 0 writes one at the end of each epoch.
        progress: told after each epoch; None for silence.

    Raises:
        OptionError: when arguments are out of range; all of them at once.

    Example:
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
    ) -> None:
        self.model, self.loss, self.epochs = model, loss, epochs
        self.optimizer, self.schedule = optimizer, schedule
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.clip_norm, self.patience, self.seed = clip_norm, patience, seed
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        self.checkpoint_every = checkpoint_every
        self.progress = progress
        problems = self._problems()
        if problems:
            raise OptionError("training cannot begin: " + "; ".join(problems))

    def fit(self, batches: Batches, validation: Validation | None = None) -> History:
        """Train, and leave the model with the weights of the best epoch if there is validation.

        Args:
            batches: the training data.
            validation: a function of the model that returns the validation loss; the model is in
                evaluation mode and no gradients are kept while it runs.

        Raises:
            OptionError: when the checkpoint belongs to a run with other settings or data.
            FileFormatError: when the checkpoint is damaged.
            TrainingError: when the loss or the gradient is no longer a number; weights and
                checkpoint are as they were before that step.
        """
        if self.patience is not None and validation is None:
            raise OptionError("patience needs validation: pass a function of the model")
        with seeded(self.seed):
            run = _Run(self, batches, validation)
            run.resume()
            if self.progress is not None:
                self.progress.start(self.epochs, run.position.epoch)
            try:
                return run.finish()
            finally:
                if self.progress is not None:
                    self.progress.stop()

    def _problems(self) -> list[str]:
        found = []
        whole = (("epochs", self.epochs, 1), ("checkpoint_every", self.checkpoint_every, 0))
        if self.patience is not None:
            whole += (("patience", self.patience, 1),)
        for name, value, least in whole:
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                found.append(f"{name} must be a whole number of at least {least}, got {value!r}")
        if not (self.learning_rate > 0 and math.isfinite(self.learning_rate)):
            found.append(f"learning_rate must be a positive number, got {self.learning_rate!r}")
        if not (self.weight_decay >= 0 and math.isfinite(self.weight_decay)):
            found.append(f"weight_decay must be at least 0, got {self.weight_decay!r}")
        if self.clip_norm is not None and not self.clip_norm > 0:
            found.append(f"clip_norm must be a positive number or None, got {self.clip_norm!r}")
        if isinstance(self.optimizer, str) and self.optimizer not in optimizers.OPTIMIZERS:
            found.append(optimizers.unknown("optimizer", self.optimizer, optimizers.OPTIMIZERS))
        if isinstance(self.schedule, str) and self.schedule not in optimizers.SCHEDULES:
            found.append(optimizers.unknown("schedule", self.schedule, optimizers.SCHEDULES))
        if self.checkpoint_every and self.checkpoint is None:
            found.append("checkpoint_every needs a checkpoint path")
        if not any(p.requires_grad for p in self.model.parameters()):
            found.append("the model has no parameters to train")
        return found


class _Run:
    """One run of a Trainer over its batches."""

    def __init__(self, trainer: Trainer, batches: Batches, validation: Validation | None) -> None:
        self.trainer, self.batches, self.validation = trainer, batches, validation
        self.parameters = [p for p in trainer.model.parameters() if p.requires_grad]
        self.optimizer = optimizers.build_optimizer(
            trainer.optimizer, self.parameters, trainer.learning_rate, trainer.weight_decay
        )
        self.schedule = optimizers.build_schedule(
            trainer.schedule, self.optimizer, trainer.epochs, len(batches)
        )
        self.position = _Position()
        self._fingerprint = None if trainer.checkpoint is None else self._describe()

    def finish(self) -> History:
        """Run the epochs that are left."""
        here, trainer = self.position, self.trainer
        count = len(self.batches)
        while here.epoch < trainer.epochs and here.history.stopped != "patience":
            trainer.model.train()
            while here.index < count:
                self._step(self.batches.batch(here.epoch, here.index))
                here.index += 1
                every = trainer.checkpoint_every
                if every and (here.epoch * count + here.index) % every == 0 and here.index < count:
                    self._save()
            self._end_epoch()
            if trainer.checkpoint is not None:
                self._save()
        if here.best is not None:
            trainer.model.load_state_dict(here.best)
        trainer.model.eval()
        return here.history

    def _step(self, batch: Batch) -> None:
        here, trainer = self.position, self.trainer
        state = None if batch.fresh or here.state is None else here.state
        self.optimizer.zero_grad(set_to_none=True)
        prediction, state = trainer.model(batch.inputs, state, batch.lengths)
        if batch.lengths is None:
            loss = trainer.loss(prediction, batch.targets)
        else:
            loss = trainer.loss(prediction, batch.targets, batch.lengths)
        loss.backward()
        value = loss.item()
        if not math.isfinite(value):
            raise self._lost("the loss", value)
        if trainer.clip_norm is not None:
            norm = nn.utils.clip_grad_norm_(self.parameters, trainer.clip_norm).item()
            if not math.isfinite(norm):
                raise self._lost("the norm of the gradient", norm)
        self.optimizer.step()
        if self.schedule is not None and self.schedule.moves == "step":
            self.schedule.scheduler.step()
        samples = batch.inputs.shape[0]
        here.total += value * samples
        here.samples += samples
        here.state = detach(state)

    def _end_epoch(self) -> None:
        here, trainer = self.position, self.trainer
        history = here.history
        history.losses.append(here.total / here.samples)
        here.epoch += 1
        validation = None
        if self.validation is not None:
            validation = self._validate(self.validation)
            history.validation.append(validation)
            if (
                history.best_epoch is None
                or validation < history.validation[history.best_epoch - 1]
            ):
                history.best_epoch = here.epoch
                here.best = copy_tensors(trainer.model.state_dict())
            waited = here.epoch - history.best_epoch
            if trainer.patience is not None and waited >= trainer.patience:
                history.stopped = "patience"
        if self.schedule is not None and self.schedule.moves == "epoch":
            if isinstance(self.schedule.scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau):
                watched = history.losses[-1] if validation is None else validation
                self.schedule.scheduler.step(watched)
            else:
                self.schedule.scheduler.step()
        if trainer.progress is not None:
            trainer.progress.epoch(here.epoch, history.losses[-1], validation, here.samples)
        here.index, here.total, here.samples, here.state = 0, 0.0, 0, None

    def _validate(self, validation: Validation) -> float:
        self.trainer.model.eval()
        with torch.no_grad():
            value = float(validation(self.trainer.model))
        if not math.isfinite(value):
            raise self._lost("the validation loss", value)
        return value

    def _lost(self, what: str, value: float) -> TrainingError:
        here = self.position
        step = here.epoch * len(self.batches) + here.index + 1
        kept = "" if self.trainer.checkpoint is None else "; the last good checkpoint is kept"
        return TrainingError(
            f"{what} became {value} at step {step} (epoch {here.epoch + 1}, batch {here.index})"
            + kept,
            hint="lower learning_rate, set clip_norm, or look for extreme values in the inputs",
        )

    # Resuming

    def _describe(self) -> dict[str, Any]:
        trainer = self.trainer
        named = {
            name: value if isinstance(value, str | None) else type(value).__name__
            for name, value in (("optimizer", trainer.optimizer), ("schedule", trainer.schedule))
        }
        shapes = {n: f"{t.dtype}{list(t.shape)}" for n, t in trainer.model.state_dict().items()}
        settings = (
            "epochs",
            "learning_rate",
            "weight_decay",
            "clip_norm",
            "patience",
            "seed",
        )
        return (
            {name: getattr(trainer, name) for name in settings}
            | named
            | {"weights": shapes, "batches": self.batches.describe()}
        )

    def _save(self) -> None:
        here, trainer = self.position, self.trainer
        if trainer.checkpoint is None or self._fingerprint is None:
            return
        content = {
            "position": (here.epoch, here.index, here.total, here.samples),
            "state": here.state,
            "best": here.best,
            "history": vars(here.history),
            "model": trainer.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": None if self.schedule is None else self.schedule.scheduler.state_dict(),
            "generators": generator_states(),
        }
        write_checkpoint(trainer.checkpoint, self._fingerprint, content)

    def resume(self) -> None:
        """Go to where the checkpoint is, if there is one."""
        if self.trainer.checkpoint is None or self._fingerprint is None:
            return
        content = read_checkpoint(self.trainer.checkpoint, self._fingerprint)
        if content is None:
            # Written before the first step, so that a place that cannot be written is known now.
            self._save()
            return
        here = self.position
        here.epoch, here.index, here.total, here.samples = content["position"]
        here.state, here.best = content["state"], content["best"]
        here.history = History(**content["history"])
        self.trainer.model.load_state_dict(content["model"])
        self.optimizer.load_state_dict(content["optimizer"])
        if self.schedule is not None:
            self.schedule.scheduler.load_state_dict(content["schedule"])
        restore_generators(content["generators"])


def detach(state: Any) -> Any:
    """Return a recurrent state cut off from the graph: a State, a tensor or a tuple of them."""
    if state is None:
        return None
    if isinstance(state, tuple):
        return tuple(detach(part) for part in state)
    return state.detach()
