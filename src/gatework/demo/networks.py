"""The models of the demonstration: small networks that are trained on the spot, in seconds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from gatework.datasets import lanl_failures
from gatework.demo.series import SYSTEM
from gatework.errors import DataError
from gatework.examine import Run, run_of
from gatework.network import LSTM, LayerSummary, State
from gatework.train import Recorder, ShuffledBatches, Trainer, seeded

SIZES = (32, 16, 8)
EPOCHS = 30
WINDOW = 40

TEXT = (
    "A cell keeps what it has read. The input gate says what may come in, the forget gate says "
    "what may stay, and the output gate says what may be seen. (A bracket must be closed, and a "
    "cell has to remember that it is open.) What is kept for long was kept by a gate that stayed "
    "open; what is lost was let go. "
)
"""The text that the demonstration reads, again and again."""


class DemoNetwork(nn.Module):
    """Three LSTM layers and a linear head: the next value, or the next letter."""

    def __init__(self, features: int, results: int) -> None:
        super().__init__()
        self.lstm = LSTM(features, list(SIZES), batch_first=True, dropout=0.1)
        self.head = nn.Linear(SIZES[-1], results)

    def forward(
        self, x: Tensor, state: State | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, State]:
        """Return the results after each step, (B, T, K), and the state."""
        output, following = self.lstm(x, state, lengths)
        return self.head(output), following

    def layer_summary(self) -> list[LayerSummary]:
        """Return a description of each layer, the head last."""
        return [*self.lstm.layer_summary(), LayerSummary.linear("Linear", self.head)]


@dataclass(frozen=True, eq=False)
class DemoSeries:
    """A network that was trained on a series of counts, and reads others like it."""

    network: DemoNetwork
    mean: float
    deviation: float

    def run(self, values: np.ndarray, labels: Sequence[str], name: str) -> Run:
        """Return the run over counts (T,), none below 0.

        Raises:
            DataError: a value is below 0.
        """
        if (values < 0).any():
            step = int(np.flatnonzero(values < 0)[0])
            raise DataError(
                f"{name}, {labels[step]}: {values[step]:g} is below 0; this network reads counts"
            )
        scaled = (np.log1p(values) - self.mean) / self.deviation
        return replace(
            run_of(self.network, scaled, labels=labels),
            values=values[:, None],
            names=(name,),
            features=("standardised logarithm",),
            layers=tuple(self.network.layer_summary()),
            title=name,
            results=("next value, standardised logarithm",),
        )


@dataclass(frozen=True, eq=False)
class DemoText:
    """A network that has learned to go on with TEXT, letter by letter."""

    network: DemoNetwork
    letters: tuple[str, ...]

    def run(self, text: str = TEXT) -> Run:
        """Return the run over a text of its letters.

        Raises:
            DataError: the text is empty, or has a letter that the network does not know.
        """
        unknown = sorted(set(text) - set(self.letters))
        if unknown or not text:
            known = "".join(self.letters).strip()
            said = f"does not know {''.join(unknown)!r}" if text else "needs a letter to read"
            raise DataError(f"this network {said}; it knows {known} and spaces")
        numbers = torch.tensor([self.letters.index(letter) for letter in text])
        coded = nn.functional.one_hot(numbers, len(self.letters)).float()
        return replace(
            run_of(self.network, coded, labels=tuple(text), names=self.letters),
            text=text,
            values=np.zeros((len(text), 0)),
            names=(),
            layers=tuple(self.network.layer_summary()),
            results=self.letters,
            title="letters",
        )


def train_series(
    folder: str | os.PathLike[str] | None = None, *, seed: int = 1
) -> tuple[DemoSeries, Run]:
    """Return a network trained on failures a week, and its run over them.

    ``folder`` gets the record of the training, for the film.
    """
    counts = lanl_failures()[SYSTEM]
    values = np.array(counts.values, np.float64)
    logs = np.log1p(values)
    mean, deviation = float(logs.mean()), float(logs.std())
    windows = np.lib.stride_tricks.sliding_window_view((logs - mean) / deviation, WINDOW + 1)
    pieces = torch.from_numpy(windows.astype(np.float32)).unsqueeze(-1)
    with seeded(seed):
        network = DemoNetwork(1, 1)
    recorder = None if folder is None else Recorder(folder)
    batches = ShuffledBatches(pieces[:, :-1], pieces[:, 1:], batch_size=16, seed=seed)
    Trainer(
        network, nn.MSELoss(), epochs=EPOCHS, learning_rate=0.01, seed=seed, record=recorder
    ).fit(batches)
    demo = DemoSeries(network, mean, deviation)
    return demo, demo.run(values, counts.weeks, f"LANL {SYSTEM}, failures a week")


def train_text(*, seed: int = 1) -> tuple[DemoText, Run]:
    """Return a network that has learned to go on with TEXT letter by letter, and its run."""
    letters = tuple(sorted(set(TEXT)))
    numbers = torch.tensor([letters.index(letter) for letter in TEXT * 3])
    coded = nn.functional.one_hot(numbers, len(letters)).float()
    length = 64
    starts = range(0, len(numbers) - length - 1, 8)
    inputs = torch.stack([coded[start : start + length] for start in starts])
    targets = torch.stack([numbers[start + 1 : start + length + 1] for start in starts])
    with seeded(seed):
        network = DemoNetwork(len(letters), len(letters))

    def loss(prediction: Tensor, target: Tensor) -> Tensor:
        return nn.functional.cross_entropy(prediction.flatten(0, 1), target.flatten())

    batches = ShuffledBatches(inputs, targets, batch_size=16, seed=seed)
    Trainer(network, loss, epochs=2 * EPOCHS, learning_rate=0.01, seed=seed).fit(batches)
    demo = DemoText(network, letters)
    return demo, demo.run()
