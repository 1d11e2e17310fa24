"""A regime measured: every contender made ready, compared, timed and judged."""

from __future__ import annotations

import pkgutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gatework.bench import machine, onnx_peer, runtime
from gatework.bench.contender import Running, UnavailableError, disagreement
from gatework.bench.regimes import LSTM, RUNTIME, Limits, Regime
from gatework.bench.setting import Setting
from gatework.bench.timing import Effort, Timing, take_turns, torch_threads
from gatework.extras import install, is_here

Contender = Callable[[Setting], Running]
"""Makes a way to run a regime ready; raises UnavailableError where it cannot."""

WITHOUT_TORCH = f"torch is not installed: {install('torch')}"

TORCH_CONTENDERS = {
    LSTM: "ours:gatework",
    "gatework plain": "ours:gatework_plain",
    "gatework reference": "ours:gatework_reference",
    "gatework without trace": "ours:gatework_untraced",
    "torch.nn.LSTM": "peers:torch_lstm",
    "torch.nn.LSTM packed": "peers:torch_packed",
    "LSTMCell": "peers:torch_cells",
    "torch.compile": "peers:torch_compile",
}
"""Where in gatework.bench they are, whose modules import torch."""


def _of_torch(place: str) -> Contender:
    def ready(setting: Setting) -> Running:
        if not is_here("torch"):
            raise UnavailableError(WITHOUT_TORCH)
        return pkgutil.resolve_name(f"gatework.bench.{place}")(setting)

    return ready


CONTENDERS: dict[str, Contender] = {
    RUNTIME: runtime.run,
    "gatework float32": lambda setting: runtime.run(setting, "float32"),
    "onnxruntime": onnx_peer.onnxruntime,
    **{name: _of_torch(place) for name, place in TORCH_CONTENDERS.items()},
}

TOLERANCE = {"float32": 1e-4, "float16": 5e-3, "int8": 0.1}
"""Largest difference by what the weights are kept in, as a share of the largest value: float32 sums
of thousands of terms in another order; weights of 11 bits; weights of 8 bits, one scale a row."""


MOST_OTHERS = 0.25
"""Cores that other programs may take while a regime is measured; with more there is no verdict."""


@dataclass(frozen=True)
class Measurement:
    """What was measured in one regime on a number of threads.

    Attributes:
        times: seconds of each contender that took part, ours by the names in the regime.
        skipped: name and reason of those that did not.
        wrong: name and difference of those whose numbers are not ours.
        others: cores that other programs took meanwhile, None where the system does not tell.
    """

    regime: Regime
    threads: int
    times: Mapping[str, Timing]
    skipped: Mapping[str, str]
    wrong: Mapping[str, float]
    others: float | None = None

    @property
    def ours(self) -> dict[str, Timing]:
        """The times of ours that took part, by their names."""
        return {name: self.times[name] for name in self.regime.ours if name in self.times}

    @property
    def fastest(self) -> Timing | None:
        """The shorter of our times, None when we did not take part."""
        return min(self.ours.values(), key=lambda timing: timing.median, default=None)

    @property
    def best(self) -> str | None:
        """The fastest rival, None when there was none."""
        rivals = {name: t.median for name, t in self.times.items() if name not in self.ours}
        return min(rivals, key=rivals.__getitem__) if rivals else None

    @property
    def ratios(self) -> dict[str, float]:
        """How many times as fast as the best rival each of ours is; empty where there is none."""
        if self.best is None:
            return {}
        best = self.times[self.best].median
        return {name: best / timing.median for name, timing in self.ours.items()}

    @property
    def verdict(self) -> str:
        """Which limit each of ours reached, or "missed", or why that is not told.

        "wrong numbers", "no rival", "busy machine" or "not measured".
        """
        if self.wrong:
            return "wrong numbers"
        if self.ours and self.best is None:
            return "no rival"
        if self.busy:
            return "busy machine"
        return judge(min(self.ratios.values(), default=None), self.regime.limits)

    @property
    def busy(self) -> bool:
        """Whether other programs took so much that the times tell nothing."""
        return self.others is not None and self.others > MOST_OTHERS

    @property
    def met(self) -> bool:
        """Whether what is promised was reached."""
        return self.verdict in ("aim", "at least")


def judge(ratio: float | None, limits: Limits) -> str:
    """Return which of the limits ``ratio`` reaches.

    Example:
        >>> judge(1.4, Limits(1.3, 1.8))
        'at least'
    """
    if ratio is None:
        return "not measured"
    if ratio >= limits.aim:
        return "aim"
    return "at least" if ratio >= limits.at_least else "missed"


def measure(
    regime: Regime,
    threads: int,
    effort: Effort,
    *,
    leave_out: Mapping[str, str] | None = None,
    neighbour: int | None = None,
) -> Measurement:
    """Time ``regime`` on so many threads, ours and every rival that is there.

    ``leave_out`` gives names of rivals that are not asked, with the reason; ``neighbour`` is
    the process that was started to take a core, which is none of the others.
    """
    with torch_threads(threads):
        ready, skipped = _prepare(Setting(regime, threads), leave_out or {})
        wrong = _compare(ready, regime)
        calls = {name: running.call for name, running in ready.items()}
        before, began = _seconds_of_others(neighbour), time.perf_counter()
        times = take_turns(calls, effort)
        after, took = _seconds_of_others(neighbour), time.perf_counter() - began
    others = None if before is None or after is None else max(0.0, (after - before) / took)
    return Measurement(regime, threads, times, skipped, wrong, others)


def _seconds_of_others(neighbour: int | None) -> float | None:
    found = machine.seconds_of_others()
    if found is None or neighbour is None:
        return found
    # What it had, not a whole core: those that are measured may have part of its core.
    return found - machine.seconds_of(neighbour)


def _prepare(
    setting: Setting, leave_out: Mapping[str, str]
) -> tuple[dict[str, Running], dict[str, str]]:
    ready: dict[str, Running] = {}
    skipped: dict[str, str] = {}
    for name in (*setting.regime.ours, *setting.regime.rivals):
        if name in leave_out:
            skipped[name] = leave_out[name]
            continue
        try:
            ready[name] = CONTENDERS[name](setting)
        except UnavailableError as error:
            skipped[name] = str(error)
    return ready, skipped


def _compare(ready: Mapping[str, Running], regime: Regime) -> dict[str, float]:
    us = next((name for name in regime.ours if name in ready), None)
    if us is None or (numbers := ready[us].numbers) is None:
        return {}
    ours_numbers = numbers()
    apart = {
        name: disagreement(ours_numbers, running.numbers())
        for name, running in ready.items()
        if name != us and running.numbers is not None
    }
    # Written so that a difference that is no number counts.
    return {name: d for name, d in apart.items() if not d <= TOLERANCE[regime.storage]}
