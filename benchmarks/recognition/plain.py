"""The same estimators on a plain recurrent network, for comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from torch import nn

from gatework import RNN
from gatework.recognize import SequenceClassifier, SequenceRegressor, SequenceTagger
from gatework.recognize.network import SequenceNetwork
from gatework.recognize.settings import sizes_of
from gatework.train import seeded


class OnPlainNetwork:
    """Puts gatework.RNN, tanh, in the place of the LSTM."""

    def build(self, channels: int, outputs: int, members: int = 1) -> SequenceNetwork:
        given = cast(Any, self)
        network = cast(Any, super()).build(channels, outputs)
        with seeded(given.seed):
            network.lstm = RNN(channels, sizes_of(given))
            for name, weight in network.lstm.named_parameters():
                if "weight_hh" in name:
                    nn.init.orthogonal_(weight)
        return network


@dataclass(eq=False, repr=False, kw_only=True)
class PlainClassifier(OnPlainNetwork, SequenceClassifier):
    """A SequenceClassifier without gates."""


@dataclass(eq=False, repr=False, kw_only=True)
class PlainRegressor(OnPlainNetwork, SequenceRegressor):
    """A SequenceRegressor without gates."""


@dataclass(eq=False, repr=False, kw_only=True)
class PlainTagger(OnPlainNetwork, SequenceTagger):
    """A SequenceTagger without gates."""
