"""The variants against second, independent ways of writing them."""

from typing import Any

import numpy as np
import pytest
import torch

from gatework import LSTM
from tolerances import FLOAT64


def run(lstm: LSTM, x: torch.Tensor) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    output, _ = lstm(x)
    cell = lstm.cell()
    weights = {name: p.detach().numpy() for name, p in cell.named_parameters()}
    return output.detach().numpy(), weights


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def normalise(z, gain, shift: np.ndarray | float = 0.0):
    centred = z - z.mean(-1, keepdims=True)
    return gain * centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) + shift


@pytest.fixture
def x() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(9, 3, 4, dtype=torch.float64)


def make(**options) -> LSTM:
    torch.manual_seed(1)
    lstm = LSTM(4, 5, dtype=torch.float64, **options).eval()
    with torch.no_grad():  # away from the neutral values of gains, shifts and biases
        for parameter in lstm.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return lstm


def test_layer_norm_with_peepholes(x) -> None:
    output, w = run(make(layer_norm=True, peephole=True), x)
    h, c = np.zeros((3, 5)), np.zeros((3, 5))
    for t, x_t in enumerate(x.numpy()):
        a = normalise(x_t @ w["weight_ih"].T, w["input_gain"]) + w["bias"]
        a = a + normalise(h @ w["weight_hh"].T, w["recurrent_gain"])
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=-1)
        p_i, p_f, p_o = w["peephole"]
        new = sigmoid(a_f + p_f * c) * c + sigmoid(a_i + p_i * c) * np.tanh(a_g)
        c = new
        shown = normalise(c, w["cell_gain"], w["cell_shift"])
        h = sigmoid(a_o + p_o * c) * np.tanh(shown)
        np.testing.assert_allclose(output[t], h, *FLOAT64)


def test_exponential_gating_is_a_weighted_mean_of_all_candidates(x) -> None:
    """Without stabiliser, c / n is the mean of the candidates weighted by exp(a_i) and the product
    of all forget gates since."""
    output, w = run(make(exponential_gating=True), x)
    h = np.zeros((3, 5))
    candidates, inputs, forgets = [], [], []
    for t, x_t in enumerate(x.numpy()):
        a = x_t @ w["weight_ih"].T + h @ w["weight_hh"].T + w["bias"]
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=-1)
        candidates.append(np.tanh(a_g))
        inputs.append(np.exp(a_i))
        forgets.append(sigmoid(a_f))
        weights = [
            inputs[s] * np.prod(forgets[s + 1 :], axis=0) if s < t else inputs[s]
            for s in range(t + 1)
        ]
        mean = sum(k * g for k, g in zip(weights, candidates, strict=True)) / sum(weights)
        h = sigmoid(a_o) * mean
        np.testing.assert_allclose(output[t], h, *FLOAT64)


@pytest.mark.parametrize("size", [1e3, 1e5])
def test_exponential_gating_stays_finite_where_exp_overflows(size) -> None:
    lstm = LSTM(1, 3, exponential_gating=True)
    x = size * torch.tensor([1.0, -1.0, 1.0, -1.0, 0.0]).reshape(5, 1, 1)
    output, state = lstm(x)
    output.sum().backward()
    assert torch.isfinite(output).all()
    assert all(torch.isfinite(t).all() for t in state.to_tensors().values())
    gradients = [p.grad for p in lstm.parameters()]
    assert all(g is not None and torch.isfinite(g).all() for g in gradients)


def test_coupled_gates_are_an_lstm_whose_forget_weights_mirror_the_input_weights(x) -> None:
    """1 - sigmoid(z) = sigmoid(-z)."""
    coupled = make(coupled_gates=True, peephole=True)
    full = make(peephole=True)
    ours, theirs = coupled.cell(), full.cell()
    with torch.no_grad():
        for name in ("weight_ih", "weight_hh", "bias"):
            i, g, o = getattr(ours, name).chunk(3)
            getattr(theirs, name).copy_(torch.cat([i, -i, g, o]))
        p_i, p_o = ours.peephole
        theirs.peephole.copy_(torch.stack([p_i, -p_i, p_o]))
    np.testing.assert_allclose(
        coupled(x)[0].detach().numpy(), full(x)[0].detach().numpy(), *FLOAT64
    )


def test_projection(x) -> None:
    output, w = run(make(proj_size=2), x)
    h, c = np.zeros((3, 2)), np.zeros((3, 5))
    for t, x_t in enumerate(x.numpy()):
        a = x_t @ w["weight_ih"].T + h @ w["weight_hh"].T + w["bias"]
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=-1)
        c = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_g)
        h = (sigmoid(a_o) * np.tanh(c)) @ w["weight_hr"].T
        np.testing.assert_allclose(output[t], h, *FLOAT64)


