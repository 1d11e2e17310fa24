"""A recogniser without torch: a file of one, run over whole sequences or step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatework.cell.configuration import StackConfig, default_config
from gatework.cell.options import VARIANTS, CellOptions
from gatework.checks import is_number, is_whole
from gatework.errors import OptionError, ShapeError
from gatework.runtime import refusals
from gatework.runtime.architecture import Architecture, EnsembleMember, numbers, stack_of
from gatework.runtime.convolutions import (
    FILTERS,
    Kept,
    PackedConvolutions,
    convolution_shapes,
)
from gatework.runtime.model import Model
from gatework.runtime.packing import Storage
from gatework.runtime.pooled import POOLINGS, RunningPool
from gatework.storage import Tensor

KINDS = ("sequence_classifier", "sequence_tagger", "sequence_regressor", "transcriber")
"""Of files that hold a recogniser."""
EVERY_STEP = ("sequence_tagger", "transcriber")
"""Those that tell something at every step."""
CONVOLUTIONS = ("none", "beside", "before")
MOST_MEMBERS = 64
"""Networks whose mean is told, at most."""
_LSTM, _WINDOWS, _SCORE = "lstm.", "convolutions.", "pooling.score."
_SCALING = ("scaling.mean", "scaling.deviation")


@dataclass(frozen=True)
class RecognizerPlan:
    """What the configuration of a file asks for.

    Attributes:
        lstm: the stack.
        channels, outputs: C, of a step, and O, of the head.
        convolutions, pooling: one of CONVOLUTIONS; one of POOLINGS, or None at every step.
        temperature: what is divided by before the softmax.
        flat: a number is told, not numbers.
        prefix: what the names of the network's tensors begin with.
        others: the same of networks beside it, whose mean with it is told.
    """

    kind: str
    lstm: Architecture
    channels: int
    outputs: int
    convolutions: str
    pooling: str | None
    temperature: float
    flat: bool
    prefix: str = "network."
    others: tuple[RecognizerPlan, ...] = ()

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return name and shape of every tensor but the scaling of numbers."""
        shapes = self.lstm.expected()
        wide = self.lstm.stack.output_size
        if self.convolutions != "none":
            shapes |= convolution_shapes(self.channels, self.prefix + _WINDOWS)
        if self.pooling == "attention":
            score = self.prefix + _SCORE
            shapes |= {score + "weight": (1, wide), score + "bias": (1,)}
        wide += FILTERS[-1] * (self.convolutions == "beside")
        shapes |= {
            self.prefix + "head.weight": (self.outputs, wide),
            self.prefix + "head.bias": (self.outputs,),
        }
        for other in self.others:
            shapes |= other.shapes()
        return shapes | {name: (self.channels,) for name in _SCALING}

    def beside(self, number: int) -> RecognizerPlan:
        """Return the same of one of the networks beside it."""
        prefix = f"{self.prefix}others.{number}."
        return replace(self, prefix=prefix, lstm=_lstm(self.lstm.stack, prefix))


def _lstm(stack: StackConfig, prefix: str) -> Architecture:
    return Architecture("lstm", (EnsembleMember(stack, lstm_prefix=prefix + _LSTM),))


