"""The description of the cell: it is that of the equations, and its readers take any other kind."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from gatework import State
from gatework.cell import CellOptions, CellState, Gates, Weights
from gatework.cell.cells import Cell, DropoutMasks
from gatework.cell.configuration import build_config, default_config
from gatework.cell.description import GATES, LSTM_CELL, RNN_CELL, CellKind, CellPart
from gatework.cell.options import LayerOptions, RNNOptions
from gatework.errors import OptionError, ShapeError
from gatework.network.stack import RecurrentStack
from gatework.runtime.architecture import Architecture, EnsembleMember, fault
from gatework.runtime.state import Layout
from gatework.storage.torch_tensors import seal
from tolerances import EXACT

GRU = CellKind(
    "gru",
    gates=(CellPart("reset_gate"), CellPart("update_gate"), CellPart("candidate")),
    weights=(
        CellPart("weight_ih", ("K*H", "I")),
        CellPart("weight_hh", ("K*H", "P")),
        CellPart("bias", ("K*H",), ("bias",)),
        CellPart("input_gain", ("K*H",), ("input_norm",)),
    ),
    state=(CellPart("hidden"),),
    learned=(CellPart("initial_hidden", ("P",), ("learned_state",)),),
)


@dataclass(frozen=True)
class GRUOptions(LayerOptions):
    """A kind that Gatework does not have: three gates, and a hidden state alone."""

    kind = GRU
    switches = ("bias", "input_norm", "learned_state")

    bias: bool = True
    input_norm: bool = False
    learned_state: bool = False


class GRUCell(Cell[GRUOptions]):
    """Cho et al. 2014, arXiv:1406.1078, eqs. 5 to 8."""

    def step(
        self, a: Tensor, state: CellState, w: Weights, masks: DropoutMasks, t: int
    ) -> tuple[CellState, Gates | None]:
        a_r, a_z, a_n = a.chunk(3, dim=-1)
        R_r, R_z, R_n = w.weight_hh.chunk(3)
        r = torch.sigmoid(a_r + state.hidden @ R_r.T)
        z = torch.sigmoid(a_z + state.hidden @ R_z.T)
        n = torch.tanh(a_n + (r * state.hidden) @ R_n.T)
        return CellState(z * state.hidden + (1 - z) * n), None

    def plain(self) -> bool:
        return False


class GRUStack(RecurrentStack):
    file_kind: ClassVar[str] = "gru"
    cell_class = GRUCell
    options_class = GRUOptions

    def __init__(
        self,
        input_size: int,
        hidden_sizes: list[int],
        batch_first: bool = False,
        dropout: float | list[float] = 0.0,
        bidirectional: bool = False,
        bias: bool | list[bool] = True,
        input_norm: bool | list[bool] = False,
        learned_state: bool | list[bool] = False,
        device: str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(locals())


def test_the_description_names_what_the_equations_take_and_give() -> None:
    assert tuple(part.name for part in LSTM_CELL.weights) == Weights._fields
    assert tuple(part.name for part in LSTM_CELL.state) == CellState._fields
    assert Gates._fields == GATES
    assert {part.name for part in RNN_CELL.weights} <= set(Weights._fields)


@pytest.mark.parametrize(
    "options",
    [CellOptions(3, 5), CellOptions(3, 5, coupled_gates=True), RNNOptions(3, 5), GRUOptions(3, 5)],
)
def test_shapes_follow_from_the_gates(options) -> None:
    rows = max(len(options.gates), 1) * 5
    assert options.shapes() == {"weight_ih": (rows, 3), "weight_hh": (rows, 5), "bias": (rows,)}
    for number, gate in enumerate(options.gates):
        assert options.gate_rows(gate) == slice(number * 5, number * 5 + 5)


def test_the_parts_of_an_option_come_with_it() -> None:
    options = GRUOptions(3, 5, bias=False, input_norm=True, learned_state=True)
    assert options.gates == ("reset_gate", "update_gate", "candidate")
    assert list(options.shapes()) == ["weight_ih", "weight_hh", "input_gain", "initial_hidden"]
    assert options.state_sizes() == {"hidden": 5}
    assert options.starts() == {"hidden": "initial_hidden"}
    assert GRU.signals == ("reset_gate", "update_gate", "candidate", "hidden")
    slstm = CellOptions(3, 5, 2, exponential_gating=True, learned_state=True)
    assert slstm.state_sizes() == {"hidden": 2, "cell": 5, "normaliser": 5, "stabiliser": 5}
    assert slstm.starts() == {"hidden": "initial_hidden", "cell": "initial_cell", "normaliser": 1.0}
    assert CellOptions(3, 5, exponential_gating=True).starts() == {}


def test_a_configuration_of_another_kind_is_checked_and_told_as_the_others() -> None:
    config = default_config(GRUOptions, input_size=3, hidden_sizes=[5, 4], bias=[True, False])
    stack = build_config(GRUOptions, config, problems := [])
    assert not problems
    assert stack.to_json() == config | {"dropout": [0.0]}
    assert stack.layers[1] == GRUOptions(5, 4, bias=False)
    for change, message in [
        ({"bias": [True, 1]}, "GRU cannot be built: layer 1: bias must be True or False, got 1"),
        ({"hidden_sizes": [5, 0]}, "layer 1: hidden_size must be a whole number of at least 1"),
        ({"dtype": "int8"}, "dtype must be one of float64, float32, float16, bfloat16, got 'int8'"),
        ({"dtype": ["int8"]}, "dtype must be one of"),
        ({"peephole": True}, "GRU cannot be built: the setting 'peephole' is unknown"),
    ]:
        with pytest.raises(OptionError, match=message):
            GRUStack.expected_tensors(config | change)


@pytest.fixture
def network() -> GRUStack:
    torch.manual_seed(0)
    return GRUStack(3, [5, 4], bidirectional=True, learned_state=[True, False], dtype=torch.float64)


def test_a_network_of_another_kind_runs_and_steps(network) -> None:
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    output, state = network(x, lengths=[6, 4])
    assert output.shape == (6, 2, 8)
    assert list(state.to_tensors()) == [
        f"{layer}.{way}.hidden" for layer in (0, 1) for way in ("forward", "reverse")
    ]
    assert State.zeros(network, 2).layers[0][0].cell is None
    with pytest.raises(ShapeError, match="this network's state is no pair"):
        GRUStack(3, [5], dtype=torch.float64)(x, (torch.zeros(1, 2, 5), torch.zeros(1, 2, 5)))
    wrong = state.to_tensors() | {"1.forward.hidden": torch.zeros(2, 5, dtype=torch.float64)}
    with pytest.raises(ShapeError, match=r"'1.forward.hidden' must have the shape \(2, 4\)"):
        network(x, State.from_tensors(wrong))


def test_a_network_of_another_kind_is_saved_as_it_was(network) -> None:
    config, weights = network.to_config(), network.state_dict()
    found = {name: (w.dtype, tuple(w.shape)) for name, w in weights.items()}
    assert GRUStack.expected_tensors(config) == found
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    again = GRUStack.from_config(config, weights)
    torch.testing.assert_close(again(x)[0], network(x)[0], **EXACT._asdict())


def test_the_runtime_expects_the_tensors_and_the_state_of_another_kind(network) -> None:
    stack = build_config(GRUOptions, network.to_config(), [])
    architecture = Architecture("gru", (EnsembleMember(stack, lstm_prefix="net."),))
    tensors = {f"net.{name}": seal(weight) for name, weight in network.state_dict().items()}
    assert fault(architecture.expected(), "float64", tensors) == ""
    layout = Layout(np.dtype(np.float64))
    for cell in stack.cells():
        layout.add(cell.state_prefix, cell.options.state_sizes())
    assert layout.places.keys() == State.zeros(network, 1).to_tensors().keys()
    assert len(layout.initial) == sum(stack.state_sizes().values()) == 2 * (5 + 4)
