"""Networks and steppers of numpy alone, with the faces of those of the native module."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from gatework.cell.options import CellOptions
from gatework.runtime.equations import multiply, project_input, steps
from gatework.runtime.refusals import refuse_step

Scaling = tuple[float, float, bool, float]
"""Mean, deviation, whether the logarithm is scaled, and the lowest output."""


class ArrayCell(NamedTuple):
    """The weights of a cell as they are kept."""

    options: CellOptions
    reverse: bool
    weights: dict[str, Kept]

    def widened(self) -> dict[str, np.ndarray]:
        """Return the weights as they are multiplied."""
        return {name: kept.widened() for name, kept in self.weights.items()}


class Kept(NamedTuple):
    """A weight as it is kept: as it was, in float16, or in bytes with a scale for each row."""

    values: np.ndarray
    scale: np.ndarray | None = None

    @classmethod
    def of(cls, weight: np.ndarray, storage: str) -> Kept:
        """Keep a matrix in a storage: "same", "float16" or "int8"."""
        if storage == "float16":
            return cls(weight.astype(np.float16))
        if storage == "same":
            return cls(weight.copy())
        largest = np.abs(weight).max(axis=1, keepdims=True)
        scale = largest / np.float32(127)
        inverse = np.where(largest > 1e-30, 127 / np.maximum(largest, np.float32(1e-30)), 0)
        exact = weight * inverse.astype(weight.dtype)
        return cls(np.trunc(exact + np.copysign(np.float32(0.5), exact)).astype(np.int8), scale)

    def widened(self) -> np.ndarray:
        """Return the weight in the dtype that is computed in."""
        if self.scale is not None:
            return self.values.astype(np.float32) * self.scale
        narrow = self.values.dtype == np.float16
        return self.values.astype(np.float32) if narrow else self.values

    @property
    def bytes(self) -> int:
        """What it takes."""
        return self.values.nbytes + (0 if self.scale is None else self.scale.nbytes)


class Call(NamedTuple):
    """A cell of a runner: its weights as they are multiplied, and where its state lies in a row."""

    cell: ArrayCell
    weights: dict[str, np.ndarray]
    parts: dict[str, tuple[slice, slice]]


class ArrayLinear(NamedTuple):
    """A linear layer."""

    weight: Kept
    bias: np.ndarray | None = None

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return x (..., inputs) through it, (..., outputs)."""
        y = multiply(self.weight.widened(), x)
        return y if self.bias is None else y + self.bias

    @property
    def outputs(self) -> int:
        """Features that it gives."""
        return len(self.weight.values)


class Member:
    """A stack of cells with or without a head."""

    def __init__(self) -> None:
        self.layers: list[list[ArrayCell]] = []
        self.head: ArrayLinear | None = None