def plan_of(kind: str, config: Mapping[str, Any]) -> RecognizerPlan:
    """Return what the configuration of a recogniser's file asks for.

    Raises:
        ValueError: telling what is not sound in it.
    """
    settings, targets = config.get("settings"), config.get("targets")
    if not isinstance(settings, dict) or not isinstance(targets, dict):
        raise ValueError("a recogniser's configuration has the parts 'settings' and 'targets'")
    channels, temperature = config.get("channels"), config.get("temperature")
    if not is_whole(channels, 1, 10**6):
        raise ValueError(f"channels must be a whole number from 1, got {channels!r}")
    if not is_number(temperature) or not temperature > 0:
        raise ValueError(f"temperature must be a positive number, got {temperature!r}")
    convolutions = settings.get("convolutions", "none")
    if convolutions not in CONVOLUTIONS:
        raise ValueError(f"convolutions cannot be {convolutions!r}")
    pooling = None if kind in EVERY_STEP else settings.get("pooling", "last")
    if pooling is not None and pooling not in POOLINGS:
        raise ValueError(f"pooling cannot be {pooling!r}")
    sizes, both = settings.get("hidden_sizes"), settings.get("bidirectional", False)
    variants = dict(settings.get("variants") or {})
    if unknown := variants.keys() - VARIANTS:
        raise ValueError(f"variants cannot have {min(unknown)!r}")
    if not isinstance(both, bool):
        raise ValueError(f"bidirectional must be True or False, got {both!r}")
    stack = stack_of(
        default_config(
            CellOptions,
            input_size=FILTERS[-1] if convolutions == "before" else channels,
            hidden_sizes=sizes if isinstance(sizes, list) else [sizes],
            bidirectional=both,
            **variants,
        )
    )
    members = config.get("members") or 1
    if not is_whole(members, 1, MOST_MEMBERS):
        raise ValueError(f"members must be a whole number from 1, got {members!r}")
    outputs, flat = _outputs(targets)
    plan = RecognizerPlan(
        kind,
        _lstm(stack, RecognizerPlan.prefix),
        channels,
        outputs,
        convolutions,
        pooling,
        float(temperature),
        flat,
    )
    return replace(plan, others=tuple(plan.beside(number) for number in range(members - 1)))


def _outputs(targets: Mapping[str, Any]) -> tuple[int, bool]:
    """Return how many numbers the head tells, and whether that is one number by itself."""
    names = targets.get("classes", targets.get("tokens"))
    if isinstance(names, list):
        return len(names) + ("tokens" in targets), False  # beside tokens there is the blank
    count = targets.get("outputs")
    if not is_whole(count, 1, 10**6):
        raise ValueError("the targets are neither classes, nor tokens, nor a number of outputs")
    flat = targets.get("flat") is True
    if flat and count != 1:
        raise ValueError(f"outputs must be 1 where they are flat, got {count}")
    return count, flat


