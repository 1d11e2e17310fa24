"""A loaded model: whole sequences in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from gatework.cell.configuration import StackConfig
from gatework.cell.summary import LayerSummary
from gatework.errors import OptionError, ShapeError
from gatework.runtime import refusals
from gatework.runtime.architecture import Architecture, numbers
from gatework.runtime.native import target
from gatework.runtime.packing import PackedModel, Packer, Storage, check_batch, check_storage
from gatework.runtime.quantization import QuantizationReport, compare
from gatework.runtime.state import State
from gatework.runtime.stepper import Stepper
from gatework.runtime.streams import Streams
from gatework.runtime.trace import trace
from gatework.storage import Tensor


class Model(PackedModel):
    """A network with packed weights; ``gatework.runtime.load`` makes it.

    A forecaster's takes the values of a series, one input a step, and gives after each of them
    the forecast of the next, both float64 in the units of the series.

    Attributes:
        kind: of the file: "lstm" or "forecaster".
        input_size, output_size: I and O, features of an input and of an output.
        dtype: of inputs and outputs.
        batch_first: sequences are (B, T, ...) instead of (T, B, ...), as when it was saved.
        bidirectional: the layers also read a sequence from its end.
        storage: how the weights are kept.
        packed_bytes: what they take.
        target: the instruction set that is used.
        threads: at most so many work on a call, or on a step of its steppers and streams.
    """

    def __init__(
        self,
        architecture: Architecture,
        packer: Packer,
        threads: int,
        tensors: Mapping[str, Tensor] | None,
    ) -> None:
        super().__init__(packer, threads)
        self.kind = architecture.kind
        self.batch_first = architecture.stack.batch_first
        self.bidirectional = architecture.stack.bidirectional
        self.input_size: int = self.network.input_size
        self.output_size: int = self.network.output_size
        if architecture.scaling:
            self.dtype = np.dtype(np.float64)
        self._architecture = architecture
        self._tensors = tensors

    @classmethod
    def packed(
        cls,
        architecture: Architecture,
        tensors: Mapping[str, Tensor],
        storage: Storage,
        target: str,
        threads: int,
    ) -> Self:
        """Pack weights that are as expected, for an instruction set."""
        packer = Packer(tensors, storage, target, architecture.scaling)
        for member in architecture.members:
            packer.network.add_member()
            packer.add_cells(member)
            if member.head:
                ends = (member.prefix + "head.weight", member.prefix + "head.bias")
                packer.network.add_head(*(packer.weight(name, "float32") for name in ends))
        plain = storage in ("float64", "float32")
        return cls(architecture, packer, threads, tensors if plain else None)

    def __reduce__(self) -> tuple[Any, ...]:
        """Send the weights as they were: they are packed anew, for the processor that is there."""
        if self._tensors is None:
            return super().__reduce__()
        return _packed_here, (self._architecture, dict(self._tensors), self.storage, self.threads)

    def __repr__(self) -> str:
        return (
            f"Model({self.kind!r}, input_size={self.input_size}, output_size={self.output_size}, "
            f"storage={self.storage!r}, target={self.target!r})"
        )

    def __call__(
        self,
        x: np.ndarray,
        state: Mapping[str, np.ndarray] | None = None,
        lengths: Sequence[int] | np.ndarray | None = None,
    ) -> tuple[np.ndarray, State]:
        """Run over a batch of sequences; return the output and the state at their ends.

        Args:
            x: the input.
            state: what an earlier call or a stepper returned; None starts anew.
            lengths: steps of each sequence, in any order, 0 allowed; what lies behind is padding
                and changes nothing.

        Shapes:
            x: (T, B, I), (B, T, I) with batch_first, or (T, I) for a single sequence.
            lengths: (B). output: as x, with O features, zero on padding.

        Raises:
            ShapeError: when sizes, dtypes, lengths or state do not fit.
        """
        steps, rows, lengths = self._begin(x, state, lengths)
        T, B = steps.shape[:2]
        output, ended = np.empty((T, B, self.output_size), self.dtype), np.empty_like(rows)
        self.network.run(steps, rows, lengths, output, ended, self.threads)
        if x.ndim == 2:
            output = output[:, 0]
        elif self.batch_first:
            output = output.swapaxes(0, 1)
        return output, self.layout.to_state(ended)

    def trace(
        self,
        x: np.ndarray,
        state: Mapping[str, np.ndarray] | None = None,
        lengths: Sequence[int] | np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """Run over a batch of sequences; return every gate and state, as a Trace's numpy() does.

        They are named "layer 0 forward input_gate" and so on, those of a forecaster's networks with
        "networks.0." before it. It is slower than a run, since numpy computes them.

        The arguments are those of a call. Shapes: each signal is (T, B, units), zero on padding.

        Raises:
            OptionError: when the weights of this model are not kept as they were.
            ShapeError: when sizes, dtypes, lengths or state do not fit.
        """
        tensors = self._kept("trace(x)")
        steps, rows, lengths = self._begin(x, state, lengths)
        weights = {name: numbers(one).astype(self.layout.dtype) for name, one in tensors.items()}
        before = self.layout.to_state(rows)
        return trace(self._architecture, weights, steps, before, lengths)

    @property
    def stack(self) -> StackConfig:
        """The layers, and their options."""
        return self._architecture.stack

    def layer_summary(self) -> list[LayerSummary]:
        """Return a description of each layer, for tables and pictures."""
        return self.stack.layer_summary()

    def weights(self, layer: int = 0, direction: str = "forward") -> dict[str, np.ndarray]:
        """Return the weights of a layer by name, of the first of averaged networks.

        Raises:
            OptionError: when there is no such layer, or its weights are not kept as they were.
        """
        tensors, options = self._kept("weights()"), self.stack.options(layer, direction)
        prefix = f"{self._architecture.members[0].lstm_prefix}{direction}_cells.{layer}."
        return {name: numbers(tensors[prefix + name]) for name in options.shapes()}

    def stepper(self, batch: int = 1) -> Stepper:
        """Return a stepper, which runs a step at a time and keeps the state of ``batch`` rows.

        Raises:
            OptionError: when ``batch`` is no whole number from 1, or the model is bidirectional.
        """
        self._check_forward()
        return Stepper(self, check_batch(batch))

    def streams(self) -> Streams:
        """Return streams: a state for each key, any of which step together.

        Raises:
            OptionError: when the model is bidirectional.
        """
        self._check_forward()
        return Streams(self)

    def quantize(
        self,
        storage: Storage,
        x: np.ndarray,
        lengths: Sequence[int] | np.ndarray | None = None,
    ) -> tuple[Model, QuantizationReport]:
        """Return this model with its weights kept otherwise, and the error of it on some data.

        Args:
            storage: of the new model's weights, such as "int8".
            x: what both models run over.
            lengths: of its sequences, as when the model is called.

        Raises:
            OptionError: when ``storage`` is none, or this model is quantized already.
            ShapeError: when the data do not fit.
        """
        if storage is None:
            raise OptionError(
                "storage must name how the new weights are kept", hint='model.quantize("int8", x)'
            )
        check_storage(storage)
        tensors = self._kept(f"quantize({storage!r}, x)")
        expected, _ = self(x, lengths=lengths)
        model = self.packed(self._architecture, tensors, storage, self.target, self.threads)
        found, _ = model(np.asarray(x, model.dtype), lengths=lengths)
        return model, compare(self, model, expected, found)

    def _kept(self, then: str) -> Mapping[str, Tensor]:
        """Return the weights as they were, which only plain storages keep."""
        if self._tensors is None:
            raise OptionError(
                f"the weights of this model are kept in {self.storage}, and what they were is gone",
                hint=f"load(path).{then}",
            )
        return self._tensors

    def _begin(
        self, x: np.ndarray, state: object, lengths: Sequence[int] | np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return input (T, B, I), state (B, S) and lengths (B) of a run, after checking them."""
        steps = self._enter(x)
        T, B = steps.shape[:2]
        if lengths is not None:
            if x.ndim == 2:
                raise ShapeError("lengths are for a batch, got a single sequence of shape (T, I)")
            lengths = refusals.check_lengths(lengths, T, B)
        layout = self.layout
        rows = layout.initial_rows(B) if state is None else layout.to_rows(state, B)
        return steps, rows, lengths

    def _enter(self, x: object) -> np.ndarray:
        """Return the input as (T, B, I), contiguous and aligned, after checking it."""
        array = refusals.check_array("x", x, self.dtype)
        if array.ndim not in (2, 3) or array.shape[-1] != self.input_size:
            form = "(B, T, I)" if self.batch_first else "(T, B, I)"
            raise ShapeError(
                f"x must have the shape {form} or (T, I) with I = {self.input_size}, "
                f"got {array.shape}"
            )
        if array.ndim == 2:
            array = array[:, None]
        elif self.batch_first:
            array = array.swapaxes(0, 1)
        return np.require(array, requirements=["C", "A"])

    def _check_forward(self) -> None:
        if self.bidirectional:
            raise OptionError(
                "this model is bidirectional and cannot step: its second direction begins at "
                "the end of the sequence, which a step does not know",
                hint="model(x)",
            )


def _packed_here(
    architecture: Architecture, tensors: Mapping[str, Tensor], storage: Storage, threads: int
) -> Model:
    """Return a model that came from another process."""
    return Model.packed(architecture, tensors, storage, target(), threads)
