"""What recording costs a training: with and without a record, alternately, in one process.

    python benchmarks/record.py [--quick]

A record has a line of losses and a snapshot of all weights for each epoch. The ratio is the median
of those of neighbouring trainings; where others use the machine it says little. The share is that
of the time inside the recorder, which is all that recording does, so it holds there, too. The aim
is a cost below 5 %.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn

from gatework import LSTM
from gatework.train import Recorder, ShuffledBatches, Trainer, seeded

RESULT = Path(__file__).parent / "results" / "record.md"
CASES = [
    ("32, 16, 8 units, 160 windows of 40", [32, 16, 8], 160, 40, 16, 10),
    ("64, 32 units, 2,000 windows of 50", [64, 32], 2000, 50, 64, 4),
    ("128, 64, 32 units, 2,000 windows of 50", [128, 64, 32], 2000, 50, 64, 2),
]


class Next(nn.Module):
    """The next value after each step."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__()
        self.lstm = LSTM(1, sizes, batch_first=True)
        self.head = nn.Linear(sizes[-1], 1)

    def forward(self, x, state=None, lengths=None):
        output, following = self.lstm(x, state, lengths)
        return self.head(output), following


class TimedRecorder(Recorder):
    """A recorder that knows how long it has been at work."""

    seconds = 0.0

    def begin(self, *given: Any, **named: Any) -> None:
        start = time.perf_counter()
        super().begin(*given, **named)
        self.seconds += time.perf_counter() - start

    def epoch(self, *given: Any, **named: Any) -> None:
        start = time.perf_counter()
        super().epoch(*given, **named)
        self.seconds += time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description="What recording costs a training.")
    parser.add_argument("--quick", action="store_true", help="two rounds, nothing written")
    quick = parser.parse_args().quick
    rounds = 2 if quick else 7
    lines = [
        "# What recording costs a training",
        "",
        f"`python benchmarks/record.py`, {rounds} alternating rounds; {platform.machine()}, "
        f"{os.cpu_count()} processors, {os.getloadavg()[0]:.1f} processes at work at the start. "
        "Median seconds of a whole training, the ratio of neighbouring ones, and the share of the "
        "time that is spent in the recorder; the aim is below 5 %.",
        "",
        "| | epochs | without | with a record | ratio, its quartiles | inside the recorder |",
        "|---|---|---|---|---|---|",
    ]
    for name, sizes, windows, steps, batch, epochs in CASES:
        plain, recorded, inside = measure(sizes, windows, steps, batch, epochs, rounds)
        ratios = sorted(b / a for a, b in zip(plain, recorded, strict=True))
        low, high = ratios[len(ratios) // 4], ratios[3 * len(ratios) // 4]
        a, b = statistics.median(plain), statistics.median(recorded)
        lines.append(
            f"| {name} | {epochs} | {a:.3f} | {b:.3f} | {statistics.median(ratios):.3f}, "
            f"{low:.3f} to {high:.3f} | {100 * statistics.median(inside):.1f} % |"
        )
        print(lines[-1])
    text = "\n".join(lines) + "\n"
    print(text)
    if not quick:
        RESULT.write_text(text, encoding="utf-8")


def measure(
    sizes: list[int], windows: int, steps: int, batch: int, epochs: int, rounds: int
) -> tuple[list[float], list[float], list[float]]:
    """Return the seconds of trainings without and with a record, and the recorder's share."""
    x = torch.sin(torch.arange(windows * (steps + 1)) / 7.0).reshape(windows, steps + 1, 1)
    times: dict[bool, list[float]] = {False: [], True: []}
    shares = []
    for turn in range(rounds + 1):
        for record in (False, True) if turn % 2 else (True, False):
            with tempfile.TemporaryDirectory() as folder, seeded(0):
                recorder = TimedRecorder(Path(folder) / "run") if record else None
                trainer = Trainer(Next(sizes), nn.MSELoss(), epochs=epochs, record=recorder)
                batches = ShuffledBatches(x[:, :-1], x[:, 1:], batch_size=batch)
                start = time.perf_counter()
                trainer.fit(batches)
                if turn:  # the first warms up
                    times[record].append(time.perf_counter() - start)
                if turn and recorder is not None:
                    shares.append(recorder.seconds / (times[True][-1] - recorder.seconds))
    return times[False], times[True], shares


if __name__ == "__main__":
    main()
