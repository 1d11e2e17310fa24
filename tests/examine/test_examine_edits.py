"""What if: edits change what they must, and nothing before."""

import numpy as np
import pytest
import torch

from gatework import LSTM, RNN
from gatework.errors import OptionError
from gatework.examine import Edit, Run, edited, run_of
from gatework.train import seeded

VARIANTS = [
    {},
    {"peephole": True},
    {"coupled_gates": True, "peephole": True},
    {"exponential_gating": True},
    {"layer_norm": True, "proj_size": 3},
    {"zoneout_cell": 0.2, "zoneout_hidden": 0.1},
    {"bidirectional": True},
    {"exponential_gating": True, "layer_norm": True, "proj_size": 2},
]


def run(options: dict) -> Run:
    with seeded(1):
        lstm = LSTM(2, [5, 4], dtype=torch.float64, **options)
        x = np.random.default_rng(0).normal(size=(14, 2))
    return run_of(lstm, x)


@pytest.mark.parametrize("options", VARIANTS)
def test_writing_a_number_over_itself_changes_nothing(options) -> None:
    found = run(options)
    for signal in ("input_gate", "candidate", "output_gate", "cell", "hidden"):
        same = found.signal(0, signal)[6, 1]
        again = edited(found, [Edit(6, signal, 1, same)])
        np.testing.assert_allclose(again.output, found.output, rtol=1e-9, atol=1e-12)
        for layer in range(2):
            for name, values in found.cell(layer).items():
                np.testing.assert_allclose(again.cell(layer)[name], values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("options", VARIANTS)
def test_an_input_that_is_edited_runs_as_if_it_had_been_so(options) -> None:
    found = run(options)
    x = found.raw[:, 0].numpy().copy()
    x[5, 1] = 3.0
    again = edited(found, [Edit(5, "raw", 1, 3.0)])
    own = run_of(found.network, x)
    np.testing.assert_allclose(again.output, own.output, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        again.signal(1, "cell"), own.signal(1, "cell"), rtol=1e-9, atol=1e-12
    )


def test_a_cell_that_is_edited_goes_on_from_there() -> None:
    found = run({})
    again = edited(found, [Edit(7, "cell", 2, 5.0, layer=1)])
    np.testing.assert_array_equal(again.output[:7], found.output[:7])
    assert again.signal(1, "cell")[7, 2] == 5.0
    gate = found.signal(1, "output_gate")[7, 2]
    assert again.signal(1, "hidden")[7, 2] == pytest.approx(gate * np.tanh(5.0))
    # From there it is the network from that state.
    state = found.network(found.inputs[:8])[1].clone().detach()
    state.layers[1][0].cell[0, 2] = 5.0
    state.layers[1][0].hidden[0, 2] = gate * np.tanh(5.0)
    own = found.network(found.inputs[8:], state)[0][:, 0].detach().numpy()
    np.testing.assert_allclose(again.output[8:], own, rtol=1e-9)


class FirstLayersEnd(torch.nn.Module):
    """Answers by where its first layer ends: its memory, forward and backward."""

    def __init__(self, lstm: torch.nn.Module) -> None:
        super().__init__()
        self.lstm = lstm

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        state = self.lstm(x)[1]
        first = state.layers[0] if hasattr(state, "layers") else None
        return state[1][:2] if first is None else torch.stack([one.cell for one in first])


@pytest.mark.parametrize("ours", [False, True])
def test_an_edit_reaches_every_part_of_the_state_in_which_a_network_ends(ours) -> None:
    options = {"dtype": torch.float64, "bidirectional": True}
    with seeded(1):
        lstm = LSTM(2, [5, 5], **options) if ours else torch.nn.LSTM(2, 5, 2, **options)
        x = np.random.default_rng(0).normal(size=(14, 2))
    found = run_of(FirstLayersEnd(lstm), x)
    assert found.output.shape == (14, 10)
    again = edited(found, [Edit(13, "cell", 3, 5.0), Edit(0, "cell", 1, -4.0, direction="reverse")])
    assert (again.output[-1, 3], again.output[-1, 6]) == (5.0, -4.0)
    kept = [n for n in range(10) if n not in (3, 6)]
    np.testing.assert_allclose(again.output[-1, kept], found.output[-1, kept], rtol=1e-9)


def test_a_forget_gate_that_is_closed_loses_what_was_kept() -> None:
    found = run({})
    again = edited(found, [Edit(6, "forget_gate", 0, 0.0)])
    written = found.signal(0, "input_gate")[6, 0] * found.signal(0, "candidate")[6, 0]
    assert again.signal(0, "cell")[6, 0] == pytest.approx(written)
    assert again.signal(0, "forget_gate")[6, 0] == 0.0


def test_a_plain_network_can_be_edited_too() -> None:
    found = run_of(RNN(1, [3], dtype=torch.float64), np.ones(6))
    again = edited(found, [Edit(2, "hidden", 1, 0.5)])
    assert again.signal(0, "hidden")[2, 1] == 0.5
    assert np.abs(again.output[3] - found.output[3]).max() > 0


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit(14, "cell", 0, 1.0), "no step 14"),
        (Edit(0, "cell", 5, 1.0), "no unit 5 of cell"),
        (Edit(0, "raw", 2, 1.0), "no unit 2 of raw"),
        (Edit(0, "input_gate", 0, 5.0), "input gate of a unit is from 0 to 1, got 5"),
        (Edit(0, "candidate", 0, -1.5), "candidate of a unit is from -1 to 1, got -1.5"),
        (Edit(0, "hidden", 0, 1.01), "hidden state of a unit is from -1 to 1, got 1.01"),
        (Edit(0, "cell", 0, float("nan")), "must be finite"),
        (Edit(0, "stabiliser", 0, 1.0), "signal must be one of raw, input_gate"),
        (Edit(0, "cell", 0, 1.0, layer=2), "no layer 2"),
    ],
)
def test_edits_of_what_is_not_there_are_refused(edit, said) -> None:
    with pytest.raises(OptionError, match=said):
        edited(run({}), [edit])


def test_a_coupled_forget_gate_is_not_edited_by_itself() -> None:
    with pytest.raises(OptionError, match="edit the input gate"):
        edited(run({"coupled_gates": True}), [Edit(0, "forget_gate", 0, 1.0)])


def test_a_value_that_the_network_cannot_hold_is_refused() -> None:
    run = run_of(LSTM(1, 2), np.zeros((4, 1)))
    with pytest.raises(OptionError, match=r"must be finite, 3\.4e\+38 at most, got 1e\+308"):
        edited(run, [Edit(0, "raw", 0, 1e308)])
