"""What each kind of cell is made of: its gates, weights and state, as tables.

Whoever needs names, shapes or sizes walks these tables (through the options of a layer, see
gatework.cell.options) and asks for nothing by name. So a kind with other gates and other states,
such as a GRU with three gates and no cell, is one more entry here and no change to its readers.

K gates of a layer's options, I inputs, H units, P features of the hidden state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DIRECTIONS = ("forward", "reverse")
"""The directions of a layer, in the order in which their outputs stand side by side."""

DTYPES = {"float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16"}
"""The dtypes of weights, with their names in a file."""


@dataclass(frozen=True)
class CellPart:
    """A gate, a weight or a part of the state: what it is called, its shape and when it is there.

    Attributes:
        name: as the trace, the module and the file call it.
        shape: "I", "H", "P", "K*H" or "K-1" for each dimension; of a gate or a part of the state
            without its batch.
        when: the options of a layer that must be set for it to be there.
        unless: the option that takes it away.
        start: of a part of the state beside one that is learned: where it begins; else at zero.
    """

    name: str
    shape: tuple[str, ...] = ("H",)
    when: tuple[str, ...] = ()
    unless: str = ""
    start: float = 0.0

    def there(self, options: Any) -> bool:
        """Tell whether a layer with these options has it."""
        wanted = all(getattr(options, name) for name in self.when)
        return wanted and not (self.unless and getattr(options, self.unless))

    def sizes(self, symbols: Mapping[str, int]) -> tuple[int, ...]:
        """Return its shape in numbers."""
        return tuple(symbols[size] for size in self.shape)


@dataclass(frozen=True)
class CellKind:
    """A kind of cell.

    Attributes:
        name: of the kind in files and summaries.
        gates: in the order of their blocks in every weight and buffer.
        weights: what a run over a sequence takes.
        state: what one step hands to the next; the first part is the output.
        learned: parameters that parts of the state begin with: "initial_" and the name of a part.
    """

    name: str
    gates: tuple[CellPart, ...]
    weights: tuple[CellPart, ...]
    state: tuple[CellPart, ...]
    learned: tuple[CellPart, ...] = ()

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of all that a trace may hold: gates and states, the output behind what it reads."""
        output, *inner = self.state
        return tuple(part.name for part in (*self.gates, *inner[:1], output, *inner[1:]))


LSTM_CELL = CellKind(
    "lstm",
    # The order of torch, declared here once.
    gates=(
        CellPart("input_gate"),
        CellPart("forget_gate", unless="coupled_gates"),  # then it is 1 - input gate
        CellPart("candidate"),
        CellPart("output_gate"),
    ),
    weights=(
        CellPart("weight_ih", ("K*H", "I")),
        CellPart("weight_hh", ("K*H", "P")),
        CellPart("bias", ("K*H",), ("bias",)),
        CellPart("weight_hr", ("P", "H"), ("proj_size",)),
        CellPart("peephole", ("K-1", "H"), ("peephole",)),  # a row for each gate but the candidate
        CellPart("input_gain", ("K*H",), ("layer_norm",)),
        CellPart("recurrent_gain", ("K*H",), ("layer_norm",)),
        CellPart("cell_gain", ("H",), ("layer_norm",)),
        CellPart("cell_shift", ("H",), ("layer_norm", "bias")),
    ),
    state=(
        CellPart("hidden", ("P",)),
        CellPart("cell"),
        # What is learned is c / n, so the normaliser beside it begins at 1.
        CellPart("normaliser", when=("exponential_gating",), start=1.0),
        CellPart("stabiliser", when=("exponential_gating",)),
    ),
    learned=(
        CellPart("initial_hidden", ("P",), ("learned_state",)),
        CellPart("initial_cell", ("H",), ("learned_state",)),
    ),
)

RNN_CELL = CellKind(
    "rnn",
    gates=(),
    weights=(
        CellPart("weight_ih", ("H", "I")),
        CellPart("weight_hh", ("H", "H")),
        CellPart("bias", ("H",), ("bias",)),
    ),
    state=(CellPart("hidden"),),
)

GATES = tuple(gate.name for gate in LSTM_CELL.gates)
"""The gates of an LSTM in their order, as a trace names them."""
