"""The options of a layer's cell: what they mean, which contradict each other, what they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

from gatework.cell.description import LSTM_CELL, RNN_CELL, CellKind, CellPart
from gatework.checks import is_number, is_whole

LARGEST_FORGET_BIAS = 1000
"""Far beyond what closes or opens a gate for good, and within float16."""

NONLINEARITIES = ("tanh", "relu")


class OptionProblem(NamedTuple):
    """Something that is wrong with an option.

    Attributes:
        told: in a sentence.
        name, value: of the option; no name where options contradict each other.
    """

    told: str
    name: str = ""
    value: Any = None


@dataclass(frozen=True)
class LayerOptions:
    """The options of one layer's cell, whatever its kind; what the description says of it.

    Attributes:
        input_size: I, features of an input.
        hidden_size: H, units.
    """

    kind: ClassVar[CellKind]
    switches: ClassVar[tuple[str, ...]] = ()
    probabilities: ClassVar[tuple[str, ...]] = ()
    common: ClassVar[tuple[str, ...]] = ()  # what all layers of a stack share

    input_size: int
    hidden_size: int

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Return the options that a layer has beside its sizes, by name, each with its default."""
        return {field.name: field.default for field in fields(cls)[2:]}

    @property
    def output_size(self) -> int:
        """P: features of the hidden state."""
        return self.hidden_size

    @property
    def gates(self) -> tuple[str, ...]:
        """Names of the blocks of the gate weights, in order."""
        return tuple(gate.name for gate in self._there(self.kind.gates))

    def gate_rows(self, gate: str) -> slice:
        """Return which rows of the gate weights are those of a gate."""
        begin = self.gates.index(gate) * self.hidden_size
        return slice(begin, begin + self.hidden_size)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return name and shape of every parameter, weights first.

        Example:
            >>> CellOptions(input_size=3, hidden_size=5).shapes()["weight_ih"]
            (20, 3)
        """
        symbols = self._symbols()
        parts = self._there((*self.kind.weights, *self.kind.learned))
        return {part.name: part.sizes(symbols) for part in parts}

    def state_sizes(self) -> dict[str, int]:
        """Return name and size of every part of the state."""
        symbols = self._symbols()
        return {part.name: part.sizes(symbols)[0] for part in self._there(self.kind.state)}

    def starts(self) -> dict[str, str | float]:
        """Return what parts of the state begin with, if not with zero: a parameter or a number."""
        learned = {part.name for part in self._there(self.kind.learned)}
        found: dict[str, str | float] = {}
        for part in self._there(self.kind.state if learned else ()):
            parameter = f"initial_{part.name}"
            if parameter in learned or part.start:
                found[part.name] = parameter if parameter in learned else part.start
        return found

    def problems(self) -> list[OptionProblem]:
        """Return everything that is wrong with these options."""
        found = [
            wrong(name, value, "a whole number of at least 1")
            for name, value in (("input_size", self.input_size), ("hidden_size", self.hidden_size))
            if not is_whole(value, 1)
        ]
        for name in self.switches:
            if not isinstance(value := getattr(self, name), bool):
                found.append(wrong(name, value, "True or False"))
        for name in self.probabilities:
            if not is_number(value := getattr(self, name), 0.0) or value >= 1.0:
                found.append(wrong(name, value, "a probability, at least 0 and below 1"))
        return found

    def words(self) -> tuple[str, ...]:
        """Return the variants in use in words, for summaries and pictures."""
        return ()

    def _there(self, parts: tuple[CellPart, ...]) -> Iterator[CellPart]:
        return (part for part in parts if part.there(self))

    def _symbols(self) -> dict[str, int]:
        H, K = self.hidden_size, len(self.gates)
        return {"I": self.input_size, "H": H, "P": self.output_size, "K*H": K * H, "K-1": K - 1}


@dataclass(frozen=True)
class CellOptions(LayerOptions):
    """The options of one layer's LSTM cell.

    Attributes:
        input_size: I, features of an input.
        hidden_size: H, memory cells.
        proj_size: P, size of the projected hidden state; 0 for none (P = H).
        bias: whether the gates have a bias (one vector, not two that add up).
        peephole: the gates see the cell state through a diagonal weight.
        layer_norm: normalise both gate projections and the cell on its way out.
        coupled_gates: forget gate = 1 - input gate.
        exponential_gating: exponential input gate with normaliser and stabiliser (sLSTM).
        recurrent_dropout: probability of dropping a unit of the hidden state on its way back
            into the cell, the same units at all steps.
        candidate_dropout: probability of dropping a unit of the candidate, the same units at all
            steps.
        zoneout_cell: probability that a memory cell keeps its previous value at a step.
        zoneout_hidden: probability that a hidden unit keeps its previous value at a step.
        drop_connect: probability of dropping a recurrent weight, for a whole sequence.
        learned_state: the initial state is a parameter instead of zeros.
        forget_bias: initial bias of the forget gate; None stands for 1, or none without bias.
    """

    kind = LSTM_CELL
    switches = (
        "bias",
        "peephole",
        "layer_norm",
        "coupled_gates",
        "exponential_gating",
        "learned_state",
    )
    probabilities = (
        "recurrent_dropout",
        "candidate_dropout",
        "zoneout_cell",
        "zoneout_hidden",
        "drop_connect",
    )

    proj_size: int = 0
    bias: bool = True
    peephole: bool = False
    layer_norm: bool = False
    coupled_gates: bool = False
    exponential_gating: bool = False
    recurrent_dropout: float = 0.0
    candidate_dropout: float = 0.0
    zoneout_cell: float = 0.0
    zoneout_hidden: float = 0.0
    drop_connect: float = 0.0
    learned_state: bool = False
    forget_bias: float | None = None

    @property
    def output_size(self) -> int:
        """P: features of the hidden state."""
        return self.proj_size or self.hidden_size

    def problems(self) -> list[OptionProblem]:
        """Return everything that is wrong with these options."""
        found = super().problems()
        P, H, forget = self.proj_size, self.hidden_size, self.forget_bias
        if not is_whole(P, 0):
            found.append(wrong("proj_size", P, "0 or a positive whole number"))
        elif is_whole(H, 1, P):
            told = f"proj_size must be smaller than hidden_size, got {P} and {H}"
            found.append(OptionProblem(told, "proj_size", P))
        most = LARGEST_FORGET_BIAS
        if self.layer_norm is True and H == 1:
            told = "layer_norm needs a hidden_size of at least 2, got 1: one value has no variance"
            found.append(OptionProblem(told))
        if forget is not None and not is_number(forget, -most, most):
            found.append(wrong("forget_bias", forget, f"a number from -{most} to {most}"))
        if not self.bias and forget is not None:
            found.append(OptionProblem("forget_bias needs bias=True, got bias=False"))
        for name, why in EXPONENTIAL_EXCLUDES.items():
            if self.exponential_gating and getattr(self, name):
                told = f"exponential_gating and {name} exclude each other: {why}"
                found.append(OptionProblem(told))
        return found

    def words(self) -> tuple[str, ...]:
        """Return the variants in use in words, for summaries and pictures."""
        used = [
            words.format(value) for name, words in WORDS.items() if (value := getattr(self, name))
        ]
        return (*used, *(() if self.bias else ("no bias",)))


WORDS = {
    "peephole": "peephole",
    "layer_norm": "layer norm",
    "coupled_gates": "coupled gates",
    "exponential_gating": "exponential gating",
    "proj_size": "projection to {}",
    "recurrent_dropout": "recurrent dropout {:g}",
    "candidate_dropout": "candidate dropout {:g}",
    "zoneout_cell": "cell zoneout {:g}",
    "zoneout_hidden": "hidden zoneout {:g}",
    "drop_connect": "DropConnect {:g}",
    "learned_state": "learned initial state",
}

VARIANTS = tuple(CellOptions.defaults())
"""Names of the options that an LSTM has beside its sizes, each one value or one for each layer."""

EXPONENTIAL_EXCLUDES = {
    "coupled_gates": "an exponential input gate may exceed 1, so 1 - input gate is no forget gate",
    "peephole": "the stored cell is scaled by the stabiliser and has no meaning for a gate",
    "zoneout_cell": "cells stabilised at different steps cannot be averaged",
}
"""What does not go together with exponential gating, and why."""


@dataclass(frozen=True)
class RNNOptions(LayerOptions):
    """The options of one layer of a plain recurrent network.

    Attributes:
        input_size: I, features of an input.
        hidden_size: H, units.
        nonlinearity: "tanh" or "relu".
        bias: whether the layer has a bias.
    """

    kind = RNN_CELL
    switches = ("bias",)
    common = ("nonlinearity",)

    nonlinearity: str = "tanh"
    bias: bool = True

    def problems(self) -> list[OptionProblem]:
        """Return everything that is wrong with these options."""
        found = super().problems()
        if self.nonlinearity not in NONLINEARITIES:
            expected = f"one of {', '.join(NONLINEARITIES)}"
            found.append(wrong("nonlinearity", self.nonlinearity, expected))
        return found

    def words(self) -> tuple[str, ...]:
        """Return nonlinearity and missing bias in words."""
        return (self.nonlinearity, *(() if self.bias else ("no bias",)))


def wrong(name: str, value: object, expected: str) -> OptionProblem:
    """Return the problem of an option that must be something else."""
    return OptionProblem(f"{name} must be {expected}, got {value!r}", name, value)
