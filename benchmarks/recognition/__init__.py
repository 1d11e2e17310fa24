"""The tasks of benchmarks/recognize.py, a file each, and what they share."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

DEFAULT = Path("../shared/data")

ACCURACY = "Accuracy"
MEMORY = "Long memory"
SPEED = "Speed"
HEADERS = {
    ACCURACY: ("task", "protocol", "at least", "aim", "reached", "training", "model"),
    MEMORY: ("task", "network", "error over the baseline's", "training", "settings"),
    SPEED: ("what", "sizes", "Gatework", "plain torch", "times as fast"),
}
KEYS = {ACCURACY: 1, MEMORY: 2, SPEED: 2}


@dataclass(frozen=True)
class Row:
    """A row of a table; its first cells, as many as KEYS tells, say which it is."""

    table: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    """How a task is run: with how many seeds, on how many threads, whether as a mere try-out."""

    seeds: int
    threads: int
    smoke: bool

    def each(self, fit: Callable[[int], float]) -> tuple[list[float], float]:
        """Return what ``fit`` reaches with each seed, and the seconds that it took on average."""
        reached, began = [], time.perf_counter()
        for seed in range(self.seeds):
            reached.append(fit(seed))
            print(f"  seed {seed}: {reached[-1]:.4f}", flush=True)
        return reached, (time.perf_counter() - began) / self.seeds

    def few(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Return settings as they are, or, for a try-out, with one epoch."""
        return settings | {"epochs": 1} if self.smoke else settings

    def some(self, count: int) -> int:
        """Return how many examples to take: all, or, for a try-out, hardly any."""
        return min(count, 64) if self.smoke else count


def data_folder(part: str) -> Path:
    """Return the folder ``part`` of what GATEWORK_DATA names; SystemExit where it is not there."""
    folder = Path(os.environ.get("GATEWORK_DATA", DEFAULT)) / part
    if not folder.is_dir():
        raise SystemExit(f"{folder} is not here; set GATEWORK_DATA to the folder of data")
    return folder


def accuracy(
    name: str,
    protocol: str,
    goals: tuple[str, str],
    reached: list[float],
    seconds: float,
    model: Any,
) -> Row:
    """Return the row of a task, with what each seed reached."""
    said = f"**{statistics.fmean(reached):.2%}**"
    if len(reached) > 1:
        each = ", ".join(f"{one:.2%}" for one in reached)
        said += f" (mean of {len(reached)} seeds: {each})"
    return Row(ACCURACY, (name, protocol, *goals, said, _time(seconds), _model(model)))


def memory(task: str, network: str, ratio: float, seconds: float, settings: str) -> Row:
    """Return a row of the table of long memory."""
    return Row(MEMORY, (task, network, f"{ratio:.3%}", _time(seconds), settings))


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"


def _model(model: Any) -> str:
    return repr(model).replace("|", "/")


def first(sequences: Any, count: int) -> Any:
    """Return the first of some sequences."""
    return sequences if count >= len(sequences) else sequences.rows(np.arange(count))
