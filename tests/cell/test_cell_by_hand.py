"""One step of an LSTM with one unit, worked out by hand, for a learner to follow.

A cell with one memory cell and one input. Every weight is a number that can be checked with a
pocket calculator; sigmoid(z) = 1 / (1 + exp(-z)).
"""

import pytest
import torch

from gatework import LSTM
from tolerances import SIX_DECIMALS


@pytest.fixture
def one_unit() -> LSTM:
    lstm = LSTM(input_size=1, hidden_sizes=1, dtype=torch.float64)
    cell = lstm.cell()
    with torch.no_grad():
        #                               input  forget candidate output
        cell.weight_ih.copy_(torch.tensor([[0.5], [-1.0], [2.0], [1.0]]))
        cell.weight_hh.copy_(torch.tensor([[1.0], [0.5], [-0.5], [0.0]]))
        cell.bias.copy_(torch.tensor([0.0, 1.0, 0.0, -1.0]))
    return lstm


def test_one_step_is_what_the_equations_give_by_hand(one_unit: LSTM) -> None:
    x, h, c = 1.0, 0.2, 0.4  # the input, the previous hidden state, the previous cell state

    # Each gate adds weight * input + recurrent weight * hidden + bias.
    a_i = 0.5 * x + 1.0 * h + 0.0  #  0.7
    a_f = -1.0 * x + 0.5 * h + 1.0  #  0.1
    a_g = 2.0 * x - 0.5 * h + 0.0  #  1.9
    a_o = 1.0 * x + 0.0 * h - 1.0  #  0.0
    assert (a_i, a_f, a_g, a_o) == pytest.approx((0.7, 0.1, 1.9, 0.0))

    i = 0.668188  # sigmoid(0.7): two thirds of the candidate are written
    f = 0.524979  # sigmoid(0.1): about half of the memory is kept
    g = 0.956237  # tanh(1.9):    the candidate
    o = 0.500000  # sigmoid(0.0): half of the memory is shown

    # f * c + i * g = 0.524979 * 0.4 + 0.668188 * 0.956237 = 0.209992 + 0.638946
    new_c = 0.848938
    # o * tanh(new_c) = 0.5 * tanh(0.848938) = 0.5 * 0.690514
    new_h = 0.345257

    state = (torch.full((1, 1, 1), h).double(), torch.full((1, 1, 1), c).double())
    output, (h_n, c_n), trace = one_unit(torch.full((1, 1, 1), x).double(), state, trace=True)

    seen = trace[0]
    for name, by_hand in [
        ("input_gate", i),
        ("forget_gate", f),
        ("candidate", g),
        ("output_gate", o),
        ("cell", new_c),
        ("hidden", new_h),
    ]:
        assert getattr(seen, name).item() == pytest.approx(by_hand, abs=SIX_DECIMALS.atol), name
    assert output.item() == h_n.item() == pytest.approx(new_h, abs=SIX_DECIMALS.atol)
    assert c_n.item() == pytest.approx(new_c, abs=SIX_DECIMALS.atol)


def test_with_the_forget_gate_open_and_the_input_gate_shut_memory_stays(one_unit: LSTM) -> None:
    cell = one_unit.cell()
    with torch.no_grad():
        cell.weight_ih.zero_()
        cell.weight_hh.zero_()
        cell.bias.copy_(torch.tensor([-40.0, 40.0, 0.0, 40.0]))
    state = (torch.zeros(1, 1, 1).double(), torch.full((1, 1, 1), 0.75).double())
    _, (_, c_n) = one_unit(torch.randn(500, 1, 1).double(), state)
    assert c_n.item() == pytest.approx(0.75, rel=1e-12)
