"""The training of the networks that forecast any series: once, on many others."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from gatework.checks import below, checked, layer_sizes, optional, refuse, whole, wrong_fields
from gatework.engine import engine_problems, map_over
from gatework.errors import EngineError
from gatework.forecast.es_lstm.frozen import OnFrozen
from gatework.forecast.pretrained.distribution import (
    LEAST_MEAN,
    LEAST_MORE,
    LEAST_STEP,
    LEVELS,
    PARAMETERS,
    USUAL,
)
from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.knots import KNOTS
from gatework.forecast.pretrained.lessons import Lessons
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.network import WeighingLSTM
from gatework.train import Progress, Trainer, seeded

FAR = 2.0
"""Usual errors from which on an error counts by its size, no longer by its square."""

FAR_COUNTED = 10.0
"""The same for counts, which are lopsided: what is expected of them is their mean."""

SPREAD_SHARE = 0.4
"""Epochs of the distributions' head for each epoch of the network."""


@dataclass(frozen=True)
class PretrainSettings:
    """How the networks are built and trained.

    Attributes:
        hidden_sizes: units of each LSTM layer. entry: units before it. members: networks that are
        averaged, alike but for their seeds. epochs: passes over all series. batch_size: series in a
        step. learning_rate: greatest of a one-cycle schedule. weight_decay: of AdamW. dropout:
        before the head. smoother_dropout: share of smoothers that a network does without in a step.
        synthetic: made series beside the given ones. seed: of everything random.
    """

    hidden_sizes: tuple[int, ...] = checked((96,), layer_sizes())
    entry: int = checked(64, whole(1, 1024))
    members: int = checked(1, whole(1, 16))
    epochs: int = checked(10, whole(1, 1000))
    batch_size: int = checked(64, whole(1, 4096))
    learning_rate: float = checked(3e-3, below(0, 1))
    weight_decay: float = checked(1e-2, below(0, 1))
    dropout: float = checked(0.1, below(0, 1))
    smoother_dropout: float = checked(0.1, below(0, 1))
    synthetic: int = checked(3000, whole(0, 1_000_000))
    seed: int = checked(0, whole(0))

    def problems(self) -> list[str]:
        """Return what is wrong with the settings, in sentences."""
        return wrong_fields(self)


def pretrain(
    examples: Sequence[Example],
    settings: PretrainSettings,
    *,
    about: dict[str, Any] | None = None,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    engine: str = "local",
    workers: int | None = None,
    address: str | None = None,
    tell: Callable[[str], None] = lambda text: None,
) -> PretrainedNetwork:
    """Return networks trained on some series; the same seed gives the same ones.

    They are the same bits on one instruction set, with any number of threads and on any engine.

    Args:
        examples: the series.
        settings: how they are learned from.
        about: what the file of them shall say of the series.
        progress: told how the training of each network goes, in this process; None for silence.
        checkpoint: folder for what is done; an interrupted run goes on there. On a cluster all
            machines must see it.
        engine: "local", or "ray" for a Ray cluster; each network is a job.
        workers: networks that are trained at a time; None for 1, this process, or on a cluster as
            many as it has room for.
        address: of the Ray cluster.
        tell: told of each network that is trained elsewhere.

    Raises:
        OptionError: when settings are out of range.
        TrainingInterrupted: after Ctrl-C, where ``checkpoint`` keeps what was done.
        EngineError: when the cluster cannot be used, or a network was not trained there.
    """
    problems = settings.problems() + engine_problems(engine, address)
    problems += optional(whole(1, settings.members))("workers", workers)
    refuse(problems, "pretraining cannot begin: ")
    folder = None if checkpoint is None else Path(checkpoint).absolute()
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    train = MemberTraining(examples, settings, folder)
    numbers = range(settings.members)
    if engine == "local" and workers in (None, 1):
        members = [train(number, progress) for number in numbers]
    else:
        most = settings.members if workers is None else workers
        members = _elsewhere(train, engine, most, address, tell)
    said = (about or {}) | {
        "entry": settings.entry,
        "settings": {name: _plain(value) for name, value in vars(settings).items()},
    }
    return PretrainedNetwork.of(members, settings.hidden_sizes, said)


class MemberTraining:
    """The training of one of the networks by its number, which can be sent to another process."""

    def __init__(
        self, examples: Sequence[Example], settings: PretrainSettings, folder: Path | None
    ) -> None:
        self.examples, self.settings, self.folder = examples, settings, folder

    @cached_property
    def lessons(self) -> Lessons:
        """Return what the networks learn from, made once in each process."""
        return Lessons(self.examples, self.settings.batch_size, self.settings.seed)

    def __call__(self, number: int, progress: Progress | None = None) -> dict[str, np.ndarray]:
        """Return the weights of a network, by name."""
        about = (self.lessons, self.settings, self.settings.seed + number, progress, self.folder)
        network = _train_network(*about)
        spread = _train_spread(network, *about)
        found = network.state_dict() | {f"spread.{k}": v for k, v in spread.state_dict().items()}
        return {name: tensor.numpy().copy() for name, tensor in found.items()}


