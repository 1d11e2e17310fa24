"""What is measured, against whom, and how fast it has to be: one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from gatework.bench import variants
from gatework.errors import OptionError, nearest
from gatework.runtime.packing import Storage

Task = Literal["step", "inference", "training"]

LSTM, RUNTIME = "gatework.LSTM", "gatework.runtime"
"""Ours: the modules of torch, and the runtime without it."""


class Limits(NamedTuple):
    """How many times as fast as the best rival: what is promised, and what is aimed at."""

    at_least: float
    aim: float


@dataclass(frozen=True)
class Regime:
    """One thing that is timed: a task, its sizes, its rivals and its limits.

    The input has as many features as the layer has cells (I = H).

    Attributes:
        group: the row of the table that it belongs to.
        task: "step": one step of each sequence with its state carried; "inference": a batch of
            sequences; "training": the same with all gradients.
        hidden: H. batch: B. steps: T. layers: number of layers.
        rivals: names of the contenders that it is compared with; see gatework.bench.measure.
        limits: what the ratio to the fastest rival should be, of each of ours.
        variant: a name of gatework.bench.variants, or "plain".
        storage: in what the stepper keeps its weights.
        lengths: half of the batch is padding.
        trace: every gate is returned.
        quick: whether a quick run has it.
    """

    group: str
    task: Task
    hidden: int
    rivals: tuple[str, ...]
    limits: Limits
    batch: int = 1
    steps: int = 100
    layers: int = 1
    variant: str = "plain"
    storage: Storage = "float32"
    lengths: bool = False
    trace: bool = False
    quick: bool = False

    @property
    def name(self) -> str:
        """The group and what tells it from the group's others."""
        parts = [f"H {self.hidden}"]
        if self.task != "step" or self.batch > 1:
            parts.append(f"B {self.batch}")
        if self.variant != "plain":
            parts.insert(0, self.variant)
        if self.group in ("variants", "loop"):
            parts.insert(0, self.task)
        return f"{self.group}: {', '.join(parts)}"

    @property
    def ours(self) -> tuple[str, ...]:
        """What of ours runs it: steps are the runtime's, plain inference both's."""
        if self.task == "step":
            return (RUNTIME,)
        both = self.task == "inference" and self.variant == "plain" and not self.trace
        return (LSTM, RUNTIME) if both and not self.lengths else (LSTM,)

    @property
    def needs_torch(self) -> bool:
        """Whether it is not for the runtime, which needs none."""
        return RUNTIME not in self.ours

    @property
    def one_step(self) -> bool:
        """Whether it is a step of one sequence, which reads the weights and does little else."""
        return self.task == "step" and self.batch == 1

    @property
    def flops(self) -> float:
        """Floating-point operations of the matrix products of one call, 2 a multiply-add."""
        gates = 4 * self.hidden * (self.hidden + self.hidden)
        if self.variant == "projection":
            gates -= 2 * self.hidden * self.hidden - self.hidden * self.hidden // 2
        elif "coupled" in self.variant:
            gates -= gates // 4
        steps = 1 if self.task == "step" else self.steps
        share = 0.5 if self.lengths else 1.0
        passes = 3 if self.task == "training" else 1
        return 2.0 * passes * share * self.layers * steps * self.batch * gates

    @property
    def weight_bytes(self) -> int:
        """Bytes of weights that one step reads."""
        size = {"float32": 4, "float16": 2, "int8": 1}[self.storage]
        return self.layers * size * 8 * self.hidden * self.hidden


STEP_LIMITS = {
    1: {
        16: Limits(40, 80),
        32: Limits(40, 80),
        64: Limits(15, 20),
        128: Limits(6, 8),
        256: Limits(2.5, 4),
    },
    3: {
        16: Limits(30, 60),
        32: Limits(30, 60),
        64: Limits(12, 15),
        128: Limits(4.5, 6),
        256: Limits(2, 3),
    },
}
FLOAT16_LIMITS = Limits(1.4, 2)
ONE_ROW_LIMITS = Limits(1.3, 1.8)
BATCH_LIMITS = {
    32: Limits(1.5, 2),
    64: Limits(1.15, 1.5),
    128: Limits(1.05, 1.2),
    256: Limits(1.0, 1.1),
    512: Limits(1.0, 1.05),
}
TRAINING_LIMITS = {
    32: Limits(1.7, 2.2),
    64: Limits(1.7, 2.2),
    128: Limits(1.3, 2),
    256: Limits(1.1, 1.3),
    512: Limits(1.0, 1.15),
}
BUSY_LIMITS = Limits(1.0, 1.3)
VARIANT_LIMITS = Limits(0.7, 0.9)
LOOP_LIMITS = Limits(8, 20)
LENGTHS_LIMITS = Limits(5, 10)
TRACE_LIMITS = Limits(0.6, 0.8)

