"""Timing: contenders take turns in one process, and the median of many samples counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from gatework.extras import is_here

SETTLE = 0.06
"""Seconds of rest before a sample, in which the threads of the one before stop spinning.

onnxruntime's workers spin for some 10 to 50 ms, and would take a core from whoever comes next.
"""


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds of samples, and seconds that a sample should take."""

    rounds: int
    sample: float


FULL = Effort(9, 0.03)
QUICK = Effort(5, 0.01)


@dataclass(frozen=True)
class Timing:
    """Seconds a call took: the median of the samples, and the quartiles around it.

    Attributes:
        processor: the median of the processor time that all threads of the process took for it,
            those that wait for work in a loop, too.
    """

    median: float
    low: float
    high: float
    samples: int
    processor: float

    @property
    def spread(self) -> float:
        """Distance of the quartiles as a share of the median."""
        return (self.high - self.low) / self.median


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Let torch work on so many threads within the block, where it is installed."""
    if not is_here("torch"):
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def take_turns(calls: Mapping[str, Callable[[], object]], effort: Effort) -> dict[str, Timing]:
    """Time every call, a sample of each in turn, as often as ``effort`` says.

    A call shorter than a sample is repeated within it. Each sample is preceded by one call that
    is not timed.
    """
    repeats = {name: _repeats(call, effort.sample) for name, call in calls.items()}
    samples: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(effort.rounds):
        for name, call in calls.items():
            time.sleep(SETTLE)
            call()
            samples[name].append(_time(call, repeats[name]))
    return {name: _summary(found) for name, found in samples.items()}


def _time(call: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Return the time that passes, and that of the processor."""
    turns = range(repeats)
    worked, began = time.process_time(), time.perf_counter()
    for _ in turns:
        call()
    took = time.perf_counter() - began
    return took / repeats, (time.process_time() - worked) / repeats


def _repeats(call: Callable[[], object], sample: float) -> int:
    call()
    repeats = 1
    while True:
        took = _time(call, repeats)[0] * repeats
        if took >= sample / 4:
            return max(1, round(repeats * sample / took))
        repeats *= 4


def _summary(samples: list[tuple[float, float]]) -> Timing:
    took = [passed for passed, _ in samples]
    processor = statistics.median(worked for _, worked in samples)
    if len(took) < 2:
        return Timing(took[0], took[0], took[0], 1, processor)
    low, median, high = statistics.quantiles(took, n=4, method="inclusive")
    return Timing(median, low, high, len(took), processor)
