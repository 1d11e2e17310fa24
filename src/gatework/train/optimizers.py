"""Optimisers and learning-rate schedules of torch, by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.optim import Optimizer, lr_scheduler

from gatework.checks import is_number, must, optional

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
}
FUSED = ("adam", "adamw", "sgd")
_BY_STEPS = (lr_scheduler.OneCycleLR, lr_scheduler.CyclicLR)
SCHEDULES = ("constant", "cosine", "step", "exponential", "plateau", "one-cycle")
CLIP_NORM = optional(must("a positive number or None", lambda v: is_number(v) and v > 0))

OptimizerFactory = Callable[[Iterable[nn.Parameter]], Optimizer]
ScheduleFactory = Callable[[Optimizer], lr_scheduler.LRScheduler]
"""A schedule that a factory makes moves after each epoch; one-cycle and cyclic after each step."""


class Schedule(NamedTuple):
    """A schedule of torch and when it moves: after a ``step`` or an ``epoch``."""

    scheduler: Any
    moves: str


def build_optimizer(
    optimizer: str | OptimizerFactory,
    parameters: list[nn.Parameter],
    learning_rate: float,
    weight_decay: float,
) -> Optimizer:
    """Return the optimiser of that name, or what the factory makes of the parameters."""
    if not isinstance(optimizer, str):
        return optimizer(parameters)
    settings: dict[str, Any] = {"lr": learning_rate, "weight_decay": weight_decay}
    if optimizer in FUSED:
        # One call for all tensors: for small networks the optimiser is half of a step otherwise.
        settings["fused"] = all(p.is_floating_point() for p in parameters)
    return OPTIMIZERS[optimizer](parameters, **settings)


def build_schedule(
    schedule: str | ScheduleFactory | None, optimizer: Optimizer, epochs: int, batches: int
) -> Schedule | None:
    """Return the schedule of that name over a run of so many epochs and batches.

    "cosine" falls to 0 over the run, "step" divides by 10 after each third, "exponential" falls
    to a hundredth over the run, "plateau" halves when the validation loss has not improved for
    5 epochs, "one-cycle" rises and falls by steps (Smith 2018, arXiv:1803.09820).
    """
    if schedule is None or schedule == "constant":
        return None
    if not isinstance(schedule, str):
        made = schedule(optimizer)
    elif schedule == "cosine":
        made = lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    elif schedule == "step":
        made = lr_scheduler.StepLR(optimizer, max(1, math.ceil(epochs / 3)))
    elif schedule == "exponential":
        made = lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / epochs))
    elif schedule == "plateau":
        made = lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=5)
    else:
        peak = [group["lr"] for group in optimizer.param_groups]
        made = lr_scheduler.OneCycleLR(optimizer, peak, total_steps=max(2, epochs * batches))
    return Schedule(made, "step" if isinstance(made, _BY_STEPS) else "epoch")
