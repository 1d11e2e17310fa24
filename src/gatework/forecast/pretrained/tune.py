"""The tuning of pretrained networks: they go on learning on some series, near where they were."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from gatework.forecast.pretrained.example import Example
from gatework.forecast.pretrained.lessons import Lessons
from gatework.forecast.pretrained.model import PretrainedNetwork
from gatework.forecast.pretrained.network import WeighingLSTM
from gatework.forecast.pretrained.pretrain import Spreading, forecast_loss, spread_loss
from gatework.forecast.threads import one_thread
from gatework.train import Progress, Trainer, seeded

Loss = Callable[[Tensor, Tensor], Tensor]

MOST_VALUES = 2000
"""The last values of a series that are learned from."""

MOST_SERIES = 4000
"""Series that are learned from; of more, as many are drawn."""


@dataclass(frozen=True)
class TuneSettings:
    """How networks are tuned; chosen on series and values that no table of results is made of.

    Attributes:
        steps: of the optimiser, about; at least ``epochs`` passes over all series. learning_rate:
        greatest of a one-cycle schedule. pull: how strongly weights are drawn back to where they
        began. batch_size: series in a step. dropout: before the head. few: values of all series
        together below which the heads alone learn.
    """

    steps: int = 100
    epochs: int = 6
    learning_rate: float = 2e-3
    pull: float = 3e-2
    batch_size: int = 32
    dropout: float = 0.1
    few: int = 2000

    def epochs_for(self, batches: int) -> int:
        """Return the passes over so many batches."""
        return max(self.epochs, math.ceil(self.steps / batches))


USUAL = TuneSettings()


def tuned(
    network: PretrainedNetwork,
    examples: Sequence[Example],
    settings: TuneSettings | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> PretrainedNetwork:
    """Return networks that went on learning on some series; the same seed gives the same ones.

    Each network first learns to forecast, then how outcomes spread. A penalty on the distance from
    the weights that were pretrained keeps it near them.

    Args:
        network: the pretrained ones, which stay as they are.
        examples: the series.
        settings: how; USUAL where left out.
        seed: of the order of the series, and of dropout.
        progress: told how the training of each network goes; None for silence.
        checkpoint: folder for what is done; an interrupted run goes on there.

    Raises:
        TrainingInterrupted: after Ctrl-C, where ``checkpoint`` keeps what was done.

    Source: X. Li, Y. Grandvalet and F. Davoine 2018, arXiv:1802.01483 (L2-SP).
    """
    settings = settings or USUAL
    folder = None if checkpoint is None else Path(checkpoint)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    lessons = Lessons(_some(examples, seed), settings.batch_size, seed)
    few = sum(len(one.values) for one in examples) < settings.few
    members = []
    for number, member in enumerate(network.members):
        run = _Tuning(lessons, settings, seed + number, progress, folder)
        with one_thread(), seeded(seed + number):
            model = _begun(member.weights, network.about["hidden_sizes"], settings)
            run.train(f"network-{number}", model, forecast_loss, few=few)
            spreading = Spreading(model)
            spreading.head.load_state_dict(_part(member.weights, "spread."))
            run.train(f"spread-{number}", spreading, spread_loss)
        found = model.state_dict()
        found |= {f"spread.{name}": one for name, one in spreading.head.state_dict().items()}
        made = {name: one.numpy().copy() for name, one in found.items()}
        members.append(dict(member.weights) | made)
    return PretrainedNetwork.of(members, network.about["hidden_sizes"], dict(network.about))


@dataclass(frozen=True, eq=False)
class _Tuning:
    """What the training of one network and its heads has in common."""

    lessons: Lessons
    settings: TuneSettings
    seed: int
    progress: Progress | None
    folder: Path | None

    def train(self, part: str, model: nn.Module, loss: Loss, *, few: bool = False) -> None:
        """Train what is free of a model, or only its head."""
        if few:
            model.requires_grad_(False)
            model.get_submodule("head").requires_grad_(True)
        Trainer(
            model,
            PulledLoss(loss, model, self.settings.pull),
            epochs=self.settings.epochs_for(len(self.lessons)),
            learning_rate=self.settings.learning_rate,
            schedule="one-cycle",
            seed=self.seed,
            progress=self.progress,
            checkpoint=None if self.folder is None else self.folder / f"{part}.checkpoint",
        ).fit(self.lessons)


class PulledLoss:
    """A loss, and how far the weights that are free have gone from where they began."""

    def __init__(self, loss: Loss, model: nn.Module, pull: float) -> None:
        free = [one for one in model.parameters() if one.requires_grad]
        self.loss, self.pull = loss, pull
        self.pairs = [(one, one.detach().clone()) for one in free]

    def __repr__(self) -> str:
        """Return what identifies it: also from where weights are pulled."""
        digest = hashlib.sha256()
        for _, began in self.pairs:
            digest.update(began.numpy().tobytes())
        return f"PulledLoss({self.loss.__name__}, {self.pull}, {digest.hexdigest()[:16]})"

    def __call__(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Return the loss of a batch with what is added for the distance."""
        away = torch.stack([(now - began).square().sum() for now, began in self.pairs]).sum()
        return self.loss(prediction, target) + self.pull * away


def _begun(
    weights: Mapping[str, np.ndarray], sizes: Sequence[int], settings: TuneSettings
) -> WeighingLSTM:
    model = WeighingLSTM(len(weights["entry.bias"]), sizes, settings.dropout, 0.0)
    model.load_state_dict({name: _tensor(weights[name]) for name in model.state_dict()})
    return model


def _part(weights: Mapping[str, np.ndarray], prefix: str) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): _tensor(one)
        for name, one in weights.items()
        if name.startswith(prefix)
    }


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array.copy())


def _some(examples: Sequence[Example], seed: int) -> list[Example]:
    """Return the ends of the series, of very many those that are drawn."""
    drawn = np.random.default_rng(seed).permutation(len(examples))[:MOST_SERIES]
    return [
        replace(examples[row], values=examples[row].values[-MOST_VALUES:]) for row in sorted(drawn)
    ]
