"""One run of a Trainer: its steps, its epochs, and where it stands."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn.utils import clip_grads_with_norm_, get_total_norm
from torch.optim.lr_scheduler import ReduceLROnPlateau

from gatework.errors import FORGED, OptionError, ShapeError, TrainingError
from gatework.train import fingerprint, optimizers, restored
from gatework.train.averaging import WeightAverage
from gatework.train.batches import Batch, Batches
from gatework.train.checkpoint import incomplete, read_checkpoint, write_checkpoint
from gatework.train.interrupt import Interrupts, TrainingInterrupted
from gatework.train.losses import BatchLoss, mean_loss
from gatework.train.seeding import generator_states, restore_generators
from gatework.train.tree import copy_tensors, detach, map_state

if TYPE_CHECKING:  # a run reads the settings of the Trainer that begins it: a circle of types alone
    from gatework.train.loop import Trainer, Validation


@dataclass
class History:
    """What a run has gone through.

    Attributes:
        losses: mean training loss of each epoch; each target counts the same.
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
class Position:
    """Where a run is: all that changes from step to step beside weights and generators."""

    epoch: int = 0
    index: int = 0
    total: float = 0.0  # of the losses of this epoch, each times its items
    items: int = 0
    state: Any = None  # the recurrent state that the last batch ended in
    best: dict[str, Tensor] | None = None
    history: History = field(default_factory=History)