def _elsewhere(
    train: MemberTraining,
    engine: str,
    workers: int,
    address: str | None,
    tell: Callable[[str], None],
) -> list[dict[str, np.ndarray]]:
    """Return the weights of all networks, trained on an engine, a job each.

    Raises:
        EngineError: one was not.
    """
    count, found = train.settings.members, {}
    where = {"engine": engine, "workers": workers, "address": address}
    for result in map_over(train, range(count), chunk=1, **where):
        if result.message:
            raise EngineError(
                f"network {result.index + 1} of {count} was not trained: {result.message}",
                hint="with --checkpoint FOLDER the same command goes on with what is done",
            )
        found[result.index] = result.value
        tell(f"network {result.index + 1} of {count} is trained")
    return [found[number] for number in range(count)]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _train_network(
    lessons: Lessons,
    settings: PretrainSettings,
    seed: int,
    progress: Progress | None,
    folder: Path | None,
) -> WeighingLSTM:
    with seeded(seed):
        network = WeighingLSTM(
            settings.entry, settings.hidden_sizes, settings.dropout, settings.smoother_dropout
        )
    Trainer(
        network,
        forecast_loss,
        epochs=settings.epochs,
        optimizer="adamw",
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        schedule="one-cycle",
        seed=seed,
        progress=progress,
        checkpoint=None if folder is None else folder / f"network-{seed}.checkpoint",
    ).fit(lessons)
    return network


def forecast_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the mean Huber loss, each error in units of the usual one of its series and step.

    Shapes:
        prediction: (T, B, K). target: (T, B, K, TARGET).

    Source: P. J. Huber 1964, doi 10.1214/aoms/1177703732.
    """
    error = ((prediction - target[..., 0]) * target[..., 1]).abs()
    far = torch.where(target[..., 5] > 0, FAR_COUNTED, FAR)
    each = torch.where(error < far, 0.5 * error.square(), far * (error - 0.5 * far))
    return _mean(each, target[..., 2])


def _mean(each: Tensor, share: Tensor) -> Tensor:
    return (each * share).sum() / share.sum().clamp(min=1e-6)


class Spreading(OnFrozen):
    """A trained network, and the head that says how outcomes spread; only the head learns."""

    def __init__(self, network: WeighingLSTM) -> None:
        head = nn.Linear(network.head.in_features, len(KNOTS) * PARAMETERS)
        nn.init.zeros_(head.weight)
        nn.init.zeros_(head.bias)
        super().__init__(network, head)

    def around(self, features: Tensor, inputs: Tensor) -> Tensor:
        """Return the forecasts, (T, B, K, 1)."""
        return self.network.decode(features, inputs).unsqueeze(-1)

    def raw(self, features: Tensor) -> Tensor:
        """Return what is around them, (T, B, K, PARAMETERS)."""
        return self.head(features).unflatten(-1, (len(KNOTS), PARAMETERS))


def _train_spread(
    network: WeighingLSTM,
    lessons: Lessons,
    settings: PretrainSettings,
    seed: int,
    progress: Progress | None,
    folder: Path | None,
) -> nn.Module:
    with seeded(seed):
        spreading = Spreading(network)
    Trainer(
        spreading,
        spread_loss,
        epochs=max(1, round(SPREAD_SHARE * settings.epochs)),
        optimizer="adamw",
        learning_rate=settings.learning_rate,
        schedule="one-cycle",
        seed=seed,
        progress=progress,
        checkpoint=None if folder is None else folder / f"spread-{seed}.checkpoint",
    ).fit(lessons)
    return spreading.head


def spread_loss(prediction: Tensor, target: Tensor) -> Tensor:
    """Return the loss of quantiles, and of the negative binomial where a series counts things.

    Shapes:
        prediction: (T, B, K, 1 + PARAMETERS). target: (T, B, K, TARGET).

    Source: pinball loss, R. Koenker and G. Bassett 1978, doi 10.2307/1913643; likelihood of
        zero-inflated counts, D. Lambert 1992, doi 10.2307/1269547.
    """
    location, raw = prediction[..., 0], prediction[..., 1:]
    actual, weight, share, level, scale, counts = target.unbind(dim=-1)
    learned = location.unsqueeze(-1) + rising(raw[..., : len(LEVELS)])
    error = (actual.unsqueeze(-1) - learned) * weight.unsqueeze(-1)
    levels = torch.from_numpy(LEVELS).to(error)
    pinball = torch.maximum(levels * error, (levels - 1) * error).mean(dim=-1)
    # What is not counted may be so large that its chance overflows, and nan times 0 is nan.
    mean = torch.where(counts > 0, (level + scale * location).clamp(min=LEAST_MEAN), 1.0)
    count = torch.where(counts > 0, (level + scale * actual).round().clamp(min=0), 0.0)
    size = torch.where(counts > 0, scale, 1.0)
    unlikely = _unlikely(count, mean, size * softplus(raw[..., -2] + USUAL), raw[..., -1])
    return _mean(pinball, share) + _mean(torch.where(counts > 0, unlikely, 0.0), share)


def rising(raw: Tensor) -> Tensor:
    """Return quantiles around the forecast in units of the scale, rising; see Distributions."""
    middle = len(LEVELS) // 2
    rises = softplus(raw) + LEAST_STEP
    centre = raw[..., middle : middle + 1]
    below = -rises[..., :middle].flip(-1).cumsum(-1).flip(-1)
    above = rises[..., middle + 1 :].cumsum(-1)
    return torch.cat([below + centre, centre, above + centre], dim=-1)


def _unlikely(count: Tensor, mean: Tensor, deviation: Tensor, zeros: Tensor) -> Tensor:
    """Return minus the logarithm of the chance of each count; see Distributions."""
    zeros = 0.95 * torch.sigmoid(zeros - 4.0)
    mean = mean / (1 - zeros)
    size = mean / (softplus(4 * (deviation.square() / mean - 1)) / 4 + LEAST_MORE)
    both = size + mean
    choose = torch.lgamma(count + size) - torch.lgamma(size) - torch.lgamma(count + 1)
    chance = choose + size * (size / both).log() + count * (mean / both).log()
    inflated = (zeros + (1 - zeros) * chance.exp()).clamp(min=1e-30).log()
    return -torch.where(count == 0, inflated, (1 - zeros).log() + chance)
