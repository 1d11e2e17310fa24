"""Training a language model on documents: what is trained, on which batches, and how it is told."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import nn

from gatework.errors import DataError, counted
from gatework.train import Batches, History, Trainer, seeded
from gatework.train.losses import BatchLoss, mean_loss
from gatework.write.network import LanguageNetwork
from gatework.write.settings import Settings
from gatework.write.streams import DocumentBatches, TokenStreams
from gatework.write.vocabulary import Vocabulary

LONGEST = 600
"""Documents of at most so many tokens are read whole, each from a fresh state."""

LEAST_TOKENS = 200
"""Fewer tokens than these teach nothing."""

VALIDATION_STEPS = 256


def read_whole(unit: str, documents: Sequence[np.ndarray]) -> bool:
    """Return whether documents are read side by side, each from a fresh state."""
    return unit == "line" and max(map(len, documents)) <= LONGEST


class LanguageTask:
    """The batches and the loss that suit some documents.

    Short lines are read whole and side by side, each from a fresh state, as they are written
    later; anything longer is read as streams with a carried state.

    Args:
        settings: of the model.
        unit: "file" or "line".
        train, validation: documents (T) as tokens; no validation documents for none.
        seed: of the order.

    Raises:
        DataError: when there are too few tokens.
    """

    def __init__(
        self,
        settings: Settings,
        unit: str,
        train: Sequence[np.ndarray],
        validation: Sequence[np.ndarray],
        seed: int,
    ) -> None:
        tokens = sum(map(len, train))
        if tokens < LEAST_TOKENS:
            raise DataError(
                f"the text to learn from has {counted(tokens, 'token')}, expected at least "
                f"{LEAST_TOKENS}",
                hint="give more text",
            )
        self.whole = read_whole(unit, [*train, *validation])
        self.train: Batches
        self.validation: Batches | None = None
        if self.whole:
            self.train = DocumentBatches(train, settings.batch_size, seed)
            if validation:
                self.validation = DocumentBatches(validation, 64)
            return
        rows = min(settings.batch_size, max(1, tokens // (2 * settings.bptt)))
        self.train = TokenStreams(train, rows, settings.bptt, seed)
        if validation:
            count = sum(map(len, validation))
            beside = min(16, max(1, count // 2000))
            self.validation = TokenStreams(validation, beside, VALIDATION_STEPS)

    def loss(self, network: LanguageNetwork) -> Callable[..., Any]:
        """Return the loss of a network over these batches."""
        return network.loss_of_documents if self.whole else network.loss


class Listening:
    """The validation: the mean loss, in nats a token, after which the network may be heard.

    Args:
        batches: what is not learned from.
        loss: over them.
        on_epoch: called with the network, when it has been judged.
    """

    def __init__(
        self,
        batches: Batches,
        loss: Callable[..., Any],
        on_epoch: Callable[[LanguageNetwork], None] | None,
    ) -> None:
        self.batches, self.loss, self.on_epoch = batches, BatchLoss(loss), on_epoch

    def __repr__(self) -> str:
        return f"Listening({json.dumps(self.batches.describe())})"

    def __call__(self, network: nn.Module) -> float:
        """Return the mean loss of the network."""
        value = mean_loss(network, self.loss, self.batches)
        if self.on_epoch is not None:
            assert isinstance(network, LanguageNetwork)
            self.on_epoch(network)
        return value


def fit_network(
    settings: Settings,
    vocabulary: Vocabulary,
    task: LanguageTask,
    *,
    seed: int,
    on_epoch: Callable[[LanguageNetwork], None] | None = None,
    **run: Any,
) -> tuple[LanguageNetwork, History]:
    """Train a new network and return it with the history of its training; ``run`` is Trainer's.

    Raises:
        TrainingError, TrainingInterrupted, FileFormatError, OptionError: as Trainer.fit does.
    """
    with seeded(seed):
        network = LanguageNetwork.of(settings, len(vocabulary))
    loss = task.loss(network)
    trainer = Trainer.of(settings, network, loss, seed=seed, **run)
    validation = None
    if task.validation is not None:
        validation = Listening(task.validation, loss, on_epoch)
    return network, trainer.fit(task.train, validation)


def say_loss(characters_a_token: float) -> Callable[[float], str]:
    """Return what says a loss in nats a token as loss, perplexity and bits a character."""

    def said(loss: float) -> str:
        bits = loss / math.log(2) / characters_a_token
        return f"{loss:.3f} (perplexity {say_perplexity(loss)}, {bits:.3f} bits/char)"

    return said


def say_perplexity(loss: float) -> str:
    """Return the perplexity of a loss in nats a token, in few figures however large it is.

    Example:
        >>> say_perplexity(1.5), say_perplexity(300.0)
        ('4.48', '1.94e+130')
    """
    perplexity = math.exp(min(loss, 700))
    return f"{perplexity:.2f}" if perplexity < 1e6 else f"{perplexity:.3g}"
