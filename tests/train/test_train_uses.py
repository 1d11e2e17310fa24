"""What the loop is shared for: language models with a carried state, classifiers with lengths."""

import math

import pytest
import torch
from torch import nn

from gatework import LSTM
from gatework.train import MaskedLoss, ShuffledBatches, StreamBatches
from training import trainer


def next_token_loss(scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return nn.functional.cross_entropy(scores.transpose(1, 2), targets)


class Tokens(nn.Module):
    """A language model of 6 tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(6, 8)
        self.lstm = LSTM(8, 16, batch_first=True)
        self.head = nn.Linear(16, 6)

    def forward(self, tokens, state=None, lengths=None):
        output, state = self.lstm(self.embedding(tokens), state, lengths)
        return self.head(output), state


def test_a_language_model_remembers_across_pieces() -> None:
    # Each piece begins with 0, and 1 or 2 follows in turn: which, is known from the piece before.
    stream = torch.tensor([0, 1, 0, 2] * 10 + [0]).repeat(2, 1)
    torch.manual_seed(0)
    run = trainer(Tokens(), next_token_loss, epochs=20, learning_rate=0.02)
    batches = StreamBatches(stream[:, :-1], stream[:, 1:], steps=2)
    history = run.fit(batches, batches)
    assert history.losses[-1] < 0.1
    assert history.validation[-1] < 0.1
    pieces = torch.stack([stream[0, start : start + 3] for start in range(0, 40, 2)])
    forgetful = trainer(Tokens(), next_token_loss, epochs=20, learning_rate=0.02)
    history = forgetful.fit(ShuffledBatches(pieces[:, :-1], pieces[:, 1:], batch_size=8))
    least = math.log(2) / 2  # every second token is a coin toss
    assert history.losses[-1] > 0.9 * least


class Classifier(nn.Module):
    """Says which class a sequence belongs to from its last valid step."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = LSTM(1, 8, batch_first=True)
        self.head = nn.Linear(8, 2)

    def forward(self, x, state=None, lengths=None):
        _, state = self.lstm(x, state, lengths)
        return self.head(state.layers[-1][0].hidden), state


def test_a_classifier_of_sequences_of_different_lengths() -> None:
    generator = torch.Generator().manual_seed(0)
    classes = torch.arange(32) % 2
    x = torch.randn(32, 9, 1, generator=generator) * 0.3 + (classes * 2.0 - 1).reshape(-1, 1, 1)
    lengths = torch.randint(3, 10, (32,), generator=generator)
    torch.manual_seed(0)
    run = trainer(Classifier(), nn.CrossEntropyLoss(), epochs=15, learning_rate=0.05)
    history = run.fit(ShuffledBatches(x, classes, batch_size=8, lengths=lengths))
    assert history.losses[-1] < 0.05


def test_tokens_of_sequences_of_different_lengths() -> None:
    tokens = torch.tensor([[0, 1, 2, 3, 4], [2, 3, 4, 5, 5], [1, 2, 3, 3, 3]])
    lengths = torch.tensor([4, 3, 2])

    def each(scores, targets):
        return nn.functional.cross_entropy(scores.transpose(1, 2), targets, reduction="none")

    torch.manual_seed(0)
    run = trainer(Tokens(), MaskedLoss(each), epochs=60, learning_rate=0.02)
    batches = ShuffledBatches(tokens[:, :-1], tokens[:, 1:], batch_size=3, lengths=lengths)
    history = run.fit(batches)
    assert history.losses[-1] < 0.1


def test_validation_by_batches_equals_validation_by_hand() -> None:
    stream = torch.arange(24).reshape(2, 12) % 6
    torch.manual_seed(0)
    model = Tokens()
    batches = StreamBatches(stream[:, :-1], stream[:, 1:], steps=4)
    history = trainer(model, next_token_loss, epochs=1).fit(batches, batches)
    with torch.no_grad():
        whole = next_token_loss(model(stream[:, :-1])[0], stream[:, 1:]).item()
    assert history.validation == pytest.approx([whole], rel=1e-5)