def test_zoneout_after_training_is_its_expectation(x) -> None:
    output, w = run(make(zoneout_cell=0.2, zoneout_hidden=0.4), x)
    h, c = np.zeros((3, 5)), np.zeros((3, 5))
    for t, x_t in enumerate(x.numpy()):
        a = x_t @ w["weight_ih"].T + h @ w["weight_hh"].T + w["bias"]
        a_i, a_f, a_g, a_o = np.split(a, 4, axis=-1)
        new = sigmoid(a_f) * c + sigmoid(a_i) * np.tanh(a_g)
        h = 0.4 * h + 0.6 * sigmoid(a_o) * np.tanh(new)
        c = 0.2 * c + 0.8 * new
        np.testing.assert_allclose(output[t], h, *FLOAT64)


def test_zoneout_while_training_keeps_about_its_share_of_the_units() -> None:
    torch.manual_seed(0)
    lstm = LSTM(4, 50, zoneout_cell=0.3, zoneout_hidden=0.1)
    _, _, trace = lstm(torch.randn(40, 20, 4), trace=True)
    for signal, rate in ((trace[0].cell, 0.3), (trace[0].hidden, 0.1)):
        kept = (signal[1:] == signal[:-1]).double().mean().item()
        assert kept == pytest.approx(rate, abs=0.01)  # 38,000 draws: deviation 0.0024


@pytest.mark.parametrize("name", ["recurrent_dropout", "candidate_dropout"])
def test_dropout_masks_are_the_same_at_all_steps_and_off_after_training(name) -> None:
    torch.manual_seed(0)
    options: dict[str, Any] = {name: 0.5}
    lstm = LSTM(4, 50, **options)
    x = torch.randn(30, 20, 4)
    _, _, trace = lstm(x, trace=True)
    if name == "candidate_dropout":
        dropped = trace[0].candidate == 0
        assert (dropped == dropped[0]).all()
        assert dropped[0].double().mean().item() == pytest.approx(0.5, abs=0.06)
    assert not torch.equal(lstm(x)[0], lstm(x)[0])
    lstm.eval()
    assert torch.equal(lstm(x)[0], lstm(x)[0])
    plain = LSTM(4, 50).eval()
    plain.load_state_dict(lstm.state_dict())
    assert torch.equal(lstm(x)[0], plain(x)[0])


def test_recurrent_dropout_acts_on_the_way_back_and_not_on_the_output() -> None:
    """At the first step nothing comes back yet, so nothing can be dropped."""
    torch.manual_seed(0)
    lstm = LSTM(4, 50, recurrent_dropout=0.5)
    x = torch.randn(5, 3, 4)
    first, second = lstm(x)[0], lstm(x)[0]
    assert torch.equal(first[0], second[0])
    assert not torch.equal(first[1], second[1])


def test_drop_connect_drops_recurrent_weights_for_a_whole_sequence() -> None:
    torch.manual_seed(0)
    lstm = LSTM(4, 60, drop_connect=0.25)
    dropped = lstm.cell().run_weights().weight_hh
    original = lstm.cell().weight_hh
    assert (dropped == 0).double().mean().item() == pytest.approx(0.25, abs=0.02)
    kept = dropped != 0
    torch.testing.assert_close(dropped[kept], original[kept] / 0.75)
    lstm.eval()
    assert lstm.cell().run_weights().weight_hh is original


@pytest.mark.parametrize("options", [{}, {"coupled_gates": True}, {"exponential_gating": True}])
def test_forget_gate_starts_open_by_one(options) -> None:
    """With no input and no state, the forget gate is sigmoid(1)."""
    lstm = LSTM(4, 5, **options)
    cell = lstm.cell()
    position = cell.options.gates.index(
        "input_gate" if options.get("coupled_gates") else "forget_gate"
    )
    sign = -1 if options.get("coupled_gates") else 1
    block = cell.bias.chunk(len(cell.options.gates))[position]
    assert (sign * block == 1).all()
    assert not (cell.bias == sign).all()


def test_forget_bias_can_differ_by_layer() -> None:
    lstm = LSTM(4, [5, 6], forget_bias=[3.0, -1.0])
    assert (lstm.cell().bias[5:10] == 3.0).all()
    assert (lstm.cell(1).bias[6:12] == -1.0).all()


@pytest.mark.parametrize("options", [{}, {"exponential_gating": True}])
def test_learned_state_is_where_a_sequence_starts(options) -> None:
    lstm = LSTM(4, 5, learned_state=True, **options)
    cell = lstm.cell()
    with torch.no_grad():
        cell.initial_hidden.fill_(0.5)
        cell.initial_cell.fill_(-0.25)
    state = lstm.initial_state(3)
    assert (state.layers[0][0].hidden == 0.5).all()
    assert (state.layers[0][0].cell == -0.25).all()
    x = torch.randn(6, 3, 4)
    torch.testing.assert_close(lstm(x)[0], lstm(x, state)[0], rtol=0, atol=0)
    lstm(x)[0].sum().backward()
    for parameter in (cell.initial_hidden, cell.initial_cell):
        assert parameter.grad is not None
        assert parameter.grad.abs().sum() > 0
