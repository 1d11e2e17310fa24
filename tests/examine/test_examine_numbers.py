"""Memory, gradients, saturation, order, similar steps: numbers against what is known by hand."""

import numpy as np
import pytest
import torch

from gatework import LSTM, RNN, examine
from gatework.errors import OptionError
from gatework.examine import (
    find_similar_steps,
    gradient_flow,
    longest_dependency,
    memory_of,
    order_units,
    plain_rnn_like,
    run_of,
    saturation_of,
)


def constant_gates(forget: float, **options) -> LSTM:
    """Return a cell whose gates do not depend on anything: only biases are not 0."""
    lstm = LSTM(1, 3, dtype=torch.float64, **options)
    cell = lstm.cell()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.bias[3:6] = float(np.log(forget / (1 - forget)))
        cell.bias[:3], cell.bias[6:9] = 0.3, 0.7
    return lstm


def test_memory_of_a_constant_gate_is_its_power() -> None:
    memory = memory_of(run_of(constant_gates(0.8), np.zeros(30)), 0, most=10)
    np.testing.assert_allclose(memory.half_life, np.log(0.5) / np.log(0.8), rtol=1e-10)
    powers = 0.8 ** np.arange(11)[:, None] * np.ones(3)
    np.testing.assert_allclose(memory.kept, powers, rtol=1e-10)


def test_memory_with_a_normaliser_is_relative_to_it() -> None:
    lstm = LSTM(1, 4, exponential_gating=True, dtype=torch.float64)
    run = run_of(lstm, np.sin(np.arange(20)))
    memory = memory_of(run, 0)
    assert ((memory.kept >= 0) & (memory.kept <= 1)).all()
    # The cell relative to the normaliser is a mean of candidates, weighted by what is kept.
    cell = run.cell(0)
    share = cell["forget_gate"][1:] * cell["normaliser"][:-1] / cell["normaliser"][1:]
    relative = cell["cell"] / cell["normaliser"]
    expected = share * relative[:-1] + (1 - share) * cell["candidate"][1:]
    np.testing.assert_allclose(relative[1:], expected, rtol=1e-9)


def test_a_plain_network_has_no_memory_to_measure() -> None:
    with pytest.raises(OptionError, match="no forget gate"):
        memory_of(run_of(RNN(1, 3), np.zeros(5)), 0)


def test_the_longest_dependency_is_the_season_and_noise_has_none() -> None:
    draw = np.random.default_rng(0)
    season = np.tile([0.0, 1.0, 0.0, 9.0, 0.0, 4.0, 0.0], 40) + draw.normal(0, 0.5, 280)
    assert (longest_dependency(season) or 0) >= 7
    walk = np.cumsum(draw.normal(size=300))
    assert longest_dependency(walk) is not None
    assert longest_dependency(np.ones(100)) is None
    found = [longest_dependency(draw.normal(size=200)) for _ in range(20)]
    assert sum(lag is not None for lag in found) <= 6


def test_gradients_are_those_of_finite_differences() -> None:
    lstm = LSTM(1, [4, 3], dtype=torch.float64)
    x = np.sin(np.arange(9.0))
    flow = gradient_flow(run_of(lstm, x), most=4, origins=1)
    (t,) = flow.origins
    back, move = 2, 1e-6
    given = torch.from_numpy(x)[:, None, None]

    @torch.no_grad()
    def loss(unit: int, change: float) -> float:
        state = lstm(given[: t - back + 1])[1]
        state.layers[1][0].hidden[0, unit] += change
        output, _ = lstm(given[t - back + 1 : t + 1], state)
        return 0.5 * output[-1].square().sum().item()

    # The last layer's hidden state goes nowhere but to its next step.
    gradient = [(loss(unit, move) - loss(unit, -move)) / (2 * move) for unit in range(3)]
    np.testing.assert_allclose(np.linalg.norm(gradient), flow.sizes[1, back], rtol=1e-5)


def test_vanishing_and_exploding_are_named() -> None:
    small = RNN(1, 4, dtype=torch.float64)
    large = RNN(1, 4, nonlinearity="relu", dtype=torch.float64)
    with torch.no_grad():
        small.grid()[0][0].weight_hh.mul_(0.05)
        large.grid()[0][0].weight_hh.copy_(2.0 * torch.eye(4))
        large.grid()[0][0].weight_ih.fill_(1.0)
        large.grid()[0][0].bias.fill_(1.0)
    data = np.ones(40)
    assert gradient_flow(run_of(small, data)).reach(0) <= 4
    assert gradient_flow(run_of(large, data)).exploded(0)
    lstm = run_of(constant_gates(0.99), data)
    assert not gradient_flow(lstm).exploded(0)
    assert plain_rnn_like(lstm).network.hidden_sizes == (3,)
    with pytest.raises(OptionError, match="forward only"):
        gradient_flow(run_of(LSTM(1, 2, bidirectional=True), data))


def test_gates_that_are_stuck_are_listed() -> None:
    lstm = constant_gates(0.97)
    with torch.no_grad():
        lstm.cell().bias[0] = -9.0
    found = saturation_of(run_of(lstm, np.zeros(10)), 0)
    assert found.stuck["forget_gate"] == ((0, "open"), (1, "open"), (2, "open"))
    assert found.stuck["input_gate"] == ((0, "closed"),)
    assert found.stuck["output_gate"] == ()
    np.testing.assert_array_equal(found.open["forget_gate"], 1.0)


def test_units_that_act_alike_are_neighbours() -> None:
    t = np.arange(200.0)
    waves = [np.sin(t / 9), np.cos(t / 3), np.sin(t / 21)]
    draw = np.random.default_rng(1)
    groups = np.repeat([0, 1, 2], 5)
    mixed = draw.permutation(15)
    values = np.stack([waves[groups[unit]] * (1 + unit) for unit in mixed], axis=1)
    values = np.concatenate([values, np.zeros((200, 1))], axis=1)
    order = order_units(values)
    assert sorted(order.tolist()) == list(range(16))
    assert order[-1] == 15  # what never changes comes last
    changes = np.count_nonzero(np.diff(groups[mixed[order[:15]]]))
    assert changes == 2


def test_similar_steps_are_found_and_do_not_overlap() -> None:
    draw = np.random.default_rng(2)
    values = draw.normal(0, 0.1, 300)
    for start in (20, 110, 250):
        values[start : start + 10] += np.linspace(0, 5, 10)
    found = find_similar_steps(values, 20, 30, count=2)
    assert [one.start for one in sorted(found, key=lambda one: one.start)] == [110, 250]
    assert find_similar_steps(np.ones(50), 3, 6) == []
    few = find_similar_steps(np.array([1.0, -1.0, 1.0, -1.0]), 0, 1)
    assert [(one.start, one.alike) for one in few] == [(2, 1.0)]  # none that is unlike
    with pytest.raises(OptionError, match="no stretch"):
        find_similar_steps(values, 5, 5)


def test_names_of_old_still_work_and_say_what_they_are_called_now() -> None:
    for old, new in (("similar_moments", find_similar_steps), ("Moment", examine.SimilarSteps)):
        with pytest.warns(FutureWarning, match=rf"{old} is called {new.__name__} now"):
            assert getattr(examine, old) is new