class Recognizer:
    """A classifier, tagger, regressor or transcriber; ``gatework.runtime.load`` makes it.

    It takes sequences as the estimator does, features that are not scaled, and tells of each of
    them the probability of every class; the number or numbers of a regressor; at every step the
    probability of every class, or, of a transcriber, of nothing and of every label.

    Attributes:
        kind: of the file.
        channels, outputs: C, features of a step, and O, numbers that are told.
        bidirectional: the layers also read a sequence from its end.
        lstm: the LSTM alone.
    """

    def __init__(
        self,
        plan: RecognizerPlan,
        tensors: Mapping[str, Tensor],
        storage: Storage,
        target: str,
        threads: int,
    ) -> None:
        self.kind, self.channels, self.outputs = plan.kind, plan.channels, plan.outputs
        self.plan, self.bidirectional = plan, plan.lstm.stack.bidirectional
        lstm, own = plan.prefix + _LSTM, plan.prefix
        weights = {name: one for name, one in tensors.items() if name.startswith(lstm)}
        self.lstm = Model.packed(plan.lstm, weights, storage, target, threads)
        rest = {
            name: numbers(one)
            for name, one in tensors.items()
            if (name.startswith(own) and not name.startswith((lstm, own + "others.")))
            or name.startswith(("scaling.", "targets."))
        }
        self.windows = None
        if plan.convolutions != "none":
            self.windows = PackedConvolutions(rest, own + _WINDOWS)
        self._head = rest[own + "head.weight"].T, rest[own + "head.bias"]
        self._scale = tuple(rest[name] for name in _SCALING)
        self._score = None
        if plan.pooling == "attention":
            self._score = rest[own + _SCORE + "weight"][0], float(rest[own + _SCORE + "bias"][0])
        self._units = None
        if plan.kind == "sequence_regressor":
            self._units = rest["targets.mean"], rest["targets.deviation"]
        self.others = [
            Recognizer(other, tensors, storage, target, threads) for other in plan.others
        ]

    def __repr__(self) -> str:
        return f"Recognizer({self.kind!r}, channels={self.channels}, outputs={self.outputs})"

    def __call__(
        self, x: np.ndarray, lengths: Sequence[int] | np.ndarray | None = None
    ) -> np.ndarray:
        """Return what is told of whole sequences.

        Args:
            x: the sequences.
            lengths: steps of each, from 1; what lies behind is padding and changes nothing.

        Shapes:
            x: (T, B, C), or (T, C) for one. lengths: (B). returns: (B, O), or (T, B, O) at every
            step, of any value on padding; of a regressor with one number (B). For one sequence
            without B.

        Raises:
            ShapeError: when sizes or lengths do not fit, or a value is not finite.
        """
        told = self.results(self.outputs_of(x, lengths))
        if np.ndim(x) == 3:
            return told
        return told[:, 0] if self.plan.pooling is None else told[0]

    def outputs_of(
        self, x: np.ndarray, lengths: Sequence[int] | np.ndarray | None = None
    ) -> np.ndarray:
        """Return what heads say, (B, O) or (T, B, O), their mean, before it is made a result."""
        told = self._outputs_of(x, lengths)
        for other in self.others:
            told = told + other._outputs_of(x, lengths)
        return told / (1 + len(self.others))

    def _outputs_of(self, x: np.ndarray, lengths: Sequence[int] | np.ndarray | None) -> np.ndarray:
        """Return what the head of the first network says."""
        given = self._fitting(x)
        T, B = len(given), given.shape[1] if given.ndim == 3 else 1
        ends = np.full(B, T) if lengths is None else refusals.check_lengths(lengths, T, B)
        if not B or not T or not ends.all():
            raise ShapeError("each sequence must have a step, and there must be a sequence")
        padding = np.arange(T)[:, None] >= ends
        # Whatever padding holds, NaN included, is not looked at.
        there = ~padding.reshape(given.shape[:-1])[..., None]
        values = self.scaled(np.where(there, given, given.dtype.type(0))).reshape(T, B, -1)
        values[padding] = 0.0
        seen = None
        if self.windows is not None:
            seen = self.windows.running(values.swapaxes(0, 1))[0].swapaxes(0, 1)
            seen = np.where(padding[..., None], values.dtype.type(0), seen)
        output = self.lstm(
            np.ascontiguousarray(seen if self.plan.convolutions == "before" else values),
            lengths=ends,
        )[0]
        beside = seen if self.plan.convolutions == "beside" else None
        if self.plan.pooling is None:
            parts = [output] if beside is None else [output, beside]
            return self.head(np.concatenate(parts, axis=-1))
        rows = [self._at_end(output[:end, row]) for row, end in enumerate(ends)]
        if beside is not None:
            means = [
                RunningPool("mean").after(beside[:end, row])[-1] for row, end in enumerate(ends)
            ]
            rows = [np.concatenate(pair) for pair in zip(rows, means, strict=True)]
        return self.head(np.stack(rows))

    def _at_end(self, output: np.ndarray) -> np.ndarray:
        """Return what the outputs (T, F) of a sequence come to."""
        if self.plan.pooling == "last" and self.bidirectional:
            half = output.shape[1] // 2  # what is read backwards ends at the first step
            return np.concatenate([output[-1, :half], output[0, half:]])
        return self.pool().after(output)[-1]

    def pool(self) -> RunningPool:
        """Return what pools the outputs of the LSTM."""
        return RunningPool(self.plan.pooling or "last", self._score)

    def scaled(self, x: Any) -> np.ndarray:
        """Return features (..., C) as the network takes them.

        Raises:
            ShapeError: when they do not fit, or are not finite.
        """
        values = self._fitting(x)
        if not np.isfinite(values).all():
            place = np.argwhere(~np.isfinite(values))[0].tolist()
            raise ShapeError(f"x{place} is not a finite number")
        return (values - self._scale[0]) / self._scale[1]

    def _fitting(self, x: Any) -> np.ndarray:
        values = np.asarray(x, self.lstm.dtype)
        if values.ndim not in (2, 3) or values.shape[-1] != self.channels:
            raise ShapeError(
                f"x must have the shape (T, B, C) or (T, C) with C = {self.channels}, "
                f"got {values.shape}"
            )
        return values

    def head(self, pooled: np.ndarray) -> np.ndarray:
        """Return what the head says of what was pooled, (..., O)."""
        return pooled @ self._head[0] + self._head[1]

    def results(self, told: np.ndarray) -> np.ndarray:
        """Return what the head said (..., O) as results, float64."""
        if self._units is not None:
            mean, deviation = self._units
            values = told.astype(np.float64) * deviation + mean
            return values[..., 0] if self.plan.flat else values
        scaled = told.astype(np.float64) / self.plan.temperature
        shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        return shares / shares.sum(axis=-1, keepdims=True)

    def stream(self) -> RecognizerStream:
        """Return what tells the same of one sequence while it comes.

        Raises:
            OptionError: when the model is bidirectional.
        """
        if self.bidirectional:
            raise OptionError(
                "this model is bidirectional and cannot stream: its second direction begins at "
                "the end of the sequence, which is not known yet",
                hint="train with bidirectional=False",
            )
        return RecognizerStream(self)


