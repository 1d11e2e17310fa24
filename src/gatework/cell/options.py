"""The options of a cell: what they mean, and which of them contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

GATES = ("input", "forget", "candidate", "output")
"""The order of the gates in every weight and buffer, declared here once (the order of torch)."""

COUPLED_GATES = ("input", "candidate", "output")
"""The order where the forget gate is 1 - input gate and has no weights of its own."""

LARGEST_FORGET_BIAS = 1000
"""Far beyond what closes or opens a gate for good, and within float16."""


@dataclass(frozen=True)
class CellOptions:
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

    input_size: int
    hidden_size: int
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
    def gates(self) -> tuple[str, ...]:
        """Names of the blocks of the gate weights, in order."""
        return COUPLED_GATES if self.coupled_gates else GATES

    @property
    def output_size(self) -> int:
        """P: features of the hidden state."""
        return self.proj_size or self.hidden_size

    def problems(self) -> list[str]:
        """Return everything that is wrong with these options, a sentence each."""
        return [*self._bad_values(), *self._contradictions()]

    def _bad_values(self) -> list[str]:
        found = [
            f"{name} must be a whole number of at least 1, got {value!r}"
            for name, value in (("input_size", self.input_size), ("hidden_size", self.hidden_size))
            if not _is_whole(value) or value < 1
        ]
        if not _is_whole(self.proj_size) or self.proj_size < 0:
            found.append(f"proj_size must be 0 or a positive whole number, got {self.proj_size!r}")
        found += [
            f"{name} must be True or False, got {getattr(self, name)!r}"
            for name in SWITCHES
            if not isinstance(getattr(self, name), bool)
        ]
        found += [
            f"{name} must be a probability, at least 0 and below 1, got {getattr(self, name)!r}"
            for name in PROBABILITIES
            if not _is_number(getattr(self, name)) or not 0.0 <= getattr(self, name) < 1.0
        ]
        if self.forget_bias is not None and not (
            _is_number(self.forget_bias) and abs(self.forget_bias) <= LARGEST_FORGET_BIAS
        ):
            found.append(
                f"forget_bias must be a number from -{LARGEST_FORGET_BIAS} to "
                f"{LARGEST_FORGET_BIAS}, got {self.forget_bias!r}"
            )
        return found

    def _contradictions(self) -> list[str]:
        found = []
        if (
            _is_whole(self.proj_size)
            and _is_whole(self.hidden_size)
            and 1 <= self.hidden_size <= self.proj_size
        ):
            found.append(
                f"proj_size must be smaller than hidden_size, got {self.proj_size} "
                f"and {self.hidden_size}"
            )
        if self.exponential_gating and self.coupled_gates:
            found.append(
                "exponential_gating and coupled_gates exclude each other: an exponential input "
                "gate may exceed 1, so 1 - input gate is no forget gate"
            )
        if self.exponential_gating and self.peephole:
            found.append(
                "exponential_gating and peephole exclude each other: the stored cell is scaled "
                "by the stabiliser and has no meaning for a gate"
            )
        if self.exponential_gating and self.zoneout_cell:
            found.append(
                "exponential_gating and zoneout_cell exclude each other: cells stabilised at "
                "different steps cannot be averaged"
            )
        if not self.bias and self.forget_bias is not None:
            found.append("forget_bias needs bias=True, got bias=False")
        return found

    def words(self) -> tuple[str, ...]:
        """Return the variants in use in words, for summaries and pictures."""
        named = [
            (self.peephole, "peephole"),
            (self.layer_norm, "layer norm"),
            (self.coupled_gates, "coupled gates"),
            (self.exponential_gating, "exponential gating"),
            (self.proj_size, f"projection to {self.proj_size}"),
            (self.recurrent_dropout, f"recurrent dropout {self.recurrent_dropout:g}"),
            (self.candidate_dropout, f"candidate dropout {self.candidate_dropout:g}"),
            (self.zoneout_cell, f"cell zoneout {self.zoneout_cell:g}"),
            (self.zoneout_hidden, f"hidden zoneout {self.zoneout_hidden:g}"),
            (self.drop_connect, f"DropConnect {self.drop_connect:g}"),
            (self.learned_state, "learned initial state"),
            (not self.bias, "no bias"),
        ]
        return tuple(words for used, words in named if used)


SWITCHES = (
    "bias",
    "peephole",
    "layer_norm",
    "coupled_gates",
    "exponential_gating",
    "learned_state",
)
PROBABILITIES = (
    "recurrent_dropout",
    "candidate_dropout",
    "zoneout_cell",
    "zoneout_hidden",
    "drop_connect",
)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
