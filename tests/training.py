"""A small network, data and trainer that the tests of training share."""

from typing import Any

import torch
from torch import nn

from gatework import LSTM
from gatework.train import ShuffledBatches, Trainer


class Network(nn.Module):
    """An LSTM with a linear head that keeps the states that it was called with."""

    def __init__(self, hidden: int = 6, **options: Any) -> None:
        super().__init__()
        self.lstm = LSTM(1, hidden, batch_first=True, **options)
        self.head = nn.Linear(hidden, 1)
        self.states: list = []

    def forward(self, x, state=None, lengths=None):
        self.states.append(state)
        output, state = self.lstm(x, state, lengths)
        return self.head(output), state


def series(rows: int = 8, steps: int = 20) -> torch.Tensor:
    return torch.sin(torch.arange(float(rows * steps)) / 3).reshape(rows, steps, 1)


def network(**options: Any) -> Network:
    torch.manual_seed(0)
    return Network(**options)


def trainer(model: nn.Module, loss: Any = None, **settings: Any) -> Trainer:
    return Trainer(model, loss or nn.MSELoss(), **{"epochs": 3, "learning_rate": 0.01, **settings})


def shuffled(**settings: Any) -> ShuffledBatches:
    """Two batches an epoch."""
    x = series()
    return ShuffledBatches(x[:, :-1], x[:, 1:], **{"batch_size": 4, "seed": 1, **settings})


def flat(model: nn.Module) -> torch.Tensor:
    """All weights of a model, one behind the other."""
    return torch.cat([p.detach().reshape(-1) for p in model.parameters()])