class ArrayNetwork:
    """Stacks of cells, averaged; built piece by piece as a native network is."""

    dtype: ClassVar[type[np.floating]]

    def __init__(self, target: str, storage: str = "same", scaling: Scaling | None = None) -> None:
        self.target, self.storage, self.scaling = target, storage, scaling
        self.members: list[Member] = []

    def add_member(self) -> None:
        """Begin a stack of cells."""
        self.members.append(Member())

    def add_cell(
        self,
        weight_ih: np.ndarray,
        weight_hh: np.ndarray,
        *,
        coupled: bool = False,
        exponential: bool = False,
        zoneout_cell: float = 0.0,
        zoneout_hidden: float = 0.0,
        reverse: bool = False,
        **others: np.ndarray,
    ) -> None:
        """Begin a layer with a cell, or, in reverse, end it with its second one."""
        options = CellOptions(
            input_size=weight_ih.shape[1],
            hidden_size=len(weight_ih) // (3 if coupled else 4),
            proj_size=len(others.get("weight_hr", ())),
            bias="bias" in others,
            peephole="peephole" in others,
            layer_norm="input_gain" in others,
            coupled_gates=coupled,
            exponential_gating=exponential,
            zoneout_cell=zoneout_cell,
            zoneout_hidden=zoneout_hidden,
        )
        weights = {"weight_ih": weight_ih, "weight_hh": weight_hh, **others}
        kept = {
            name: Kept.of(array, self.storage if name.startswith("weight_") else "same")
            for name, array in weights.items()
        }
        layers = self.members[-1].layers
        if not reverse:
            layers.append([])
        layers[-1].append(ArrayCell(options, reverse, kept))

    def add_head(self, weight: np.ndarray, bias: np.ndarray | None = None) -> None:
        """End a member with a linear layer."""
        self.members[-1].head = ArrayLinear(Kept.of(weight, "same"), bias)

    def cells(self) -> Iterator[ArrayCell]:
        """Yield all cells, in the order of their states."""
        for member in self.members:
            for layer in member.layers:
                yield from layer

    @property
    def input_size(self) -> int:
        """I, features of an input."""
        return self.members[0].layers[0][0].options.input_size

    @property
    def output_size(self) -> int:
        """O, features of an output."""
        member = self.members[0]
        last = (cell.options.output_size for cell in member.layers[-1])
        return sum(last) if member.head is None else member.head.outputs

    @property
    def state_size(self) -> int:
        """S, numbers that a row keeps."""
        return sum(sum(cell.options.state_sizes().values()) for cell in self.cells())

    @property
    def packed_bytes(self) -> int:
        """What the weights of the cells take."""
        return sum(kept.bytes for cell in self.cells() for kept in cell.weights.values())

    def run(
        self,
        x: np.ndarray,
        states: np.ndarray,
        lengths: np.ndarray | None,
        y: np.ndarray,
        ended: np.ndarray,
        threads: int = 1,
    ) -> None:
        """Run x (T, B, I) into y (T, B, O), states into ended (B, S); on one thread."""
        Runner(self).run(x, states, lengths, y, ended)

    def stepper(self, rows: int, threads: int = 1) -> ArrayStepper:
        """Return a stepper of some rows, on one thread; their state is not set."""
        return ArrayStepper(self, rows)


class Runner:
    """A network with its weights as they are multiplied."""

    def __init__(self, network: ArrayNetwork) -> None:
        self.network = network
        self._calls: list[Call] = []
        begin = 0
        for cell in network.cells():
            parts = {}
            for part, size in cell.options.state_sizes().items():
                parts[part] = np.s_[:, begin : begin + size]
                begin += size
            self._calls.append(Call(cell, cell.widened(), parts))

    def run(
        self,
        x: np.ndarray,
        states: np.ndarray,
        lengths: np.ndarray | None,
        y: np.ndarray,
        ended: np.ndarray,
    ) -> None:
        """See ArrayNetwork.run."""
        scaling, dtype = self.network.scaling, self.network.dtype
        valid = None if lengths is None else (np.arange(len(x))[:, None] < lengths)[..., None]
        with np.errstate(all="ignore"):  # as silent as the kernels
            read = (x if scaling is None else _scaled(x, scaling)).astype(dtype)
            outputs = self._outputs(read, states, ended, valid)
            y[...] = outputs[0] if scaling is None else _restored(outputs, scaling)
        if valid is not None:
            y[~valid[..., 0]] = 0

    def after(
        self, x: np.ndarray, given: np.ndarray | None, states: np.ndarray, ended: np.ndarray
    ) -> np.ndarray:
        """Return the output (T, B, O) of the only member over x; states as in ArrayNetwork.run.

        Shapes:
            given: (T, B, K*H), what the first cell makes of x where that is known.
        """
        with np.errstate(all="ignore"):
            [output] = self._outputs(x, states, ended, None, given)
        return output

    def _outputs(
        self,
        x: np.ndarray,
        states: np.ndarray,
        ended: np.ndarray,
        valid: np.ndarray | None,
        given: np.ndarray | None = None,
    ) -> list[np.ndarray]:
        """Return the output of each member over x."""
        found, calls = [], iter(self._calls)
        for member in self.network.members:
            read = x
            for layer in member.layers:
                sides = []
                for _, call in zip(layer, calls, strict=False):
                    sides.append(_over(call, read, states, ended, valid, given))
                    given = None
                read = sides[0] if len(sides) == 1 else np.concatenate(sides, axis=-1)
            found.append(read if member.head is None else member.head(read))
        return found


