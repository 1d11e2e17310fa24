"""What a step of `gatework.train.Trainer` takes beside a loop written by hand, on one thread.

python benchmarks/training.py
"""

from __future__ import annotations

import platform
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import nn

from gatework.forecast.recursive.network import ForecastNetwork
from gatework.train import ShuffledBatches, Trainer

RUNS = 15
EPOCHS = 20
SAMPLES, WINDOW, BATCH_SIZE = 320, 12, 32
STEPS = EPOCHS * SAMPLES // BATCH_SIZE
SERIES = torch.sin(torch.arange(SAMPLES * (WINDOW + 1.0)) / 3).reshape(SAMPLES, WINDOW + 1, 1)
INPUTS, TARGETS = SERIES[:, :-1].contiguous(), SERIES[:, 1:].contiguous()


def by_hand(*, fused: bool) -> None:
    """Train with the calls of torch's tutorials: zero_grad, clip_grad_norm_, Adam."""
    model, loss = ForecastNetwork([16], 0.0), nn.MSELoss()
    parameters = list(model.parameters())
    optimizer = torch.optim.Adam(parameters, lr=1e-3, fused=fused)
    total = 0.0
    for _ in range(EPOCHS):
        for rows in torch.randperm(SAMPLES).split(BATCH_SIZE):
            optimizer.zero_grad()
            value = loss(model(INPUTS[rows])[0], TARGETS[rows])
            value.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            total += value.item()


def by_trainer(checkpoint: Path | None = None, every: int = 0) -> None:
    """Train the same with a Trainer."""
    model = ForecastNetwork([16], 0.0)
    batches = ShuffledBatches(INPUTS, TARGETS, BATCH_SIZE)
    trainer = Trainer(
        model, nn.MSELoss(), epochs=EPOCHS, checkpoint=checkpoint, checkpoint_every=every
    )
    trainer.fit(batches)
    if checkpoint is not None:
        checkpoint.unlink()


def main() -> None:
    """Run each loop in turn, alternating, and print the medians a step."""
    torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        path = Path(folder, "run.checkpoint")
        loops = {
            "by hand, Adam": lambda: by_hand(fused=False),
            "by hand, fused Adam": lambda: by_hand(fused=True),
            "Trainer": by_trainer,
            "Trainer, checkpoint each epoch": lambda: by_trainer(path),
            "Trainer, checkpoint each step": lambda: by_trainer(path, 1),
        }
        seconds: dict[str, list[float]] = {name: [] for name in loops}
        for _ in range(RUNS):
            for name, loop in loops.items():
                began = time.perf_counter()
                loop()
                seconds[name].append(time.perf_counter() - began)
    print(f"torch {torch.__version__}, {platform.processor() or platform.machine()}, one thread")
    print(f"LSTM 1 -> 16 -> 1, batch {BATCH_SIZE} x {WINDOW}, median of {RUNS} runs of {STEPS}")
    for name, measured in seconds.items():
        print(f"{name:31} {statistics.median(measured) / STEPS * 1e6:6.0f} microseconds a step")


if __name__ == "__main__":
    main()
