"""Initial weights for long memory: as the papers have them, and they make the difference."""

from typing import Any

import numpy as np
import pytest
import torch

from gatework import LSTM
from gatework.errors import OptionError
from gatework.recognize import SequenceClassifier, long_memory
from gatework.recognize.memory import forget_bias_for, times


def test_times_are_drawn_evenly_and_inputs_come_in_as_slowly():
    lstm = long_memory(LSTM(2, 400), 101)
    cell, H = lstm.cell(), 400
    forget, take = cell.bias[H : 2 * H].detach(), cell.bias[:H].detach()
    assert torch.equal(take, -forget)
    u = forget.exp()
    assert 1 <= float(u.min()) < 4
    assert 97 < float(u.max()) <= 100
    assert float(u.mean()) == pytest.approx(50.5, abs=6)
    assert torch.allclose(times(cell), 1 + u)


def test_recurrent_weights_of_each_gate_are_orthogonal():
    for lstm in (LSTM(3, [8, 6], bidirectional=True), LSTM(3, 8, coupled_gates=True)):
        long_memory(lstm, 50)
        for row in lstm.grid():
            for cell in row:
                H = cell.hidden_size
                for block in cell.weight_hh.detach().view(-1, H, H):
                    assert torch.allclose(block @ block.T, torch.eye(H), atol=1e-5)


def test_coupled_gates_forget_as_long():
    lstm = long_memory(LSTM(1, 200, coupled_gates=True), 1000)
    cell = lstm.cell()
    forget = 1 - torch.sigmoid(cell.bias[:200].detach())
    assert torch.allclose(1 / (1 - forget), times(cell), rtol=1e-2)
    assert 400 < float(times(cell).mean()) < 600


def test_projected_layers_are_served_too():
    lstm = long_memory(LSTM(2, 10, proj_size=4), 30)
    for block in lstm.cell().weight_hh.detach().view(4, 10, 4):
        assert torch.allclose(block.T @ block, torch.eye(4), atol=1e-5)


def test_a_seed_decides_and_other_draws_are_left_alone():
    one, same, other = (long_memory(LSTM(1, 5), 20, seed=seed).cell() for seed in (0, 0, 1))
    assert torch.equal(one.weight_hh, same.weight_hh)
    assert torch.equal(one.bias[:10], same.bias[:10])  # input and forget gates
    assert not torch.equal(one.bias[:10], other.bias[:10])
    lstm = LSTM(1, 5)
    torch.manual_seed(1)
    after = torch.rand(1)
    torch.manual_seed(1)
    long_memory(lstm, 20)
    assert torch.equal(torch.rand(1), after)


def test_what_was_seen_long_ago_is_still_there():
    """An impulse of the input leaves a trace that an LSTM as usual has lost."""
    steps = 300
    x = torch.zeros(steps, 1, 1)
    x[0] = 5.0
    left = []
    for memory in (None, 1000):
        torch.manual_seed(0)
        lstm = LSTM(1, 64)
        if memory:
            long_memory(lstm, memory)
        with torch.no_grad():
            quiet, loud = (lstm(part)[1].layers[0][0].cell for part in (torch.zeros_like(x), x))
            first = lstm(x[:1])[1].layers[0][0].cell - lstm(0 * x[:1])[1].layers[0][0].cell
        assert quiet is not None
        assert loud is not None
        left.append(float((loud - quiet).norm() / first.norm()))
    assert left[0] < 1e-3
    assert left[1] > 0.1


def test_one_argument_makes_a_far_mark_learnable():
    """The class is the sign of the first step, 60 steps of noise ago."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(200, 60)).astype(np.float32)
    X[:, 0] = np.where(np.arange(200) % 2, 3.0, -3.0)
    y = np.arange(200) % 2
    settings: dict[str, Any] = {"bidirectional": False, "convolutions": "none", "pooling": "last"}
    settings |= {"epochs": 8, "batch_size": 10, "learning_rate": 0.01, "validation": None}
    usual, long = (
        SequenceClassifier((16,), chrono_steps=memory, **settings).fit(X, y).history_.losses[-1]
        for memory in (None, 60)
    )
    assert long < 0.5 * usual


def test_the_bias_for_a_time():
    for steps in (2.0, 30.0, 1000.0):
        forget = 1 / (1 + np.exp(-forget_bias_for(steps)))
        assert 1 / (1 - forget) == pytest.approx(steps, rel=1e-6)


@pytest.mark.parametrize("steps", [2, -5, 10.0, True, 10**7])
def test_a_memory_that_cannot_be_is_refused(steps):
    with pytest.raises(OptionError, match="chrono_steps must be a whole number of steps from 3 to"):
        long_memory(LSTM(1, 4), steps)


def test_layers_without_bias_are_refused():
    with pytest.raises(OptionError, match="got a layer with bias=False"):
        long_memory(LSTM(1, [4, 4], bias=[True, False]), 20)
