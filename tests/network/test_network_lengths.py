"""Lengths: padding changes neither outputs nor states nor gradients."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gatework import LSTM, RNN
from gatework.errors import ShapeError
from tolerances import EXACT, FLOAT64

NETWORKS = {
    "plain": lambda: LSTM(3, [5, 4], bidirectional=True, dtype=torch.float64),
    "variants": lambda: LSTM(
        3,
        [5, 4],
        bidirectional=True,
        peephole=True,
        layer_norm=True,
        coupled_gates=True,
        learned_state=True,
        zoneout_cell=0.2,
        zoneout_hidden=0.2,
        dtype=torch.float64,
    ).eval(),
    "exponential": lambda: LSTM(3, [5, 4], exponential_gating=True, dtype=torch.float64),
    "rnn": lambda: RNN(3, [5, 4], bidirectional=True, dtype=torch.float64),
}


@pytest.fixture(params=NETWORKS)
def network(request):
    torch.manual_seed(0)
    return NETWORKS[request.param]()


def alone(network, x, lengths):
    """Run each sequence by itself, cut to its length."""
    return [network(x[:n, b : b + 1]) for b, n in enumerate(lengths)]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("name", NETWORKS)
def test_each_row_is_as_if_it_were_alone(name, data) -> None:
    torch.manual_seed(0)
    network = NETWORKS[name]()
    steps = data.draw(st.integers(0, 6))
    lengths = data.draw(st.lists(st.integers(0, steps), min_size=1, max_size=4))
    x = torch.randn(steps, len(lengths), 3, dtype=torch.float64)
    output, state = network(x, lengths=lengths)
    for b, (row, row_state) in enumerate(alone(network, x, lengths)):
        torch.testing.assert_close(output[: lengths[b], b : b + 1], row, **FLOAT64._asdict())
        assert (output[lengths[b] :, b] == 0).all()
        mine, single = state.select([b]).to_tensors(), row_state.to_tensors()
        for part, value in single.items():
            torch.testing.assert_close(mine[part], value, **FLOAT64._asdict())


@pytest.mark.parametrize("rubbish", [0.0, 1e9, float("nan"), float("inf")])
def test_what_the_padding_holds_changes_nothing(network, rubbish) -> None:
    lengths = [3, 0, 5, 1]
    clean = torch.randn(6, 4, 3, dtype=torch.float64)

    def everything(fill: float):
        x = clean.clone()
        for b, n in enumerate(lengths):
            x[n:, b] = fill
        x.requires_grad_()
        network.zero_grad()
        output, state = network(x, lengths=torch.tensor(lengths))
        (output.square().sum() + sum(t.sum() for t in state.to_tensors().values())).backward()
        return [
            output,
            *state.to_tensors().values(),
            x.grad,
            *(p.grad for p in network.parameters()),
        ]

    for found, expected in zip(everything(rubbish), everything(7.0), strict=True):
        torch.testing.assert_close(found, expected, **EXACT._asdict())


def test_gradients_of_padded_inputs_are_zero(network) -> None:
    x = torch.randn(6, 2, 3, dtype=torch.float64, requires_grad=True)
    network(x, lengths=[2, 6])[0].sum().backward()
    assert x.grad is not None
    assert (x.grad[2:, 0] == 0).all()
    assert (x.grad[:2, 0] != 0).any()


def test_a_state_goes_on_from_where_each_row_ended() -> None:
    """Two pieces with lengths equal the whole, in a network that reads forwards."""
    torch.manual_seed(0)
    lstm = LSTM(3, [5, 4], peephole=True, dtype=torch.float64)
    x = torch.randn(7, 2, 3, dtype=torch.float64)
    whole, end = lstm(x)
    _, state = lstm(x[:4], lengths=[4, 2])
    rest = torch.zeros(5, 2, 3, dtype=torch.float64)
    rest[:3, 0], rest[:5, 1] = x[4:, 0], x[2:, 1]
    output, state = lstm(rest, state, lengths=[3, 5])
    torch.testing.assert_close(output[:3, 0], whole[4:, 0], **FLOAT64._asdict())
    torch.testing.assert_close(output[:5, 1], whole[2:, 1], **FLOAT64._asdict())
    for name, value in end.to_tensors().items():
        torch.testing.assert_close(state.to_tensors()[name], value, **FLOAT64._asdict())


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([1, 2], r"one number for each of the 3 rows"),
        ([1, 2, 7], r"lengths\[2\] must be from 0 to 6, the steps of the input, got 7"),
        ([1, -1, 2], r"lengths\[1\] must be from 0 to 6"),
        ([1.0, 2.0, 3.0], r"lengths must be whole numbers"),
    ],
)
def test_wrong_lengths_are_refused(lengths, message) -> None:
    with pytest.raises(ShapeError, match=message):
        LSTM(2, 3)(torch.zeros(6, 3, 2), lengths=lengths)


def test_lengths_with_batch_first() -> None:
    torch.manual_seed(0)
    lstm = LSTM(3, 5, dtype=torch.float64)
    turned = LSTM(3, 5, batch_first=True, dtype=torch.float64)
    turned.load_state_dict(lstm.state_dict())
    x = torch.randn(6, 4, 3, dtype=torch.float64)
    expected, _ = lstm(x, lengths=[0, 6, 2, 3])
    found, _ = turned(x.transpose(0, 1), lengths=[0, 6, 2, 3])
    torch.testing.assert_close(found.transpose(0, 1), expected, **EXACT._asdict())


def test_a_buffer_of_lengths_may_be_used_again_before_backward() -> None:
    lstm = LSTM(3, 5)
    x = torch.randn(5, 2, 3)
    wanted = torch.autograd.grad(lstm(x, lengths=[5, 2])[0].sum(), lstm.cell().weight_hh)
    lengths = np.array([5, 2])
    output, _ = lstm(x, lengths=lengths)
    lengths[:] = 1
    found = torch.autograd.grad(output.sum(), lstm.cell().weight_hh)
    assert torch.equal(found[0], wanted[0])