def _over(
    call: Call,
    x: np.ndarray,
    states: np.ndarray,
    ended: np.ndarray,
    valid: np.ndarray | None,
    given: np.ndarray | None,
) -> np.ndarray:
    """Return the output of a cell over x, (T, B, P); its part of the states is moved on."""
    (o, reverse, _), weights = call.cell, call.weights
    given = project_input(x, weights) if given is None else given
    state = {part: states[place] for part, place in call.parts.items()}
    hidden = np.zeros((*x.shape[:2], o.output_size), states.dtype)
    for t, signals, after in steps(o, given, state, weights, reverse=reverse, valid=valid):
        hidden[t], state = signals["hidden"], after
    for part, place in call.parts.items():
        ended[place] = state[part]
    return hidden if valid is None else np.where(valid, hidden, 0)


def _scaled(x: np.ndarray, scaling: Scaling) -> np.ndarray:
    mean, deviation, log, _ = scaling
    return ((np.log1p(x) if log else x) - mean) / deviation


def _restored(outputs: Sequence[np.ndarray], scaling: Scaling) -> np.ndarray:
    mean, deviation, log, lowest = scaling
    restored = [output.astype(np.float64) * deviation + mean for output in outputs]
    average = sum(np.expm1(one) if log else one for one in restored) / len(restored)
    return np.maximum(average, lowest)  # NaN stays


class ArrayStepper:
    """Steps of some rows, from the state where they stand."""

    def __init__(self, network: ArrayNetwork, rows: int) -> None:
        self._network, self._runner = network, Runner(network)
        self._states = np.empty((rows, network.state_size), network.dtype)
        self._busy = threading.Lock()

    def step(self, x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
        """Step all rows."""
        return self._into(x, out, self._states, slice(None))

    def step_rows(
        self, states: np.ndarray, rows: np.ndarray, x: np.ndarray, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Step some rows of states."""
        return self._into(x, out, states, rows)

    def read(self, states: np.ndarray) -> None:
        """Write the state of all rows into (B, S)."""
        states[...] = self._states

    def write(self, states: np.ndarray) -> None:
        """Set the state of all rows from (B, S)."""
        self._states[...] = states

    def write_row(self, row: int, state: np.ndarray) -> None:
        """Set the state of one row from (1, S)."""
        self._states[row] = state[0]

    def _into(
        self,
        x: np.ndarray,
        out: np.ndarray | None,
        states: np.ndarray,
        rows: np.ndarray | slice,
    ) -> np.ndarray:
        network = self._network
        inputs, outputs, before = network.input_size, network.output_size, states[rows]
        dtype = np.dtype(np.float64 if network.scaling else network.dtype)
        count = len(before)
        free = self._busy.acquire(blocking=False)
        try:
            if not free or not _fits(x, count, inputs, dtype):
                refuse_step(x, out, count, inputs, outputs, dtype, busy=not free)
            into = np.empty((*x.shape[:-1], outputs), dtype) if out is None else out
            if not _fits(into, count, outputs, dtype, from_=x):
                refuse_step(x, out, count, inputs, outputs, dtype, busy=False)
            after = np.empty_like(before)
            y = into.reshape(1, count, outputs)  # the same memory
            self._runner.run(x.reshape(1, count, inputs), before, None, y, after)
            states[rows] = after
            return into
        finally:
            if free:
                self._busy.release()


def _fits(
    array: object, rows: int, width: int, dtype: np.dtype, from_: np.ndarray | None = None
) -> bool:
    """Tell whether a step can take an array, or, where ``from_`` is its input, write to it."""
    if not isinstance(array, np.ndarray) or array.dtype != dtype or not array.dtype.isnative:
        return False
    shaped = array.shape == (rows, width) or (rows == 1 and array.shape == (width,))
    writeable = from_ is None or (array.flags.writeable and not np.may_share_memory(array, from_))
    return shaped and array.flags.c_contiguous and array.flags.aligned and writeable
