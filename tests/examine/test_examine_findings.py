"""The diagnosis: each fault is found where it is made, and not where it is not."""

import numpy as np
import torch

from gatework import LSTM, RNN
from gatework.examine import diagnose
from gatework.train import seeded

WAVE = np.sin(np.arange(120) / 3)


def network(**options) -> LSTM:
    """Return a network whose forget bias has moved, as training moves it."""
    with seeded(3):
        lstm = LSTM(1, [8], dtype=torch.float64, **options)
        with torch.no_grad():
            lstm.cell().bias[8:16] += torch.randn(8, dtype=torch.float64) * 0.3
    return lstm


def test_a_sound_network_has_nothing() -> None:
    assert diagnose(network(), WAVE).sound


def test_a_forget_bias_that_never_moved() -> None:
    fresh = LSTM(1, [8, 4])
    found = diagnose(fresh, WAVE)
    assert found.kinds.count("unmoved forget bias") == 2
    assert "layer 2: the forget bias never moved from its start, 1" in str(found)


def test_saturated_gates_and_dead_units() -> None:
    lstm = network()
    with torch.no_grad():
        lstm.cell().bias[24:29] = -40.0  # the output gates of five units never open
    found = diagnose(lstm, WAVE)
    assert "the output gate of 5 of 8 units is closed at nearly every step" in str(found)
    assert "5 of 8 units never change: 0, 1, 2, 3, 4" in str(found)


def test_weights_that_are_no_numbers_are_named_and_nothing_else_is_said() -> None:
    lstm = LSTM(1, [4, 3])
    with torch.no_grad():
        lstm.cell(1).weight_hh[0, 1] = float("nan")
    found = diagnose(lstm, WAVE)
    assert found.kinds == ("not finite",)
    assert "layer 2: 1 of 96 weights are not finite numbers" in str(found)


def test_full_cells() -> None:
    lstm = network()
    with torch.no_grad():
        lstm.cell().bias[8:16] = 9.0
        lstm.cell().bias[0:8] = 9.0
        lstm.cell().bias[16:24] = 3.0
    assert "full cells" in diagnose(lstm, WAVE).kinds


def test_memory_that_is_shorter_than_the_season() -> None:
    season = np.tile([*np.zeros(11), 6.0], 20) + np.random.default_rng(0).normal(0, 0.3, 240)
    lstm = network()
    with torch.no_grad():
        lstm.cell().bias[8:16] = -2.0
    found = diagnose(lstm, season)
    assert "short memory" in found.kinds
    assert "vanishing gradient" in found.kinds
    with torch.no_grad():
        lstm.cell().bias[8:16] = 5.0
        lstm.cell().weight_ih[8:16] = 0
        lstm.cell().weight_hh[8:16] = 0
    assert "short memory" not in diagnose(lstm, season).kinds


def test_gradients_that_explode() -> None:
    rnn = RNN(1, 4, nonlinearity="relu", dtype=torch.float64)
    with torch.no_grad():
        rnn.grid()[0][0].weight_hh.copy_(1.8 * torch.eye(4))
        rnn.grid()[0][0].weight_ih.fill_(1.0)
        rnn.grid()[0][0].bias.fill_(1.0)
    found = diagnose(rnn, np.ones(60))
    assert found.kinds == ("exploding gradient",)
    assert "clip_norm" in str(found)


def test_a_network_in_two_directions_is_diagnosed_too() -> None:
    found = diagnose(LSTM(1, [4], bidirectional=True), WAVE)
    assert "vanishing gradient" not in found.kinds
    unmoved = [one for one in found if one.kind == "unmoved forget bias"]
    assert [one.direction for one in unmoved] == ["forward", "reverse"]
    assert str(unmoved[1]).startswith("layer 1 (reverse): the forget bias never moved")


def test_a_few_steps_tell_nothing_of_units_and_say_so() -> None:
    lstm = network()
    with torch.no_grad():
        lstm.cell().bias[24:] = -40.0  # no output gate opens
    for steps in (1, 4):
        found = diagnose(lstm, WAVE[:steps])
        assert "few steps" in found.kinds
        assert not {"dead units", "saturated gate", "nothing"} & {*found.kinds}
    assert {"dead units", "saturated gate"} < {*diagnose(lstm, WAVE[:5]).kinds}
