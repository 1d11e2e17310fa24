"""The trace: every gate and state of a run."""

import numpy as np
import pytest
import torch

from gatework import LSTM, RNN
from gatework.errors import OptionError
from tolerances import EXACT, FLOAT32, FLOAT64


@pytest.fixture(autouse=True)
def seed() -> None:
    torch.manual_seed(0)


def test_output_and_state_are_the_same_with_and_without_a_trace() -> None:
    lstm = LSTM(3, [5, 4], bidirectional=True)
    x = torch.randn(8, 2, 3)
    plain, plain_state = lstm(x)
    output, state, _ = lstm(x, trace=True)
    torch.testing.assert_close(output, plain, **FLOAT32._asdict())
    for name, value in plain_state.to_tensors().items():
        torch.testing.assert_close(state.to_tensors()[name], value, **FLOAT32._asdict())


@pytest.mark.parametrize("direction", ["forward", "reverse"])
def test_signals_satisfy_the_equations(direction) -> None:
    lstm = LSTM(3, [5, 4], bidirectional=True, dtype=torch.float64)
    output, state, trace = lstm(torch.randn(8, 2, 3, dtype=torch.float64), trace=True)
    seen = trace[1, direction]
    assert seen.input_gate.shape == (8, 2, 4)
    cell = seen.cell if direction == "forward" else seen.cell.flip(0)
    previous = torch.cat([torch.zeros_like(cell[:1]), cell[:-1]])
    if direction == "reverse":
        previous = previous.flip(0)
    expected = seen.forget_gate * previous + seen.input_gate * seen.candidate
    torch.testing.assert_close(seen.cell, expected, **FLOAT64._asdict())
    shown = seen.output_gate * torch.tanh(seen.cell)
    torch.testing.assert_close(seen.hidden, shown, **FLOAT64._asdict())
    half = output[..., :4] if direction == "forward" else output[..., 4:]
    torch.testing.assert_close(seen.hidden, half, **EXACT._asdict())
    last = seen.cell[-1] if direction == "forward" else seen.cell[0]
    index = ("forward", "reverse").index(direction)
    torch.testing.assert_close(state.layers[1][index].cell, last, **EXACT._asdict())


def test_coupled_gates_show_both_gates() -> None:
    _, _, trace = LSTM(3, 5, coupled_gates=True)(torch.randn(4, 2, 3), trace=True)
    torch.testing.assert_close(trace[0].forget_gate, 1 - trace[0].input_gate)


def test_exponential_gating_shows_normaliser_and_stabiliser() -> None:
    lstm = LSTM(3, 5, exponential_gating=True, dtype=torch.float64)
    _, _, trace = lstm(torch.randn(4, 2, 3, dtype=torch.float64), trace=True)
    seen = trace[0]
    shown = seen.output_gate * seen.cell / seen.normaliser
    torch.testing.assert_close(seen.hidden, shown, **FLOAT64._asdict())
    assert seen.stabiliser.shape == (4, 2, 5)
    assert LSTM(3, 5)(torch.zeros(1, 1, 3), trace=True)[2][0].normaliser is None


def test_projection_narrows_the_hidden_state_alone() -> None:
    _, _, trace = LSTM(3, 5, proj_size=2)(torch.randn(4, 2, 3), trace=True)
    assert trace[0].hidden.shape == (4, 2, 2)
    assert trace[0].cell.shape == (4, 2, 5)


def test_a_plain_rnn_has_no_gates() -> None:
    _, _, trace = RNN(3, 5)(torch.randn(4, 2, 3), trace=True)
    assert list(trace[0].signals()) == ["hidden"]
    assert trace[0].input_gate is None


def test_signals_are_told_gates_first_and_the_output_behind_the_cell() -> None:
    signals = LSTM(2, 3)(torch.zeros(1, 1, 2), trace=True)[2][0].signals()
    gates = ["input_gate", "forget_gate", "candidate", "output_gate"]
    assert list(signals) == [*gates, "cell", "hidden"]


def test_padding_is_zero_and_left_out_of_the_table() -> None:
    _, _, trace = LSTM(3, 5, bidirectional=True)(
        torch.randn(4, 3, 3), lengths=[4, 0, 2], trace=True
    )
    assert (trace[0].input_gate[2:, 2] == 0).all()
    assert (trace[0, "reverse"].input_gate[:2, 2] != 0).all()
    table = trace.data_frame()
    assert table.groupby("row")["step"].max().to_dict() == {0: 3, 2: 1}


def test_numpy_and_data_frame_hold_the_same_values() -> None:
    _, _, trace = LSTM(3, [5, 4])(torch.randn(6, 2, 3), trace=True)
    arrays = trace.numpy()
    assert set(arrays) == {
        f"layer {layer} forward {signal}"
        for layer in (0, 1)
        for signal in ("input_gate", "forget_gate", "candidate", "output_gate", "cell", "hidden")
    }
    table = trace.data_frame()
    assert len(table) == sum(values.size for values in arrays.values())
    one = table.query("layer == 1 and signal == 'cell' and step == 3 and row == 1 and unit == 2")
    np.testing.assert_array_equal(one["value"], arrays["layer 1 forward cell"][3, 1, 2])


def test_empty_sequence() -> None:
    _, _, trace = LSTM(3, 5)(torch.zeros(0, 2, 3), trace=True)
    assert trace[0].hidden.shape == (0, 2, 5)


def test_a_direction_that_is_not_there_is_refused() -> None:
    _, _, trace = LSTM(3, 5)(torch.zeros(1, 2, 3), trace=True)
    with pytest.raises(OptionError, match="must be one of forward, got 'reverse'"):
        trace[0, "reverse"]