class RecognizerStream:
    """One sequence, whose steps are pushed as they come; ``recognizer.stream()`` makes it."""

    def __init__(self, model: Recognizer) -> None:
        self.model = model
        self._stepper = model.lstm.stepper()
        self._others = [RecognizerStream(other) for other in model.others]
        self.restart()

    def restart(self) -> None:
        """Forget what came; the next step begins a new sequence."""
        self._stepper.reset()
        self._kept: Kept | None = None
        self._pool, self._average = self.model.pool(), RunningPool("mean")
        for other in self._others:
            other.restart()

    def push(self, steps: Any) -> np.ndarray:
        """Take in the next steps and return what is told after each of them.

        Shapes:
            steps: (n, C), or (C) for one step; n may be 0. returns: (n, O), or (n) of a regressor
            with one number.

        Raises:
            ShapeError: when they do not fit, or are not finite; nothing changes then.
        """
        model, given = self.model, np.asarray(steps)
        given = given[None] if given.shape == (model.channels,) else given
        if given.ndim != 2 or given.shape[1] != model.channels:
            raise ShapeError(
                f"the steps of a stream must have the shape (n, {model.channels}), "
                f"got {given.shape}"
            )
        values = model.scaled(given)
        if not len(values):
            return model.results(np.empty((0, model.outputs)))
        told = self._told(values)
        for other in self._others:
            told = told + other._told(values)
        return model.results(told / (1 + len(self._others)))

    def _told(self, values: np.ndarray) -> np.ndarray:
        """Return what the head of the first network says after each step (n, C)."""
        model, plan, seen = self.model, self.model.plan, None
        if model.windows is not None:
            seen, self._kept = model.windows.running(values[None], self._kept)
            seen = seen[0]
        found = np.empty((len(values), model.lstm.output_size), model.lstm.dtype)
        inputs = np.ascontiguousarray(seen if plan.convolutions == "before" else values)
        for row, out in zip(inputs, found, strict=True):
            self._stepper.step(row, out)
        pooled = found if plan.pooling is None else self._pool.after(found)
        if plan.convolutions == "beside" and seen is not None:
            beside = seen if plan.pooling is None else self._average.after(seen)
            pooled = np.concatenate([pooled, beside], axis=1)
        return model.head(pooled)