STREAMS_LIMITS = Limits(1, 2)

STEP_RIVALS = ("torch.nn.LSTM", "LSTMCell", "torch.compile", "onnxruntime")
SEQUENCE_RIVALS = ("torch.nn.LSTM", "torch.compile", "onnxruntime")
TRAINING_RIVALS = ("torch.nn.LSTM",)

BOTH_SIZES = ((64, 16), (128, 64))
"""H and B of the variants, and of what only they are compared in."""


def _steps() -> Iterator[Regime]:
    for layers, by_size in STEP_LIMITS.items():
        group = "step" if layers == 1 else f"step, {layers} layers"
        for H, limits in by_size.items():
            quick = H in ((16, 64, 256) if layers == 1 else (64,))
            yield Regime(group, "step", H, STEP_RIVALS, limits, layers=layers, quick=quick)
    for H in (128, 256, 512):
        quick = H == 256
        rivals = ("gatework float32",)
        yield Regime("float16", "step", H, rivals, FLOAT16_LIMITS, storage="float16", quick=quick)


def _streams() -> Iterator[Regime]:
    for H in (64, 128):
        own: dict[str, Any] = {"batch": 64, "quick": H == 64}
        yield Regime("streams", "step", H, STEP_RIVALS, STREAMS_LIMITS, **own)


def _sequences() -> Iterator[Regime]:
    for H in (32, 64, 128, 256):
        yield Regime("inference", "inference", H, SEQUENCE_RIVALS, ONE_ROW_LIMITS, quick=H == 64)
    for H, limits in BATCH_LIMITS.items():
        for B in (16, 64):
            quick = (H, B) in ((32, 16), (128, 64))
            yield Regime("inference", "inference", H, SEQUENCE_RIVALS, limits, batch=B, quick=quick)
    for H, limits in TRAINING_LIMITS.items():
        for B in (16, 64):
            quick = (H, B) in ((32, 16), (64, 64), (256, 16))
            yield Regime("training", "training", H, TRAINING_RIVALS, limits, batch=B, quick=quick)


def _variants() -> Iterator[Regime]:
    plain, reference = ("gatework plain",), ("gatework reference",)
    for H, B in BOTH_SIZES:
        for variant in variants.NAMES:
            quick = H == 64 and variant in ("layer norm", "exponential gating")
            own: dict[str, Any] = {"batch": B, "variant": variant, "quick": quick}
            yield Regime("variants", "inference", H, plain, VARIANT_LIMITS, **own)
            yield Regime("variants", "training", H, plain, VARIANT_LIMITS, **own)
            yield Regime("loop", "training", H, reference, LOOP_LIMITS, **own)


def _others() -> Iterator[Regime]:
    packed, untraced = ("torch.nn.LSTM packed",), ("gatework without trace",)
    for H, B in BOTH_SIZES:
        own: dict[str, Any] = {"batch": B, "quick": H == 64}
        yield Regime("lengths", "training", H, packed, LENGTHS_LIMITS, lengths=True, **own)
        yield Regime("trace", "inference", H, untraced, TRACE_LIMITS, trace=True, **own)


REGIMES = (*_steps(), *_streams(), *_sequences(), *_variants(), *_others())


def beside_others(regime: Regime) -> Regime:
    """Return a regime with the limits that it has where another program takes a core."""
    plain = regime.task in ("inference", "training") and regime.limits.at_least > BUSY_LIMITS[0]
    return replace(regime, limits=BUSY_LIMITS) if plain else regime


def select(only: str | None = None, *, quick: bool = False) -> tuple[Regime, ...]:
    """Return the regimes whose group is ``only``, or whose name starts with it; None for all.

    Raises:
        OptionError: when there is no such regime.

    Example:
        >>> [regime.name for regime in select("step", quick=True)]
        ['step: H 16', 'step: H 64', 'step: H 256']
    """
    found = REGIMES
    if only is not None:
        found = tuple(r for r in REGIMES if only == r.group or r.name.startswith(only))
        if any(r.group == only for r in found):
            found = tuple(r for r in found if r.group == only)
    if not found:
        groups = list(dict.fromkeys(regime.group for regime in REGIMES))
        raise OptionError(
            f"there is no regime {only!r}; there are {'; '.join(groups)}",
            hint=f"--only {(nearest(str(only), groups) or groups[0])!r}",
        )
    # What was asked for by its full name is measured in a quick run too.
    return tuple(r for r in found if r.quick or not quick) or found
