"""Training and inference beside the same network in plain torch, alternating, medians.

The loops of torch are written by hand, with torch's fused Adam, clipped gradients and data that
are already in batches; sequences of different lengths go in packed, as torch asks.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from gatework.recognize import SequenceClassifier
from gatework.recognize.batches import SequenceBatches
from gatework.recognize.scaling import Scaling
from gatework.train import Trainer
from recognition import SPEED, Row, Run

CASES: tuple[tuple[str, int, int, int, int, bool, bool], ...] = (
    # name, steps, channels, units, batch, bidirectional, all of one length
    ("digits, rows", 8, 8, 64, 32, True, True),
    ("MNIST, rows", 28, 28, 128, 64, True, True),
    ("MNIST, pixels", 784, 1, 128, 64, False, True),
    ("spoken digits", 44, 40, 96, 32, True, False),
    ("speech, lines", 220, 40, 128, 32, True, False),
)
ROUNDS = 9


class PlainNetwork(nn.Module):
    """The same network in plain torch: the last states, or packed sequences' last states."""

    def __init__(self, channels: int, units: int, *, bidirectional: bool) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, units, bidirectional=bidirectional)
        self.head = nn.Linear(units * (1 + bidirectional), 10)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        given: Any = x
        if lengths is not None:
            given = pack_padded_sequence(x, lengths, enforce_sorted=False)
        hidden = self.lstm(given)[1][0]
        return self.head(torch.cat(list(hidden), dim=-1))


@torch.no_grad()
def read_by_ours(network: Any, batches: list[Any]) -> None:
    for batch in batches:
        network(batch.inputs, None, batch.lengths)


@torch.no_grad()
def read_by_plain(network: Any, batches: list[Any]) -> None:
    for batch in batches:
        network(batch.inputs, batch.lengths)


def torch_loop(network: PlainNetwork, batches: list[Any]) -> Callable[[], object]:
    """Return a pass over all batches in plain torch."""
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    loss = nn.CrossEntropyLoss()

    def once() -> float:
        total = 0.0
        for batch in batches:
            optimizer.zero_grad()
            value = loss(network(batch.inputs, batch.lengths), batch.targets)
            value.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            total += value.item()
        return total

    return once


def alternating(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """Return the median seconds of two functions that take turns."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for place, function in enumerate((ours, theirs)):
            began = time.perf_counter()
            function()
            taken[place].append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])


def rows(run: Run) -> list[Row]:
    """Return a row for training and one for inference of each case."""
    found = []
    for name, steps, channels, units, batch, both, alike in CASES:
        count = batch * (2 if run.smoke else max(3, 60_000 // (steps * batch)))
        draw = np.random.default_rng(0)
        sizes = [steps] * count if alike else draw.integers(steps // 2, steps + 1, count)
        X = [draw.normal(size=(size, channels)).astype(np.float32) for size in sizes]
        model = SequenceClassifier(
            (units,),
            bidirectional=both,
            pooling="last",
            convolutions="none",
            batch_size=batch,
            epochs=1,
            validation=None,
            augment=None,
        )
        part, targets = model._check(X, np.arange(count) % 10, None)
        scaling = Scaling.of(part.sequences.values, "channel")
        data: SequenceBatches = model._batches(part, scaling)
        ready = [data.batch(0, index) for index in range(len(data))]
        network = model.build(channels, 10)
        trainer = Trainer(network, model._loss(targets, part.coded), epochs=1)
        plain = PlainNetwork(channels, units, bidirectional=both)
        rounds = 1 if run.smoke else ROUNDS
        train = alternating(partial(trainer.fit, data), torch_loop(plain, ready), rounds)
        infer = alternating(
            partial(read_by_ours, network.eval(), ready),
            partial(read_by_plain, plain.eval(), ready),
            rounds,
        )
        lengths = f"{steps} steps" if alike else f"{steps // 2} to {steps} steps"
        way = "both directions" if both else "one direction"
        said = (
            f"{lengths} of {channels}, {units} units, {way}, batch {batch}, {run.threads} threads"
        )
        for what, (ours, theirs) in (("training", train), ("inference", infer)):
            cells = [f"{seconds / len(ready) * 1e3:.2f} ms" for seconds in (ours, theirs)]
            print(f"  {name}, {what}: {theirs / ours:.2f}", flush=True)
            found.append(Row(SPEED, (f"{name}, {what}", said, *cells, f"{theirs / ours:.2f}")))
    return found
