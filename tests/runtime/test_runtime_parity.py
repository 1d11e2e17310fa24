"""The runtime computes what the network it was saved from computes."""

import itertools

import numpy as np
import pytest

pytest.importorskip("torch", reason="it compares with torch, which is not installed")

import torch

from gatework import RNN
from gatework.errors import OptionError
from tolerances import FLOAT32, FLOAT64

CORES = [
    {},
    {"peephole": True},
    {"coupled_gates": True},
    {"coupled_gates": True, "peephole": True},
    {"exponential_gating": True},
]
SWITCHES = [
    {"bias": False},
    {"layer_norm": True},
    {"proj_size": [5, 2]},
    {"zoneout_hidden": 0.2},
    {"learned_state": True},
    {"zoneout_cell": [0.1, 0.0]},
]
TOLERANCES = {torch.float64: FLOAT64, torch.float32: FLOAT32}


def combinations():
    """Yield every core of the cell with every set of up to all other variants."""
    for core in CORES:
        for count in (0, 1, 2, len(SWITCHES)):
            for chosen in itertools.combinations(SWITCHES, count):
                options = {key: value for part in (core, *chosen) for key, value in part.items()}
                if not (options.get("exponential_gating") and options.get("zoneout_cell")):
                    yield options


def compare(lstm, model, x, lengths=None, state=None) -> None:
    expected, ended = lstm(x, state, lengths)
    given = None if state is None else {n: t.numpy() for n, t in state.to_tensors().items()}
    output, found = model(x.numpy(), given, lengths)
    tolerance = TOLERANCES[x.dtype]._asdict()
    np.testing.assert_allclose(output, expected.numpy(), **tolerance)
    parts = ended.to_tensors()
    assert list(found) == list(parts)
    for name, part in parts.items():
        np.testing.assert_allclose(found[name], part.numpy(), **tolerance, err_msg=name)


@pytest.mark.parametrize(
    "options", list(combinations()), ids=lambda options: "-".join(options) or "plain"
)
def test_every_variant_as_in_torch(torch_lstm_of, loaded, options) -> None:
    lstm = torch_lstm_of(3, [9, 6], dtype=torch.float64, **options)
    model = loaded(lstm)
    assert model.dtype == np.float64
    x = torch.randn(7, 4, 3, dtype=torch.float64)
    compare(lstm, model, x)
    compare(lstm, model, x, lengths=[7, 0, 3, 5], state=lstm(x[:2])[1])
    compare(lstm, loaded(lstm, "float64"), x[:, 0])
    single = lstm.float()
    compare(single, loaded(single), x.float(), lengths=[7, 0, 3, 5])


@pytest.mark.parametrize("options", list(combinations())[::3], ids=lambda one: "-".join(one))
def test_every_variant_is_traced_as_by_the_equations(
    torch_lstm_of, loaded, options, monkeypatch
) -> None:
    lstm = torch_lstm_of(3, [9, 6], dtype=torch.float64, **options)
    model = loaded(lstm)
    x, lengths = torch.randn(7, 3, 3, dtype=torch.float64), [7, 3, 0]
    monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    expected = lstm(x, lengths=lengths, trace=True)[2].numpy()
    found = model.trace(x.numpy(), lengths=lengths)
    assert list(found) == list(expected)
    for name, signal in expected.items():
        np.testing.assert_allclose(found[name], signal, **FLOAT64._asdict(), err_msg=name)


@pytest.mark.parametrize("core", CORES, ids=lambda options: "-".join(options) or "plain")
def test_both_directions_with_lengths(torch_lstm_of, loaded, core) -> None:
    lstm = torch_lstm_of(
        3, [5, 4], bidirectional=True, dtype=torch.float64, proj_size=[0, 2], **core
    )
    x = torch.randn(6, 3, 3, dtype=torch.float64)
    compare(lstm, loaded(lstm), x)
    compare(lstm, loaded(lstm), x, lengths=[6, 0, 4], state=lstm(x)[1])


def test_sequences_first_come_back_first(torch_lstm_of, loaded) -> None:
    lstm = torch_lstm_of(3, 5, batch_first=True)
    compare(lstm, loaded(lstm), torch.randn(2, 6, 3), lengths=[6, 2])
    compare(lstm, loaded(lstm), torch.randn(6, 3))


@pytest.mark.parametrize(("T", "B"), [(0, 2), (1, 1), (3, 0), (40, 1)])
def test_few_and_many_steps_and_rows(torch_lstm_of, loaded, T, B) -> None:
    lstm = torch_lstm_of(3, [9, 17], layer_norm=True, dtype=torch.float64)
    compare(lstm, loaded(lstm), torch.randn(T, B, 3, dtype=torch.float64))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weights_of_half_precision_are_widened(torch_lstm_of, loaded, dtype) -> None:
    lstm = torch_lstm_of(3, [5, 4], dtype=dtype)
    model = loaded(lstm)
    assert model.dtype == np.float32
    compare(lstm.float(), model, torch.randn(6, 2, 3))


def test_a_plain_recurrent_network_is_refused(loaded) -> None:
    said = (
        r"holds 'rnn', but the runtime runs 'lstm', 'forecaster', and what recognises\nhint: gate"
    )
    with pytest.raises(OptionError, match=said):
        loaded(RNN(3, 4))