class TrainingRun:
    """One run of a Trainer over its batches."""

    def __init__(
        self,
        trainer: Trainer,
        batches: Batches,
        validation: Validation | Batches | None,
        interrupts: Interrupts,
    ) -> None:
        self.trainer, self.batches, self.validation = trainer, batches, validation
        self.model, self.progress, self.interrupts = trainer.model, trainer.progress, interrupts
        self.loss = BatchLoss(trainer.loss)
        self.parameters = [p for p in trainer.model.parameters() if p.requires_grad]
        self.optimizer = optimizers.build_optimizer(
            trainer.optimizer, self.parameters, trainer.learning_rate, trainer.weight_decay
        )
        described = self._describe_optimizer()
        self.schedule = optimizers.build_schedule(
            trainer.schedule, self.optimizer, trainer.epochs, len(batches)
        )
        self.average = (
            None if trainer.average is None else WeightAverage(self.parameters, trainer.average)
        )
        self.position = Position()
        self.kept: int | None = None  # steps in the checkpoint
        self.largest = 0.0  # norm of a gradient in this epoch
        self._count = len(batches)
        self._checked = False
        self._fingerprint = {} if trainer.checkpoint is None else self._describe() | described

    @property
    def steps(self) -> int:
        """Steps done since the beginning of the first epoch."""
        return self.position.epoch * self._count + self.position.index

    def finish(self) -> History:
        """Run the epochs that are left, and leave the model with the best weights."""
        here, trainer = self.position, self.trainer
        while here.epoch < trainer.epochs and here.history.stopped != "patience":
            self.model.train()
            self._run_epoch()
            self._end_epoch()
            self._record_epoch()  # before it is kept: what a record holds beyond that is taken back
            self.save()
            self._tell_epoch()  # what is told is kept: whoever hears of it may end this process
            self._heed_interrupt()
        if here.best is not None:
            self.model.load_state_dict(here.best)
        elif self.average is not None:
            self.average.install()
        self.model.eval()
        self._heed_interrupt()
        return here.history

    def _run_epoch(self) -> None:
        here, every = self.position, self.trainer.checkpoint_every
        for index in range(here.index, self._count):
            self._step(self.batches.batch(here.epoch, index))
            here.index = index + 1
            if self.interrupts.pressed or (every and self.steps % every == 0):
                if here.index == self._count:
                    break  # the end of the epoch saves
                self._check_weights()
                self.save()
                self._heed_interrupt()

    def _step(self, batch: Batch) -> None:
        here, trainer = self.position, self.trainer
        for parameter in self.parameters:  # what zero_grad does, at a twentieth of its time
            parameter.grad = None
        items = self.loss.items(batch)
        value = self._backward(batch) if items else 0.0  # a part of a batch may be empty
        if trainer.group is not None:
            value, items = trainer.group.average(self.parameters, value, items)
        norm = get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        size = norm.item()
        self.largest = max(self.largest, size)
        if not math.isfinite(value):
            raise self._lost("the loss", value, here.index)
        if not math.isfinite(size):
            raise self._lost("the norm of the gradient", size, here.index)
        if trainer.clip_norm is not None and size > 0.999 * trainer.clip_norm:  # else times 1
            clip_grads_with_norm_(self.parameters, trainer.clip_norm, norm)
        self.optimizer.step()
        if self.average is not None:
            self.average.update()
        if self.schedule is not None and self.schedule.moves == "step":
            self.schedule.scheduler.step()
        here.total += value * items
        here.items += items
        if self.progress is not None:
            self.progress.step(value, items)

    def _backward(self, batch: Batch) -> float:
        """Add the gradient of the loss of a batch, and return the loss."""
        here = self.position
        state = None if batch.fresh else detach(here.state)
        result = self.model(batch.inputs, state, batch.lengths)
        if not self._checked:
            self.loss.check(result, batch)
        prediction, here.state = result
        loss = self.loss(prediction, batch)
        if not self._checked:
            self._check_loss(loss)
        loss.backward()
        return loss.item()

    def _check_loss(self, loss: Any) -> None:
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            shape = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
            raise ShapeError(
                f"the loss must return one number as a tensor, got {shape}",
                hint='a loss with reduction="mean"',
            )
        if not loss.requires_grad:
            raise OptionError("the loss does not depend on the weights, so nothing can be learned")
        self._checked = True

    def _end_epoch(self) -> None:
        here, trainer, history = self.position, self.trainer, self.position.history
        self._check_weights()
        history.losses.append(here.total / max(here.items, 1))
        validation = None
        if self.validation is not None:
            validation = self._look_back(self.validation)
        here.epoch += 1
        here.index, here.total, here.items, here.state = 0, 0.0, 0, None
        if trainer.patience is not None and history.best_epoch is not None:
            waited = here.epoch - history.best_epoch
            history.stopped = "patience" if waited >= trainer.patience else "epochs"
        if self.schedule is not None and self.schedule.moves == "epoch":
            if isinstance(self.schedule.scheduler, ReduceLROnPlateau):
                watched = history.losses[-1] if validation is None else validation
                self.schedule.scheduler.step(watched)
            else:
                self.schedule.scheduler.step()

    def _record_epoch(self) -> None:
        trainer = self.trainer
        if trainer.recorder is not None and (trainer.group is None or not trainer.group.rank):
            trainer.recorder.epoch(self.model, *self._last_epoch(), self.largest)
        self.largest = 0.0

    def _tell_epoch(self) -> None:
        if self.progress is not None:
            self.progress.epoch(*self._last_epoch())

    def _last_epoch(self) -> tuple[int, float, float | None]:
        """Return the number of the epoch that has ended, its loss and its validation loss."""
        history = self.position.history
        validation = history.validation[-1] if history.validation else None
        return self.position.epoch, history.losses[-1], validation

    def _look_back(self, validation: Validation | Batches) -> float:
        """Validate, with averaged weights where there are any, and keep the best."""
        here, history = self.position, self.position.history
        with contextlib.nullcontext() if self.average is None else self.average.in_place():
            value = self._validate(validation)
            history.validation.append(value)
            best = history.best_epoch
            if best is None or value < history.validation[best - 1]:
                history.best_epoch = here.epoch + 1
                here.best = copy_tensors(self.model.state_dict())
        if self.average is not None:
            self.average.consider(history.validation)
        return value

    def _validate(self, validation: Validation | Batches) -> float:
        self.model.eval()
        with torch.no_grad():
            if isinstance(validation, Batches):
                value = mean_loss(self.model, self.loss, validation)
            else:
                value = float(validation(self.model))
        if not math.isfinite(value):
            raise self._lost("the validation loss", value, self._count - 1)
        return value

    # What stops a run

    def _check_weights(self) -> None:
        with torch.no_grad():
            size = get_total_norm(self.parameters).item()
        if not math.isfinite(size):
            raise self._lost("the norm of the weights", size, self.position.index - 1)

    def _lost(self, what: str, value: float, index: int) -> TrainingError:
        epoch, trainer = self.position.epoch, self.trainer
        kept = ""
        if trainer.checkpoint is not None:
            kept = f"; {trainer.checkpoint} keeps the last good step, {self.kept}"
        clip = "set clip_norm, " if trainer.clip_norm is None else ""
        return TrainingError(
            f"{what} became {value} at step {epoch * self._count + index + 1} "
            f"(epoch {epoch + 1}, batch {index} from 0){kept}",
            hint=f"lower learning_rate, {clip}or look for extreme values in "
            f"batches.batch({epoch}, {index})",
        )

    def _heed_interrupt(self) -> None:
        if self.interrupts.pressed:
            raise self.interrupted()

    def interrupted(self) -> TrainingInterrupted:
        """Return the error that tells where the run was stopped and how it goes on."""
        kept, path = self.kept, self.trainer.checkpoint
        return TrainingInterrupted(
            f"training was interrupted; {path} keeps the first {kept} of "
            f"{self.trainer.epochs * self._count} steps",
            hint="the same call goes on from there",
        )

    # Resuming

    def _describe_optimizer(self) -> dict[str, Any]:
        trainer = self.trainer
        if isinstance(trainer.optimizer, str):
            return _named(trainer, "optimizer", "learning_rate", "weight_decay")
        return {"optimizer": fingerprint.describe_optimizer(self.optimizer)}

    def _describe(self) -> dict[str, Any]:
        trainer, schedule = self.trainer, self.trainer.schedule
        if schedule is not None and not isinstance(schedule, str) and self.schedule is not None:
            schedule = fingerprint.describe_schedule(self.schedule.scheduler)
        return _named(trainer, "epochs", "clip_norm", "patience", "average", "seed") | {
            "schedule": schedule,
            "loss": fingerprint.describe_callable(trainer.loss),
            "validation": fingerprint.describe_validation(self.validation),
            "model": fingerprint.describe_model(self.model),
            "batches": dict(self.batches.describe()),
        }

    def save(self) -> None:
        """Write the checkpoint, if there is to be one."""
        here, trainer = self.position, self.trainer
        if trainer.checkpoint is None:
            return
        if trainer.group is not None and trainer.group.rank:
            self.kept = self.steps  # the first process writes for all
            return
        within = 0 < here.index < self._count
        carried = within and not self.batches.batch(here.epoch, here.index).fresh
        content = self._kept_by_torch() | {
            "position": (here.epoch, here.index, here.total, here.items),
            "state": detach(here.state) if carried else None,
            "best": here.best,
            "history": vars(here.history),
            "average": None if self.average is None else self.average.state(),
        }
        write_checkpoint(trainer.checkpoint, self._fingerprint, content)
        self.kept = self.steps

    def resume(self) -> None:
        """Go to where the checkpoint is; write the first one if there is none.

        So a place that cannot be written to is known before the first step.
        """
        if self.trainer.checkpoint is None:
            return
        content = read_checkpoint(self.trainer.checkpoint, self._fingerprint)
        if content is None:
            self.save()
            return
        try:
            self._check(content)
            self._restore(content)
        except FORGED as error:
            raise incomplete(self.trainer.checkpoint, error) from error
        self.kept = self.steps

    def _kept_by_torch(self) -> dict[str, Any]:
        """Return what torch and the generators keep of a run."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": None if self.schedule is None else self.schedule.scheduler.state_dict(),
            "generators": generator_states(),
        }

    def _check(self, content: dict[str, Any]) -> None:
        """Check that a content is one that this run could have written, before any is restored."""
        trainer, like = self.trainer, self._kept_by_torch()
        restored.check_form("model", content["model"], like["model"])
        if content["best"] is not None:
            restored.check_form("best", content["best"], like["model"])
        restored.check_place(content["position"], content["history"], trainer.epochs, self._count)
        restored.check_states(content["state"])
        own = None if self.average is None else self.parameters
        restored.check_average(content["average"], own)
        named = isinstance(trainer.schedule, str)
        restored.check_schedule(content["schedule"], like["schedule"], named=named)
        restored.check_generators(content["generators"], like["generators"])
        found, named = content["optimizer"], isinstance(trainer.optimizer, str)
        groups = like["optimizer"]["param_groups"]
        restored.check_groups(found["param_groups"], groups, named=named)
        if named:
            make = partial(
                optimizers.build_optimizer,
                trainer.optimizer,
                learning_rate=trainer.learning_rate,
                weight_decay=trainer.weight_decay,
            )
            restored.check_optimizer(found["state"], self.optimizer, self.parameters, make)

    def _restore(self, content: dict[str, Any]) -> None:
        here, device = self.position, self.parameters[0].device
        here.epoch, here.index, here.total, here.items = content["position"]
        here.state = map_state(lambda part: part.to(device), content["state"])
        here.best = content["best"]
        here.history = History(**content["history"])
        self.model.load_state_dict(content["model"])
        self.optimizer.load_state_dict(content["optimizer"])
        if self.schedule is not None:
            self.schedule.scheduler.load_state_dict(content["schedule"])
        if self.average is not None:
            self.average.restore(content["average"])
        restore_generators(content["generators"])


def _named(trainer: Trainer, *names: str) -> dict[str, Any]:
    """Return settings of a Trainer by their names."""
    return {name: getattr(trainer, name) for name in names}
