"""LSTM against torch.nn.LSTM over hundreds of random configurations: forward, states, gradients."""

import random
import warnings

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from gatework import LSTM
from gatework.errors import OptionError
from tolerances import EXACT, FLOAT32, FLOAT64

CONFIGURATIONS = 300


def draw(seed: int) -> dict:
    """Return a random configuration of torch.nn.LSTM and of its input."""
    choose = random.Random(seed)
    hidden = choose.randint(1, 9)
    return {
        "module": {
            "input_size": choose.randint(1, 7),
            "hidden_size": hidden,
            "num_layers": choose.randint(1, 3),
            "bias": choose.random() < 0.8,
            "batch_first": choose.random() < 0.5,
            "dropout": choose.choice([0.0, 0.0, 0.5]),
            "bidirectional": choose.random() < 0.4,
            "proj_size": choose.choice([0, 0, choose.randint(0, hidden - 1)]),
            "dtype": choose.choice([torch.float32, torch.float64]),
        },
        "steps": choose.randint(1, 11),
        "batch": choose.randint(1, 6),
        "input": choose.choice(["batch", "batch", "single", "packed"]),
        "state": choose.random() < 0.5,
        "path": choose.choice(["", "reference"]),
    }


def build(config: dict) -> tuple[nn.LSTM, LSTM]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # dropout in a single layer
        theirs = nn.LSTM(**config["module"])
    # Dropout draws other numbers in another order, so it is compared in evaluation mode.
    theirs.train(theirs.dropout == 0)
    return theirs, LSTM.from_torch(theirs)


def make_input(config: dict, module: nn.LSTM):
    """Return leaf tensors x, h, c, the input made of x, and the state (None if none is given)."""
    T, B, dtype = config["steps"], config["batch"], config["module"]["dtype"]
    H, P = module.hidden_size, module.proj_size or module.hidden_size
    rows = module.num_layers * (2 if module.bidirectional else 1)
    single = config["input"] == "single"
    shape = (T, B) if config["input"] == "packed" or not module.batch_first else (B, T)
    x = torch.randn(*((T,) if single else shape), module.input_size, dtype=dtype)
    h = torch.randn(*((rows, P) if single else (rows, B, P)), dtype=dtype)
    c = torch.randn(*((rows, H) if single else (rows, B, H)), dtype=dtype)
    return x, h, c


def lengths_of(config: dict) -> list[int]:
    choose = random.Random(config["steps"] * 100 + config["batch"])
    lengths = [choose.randint(1, config["steps"]) for _ in range(config["batch"])]
    lengths[choose.randrange(len(lengths))] = config["steps"]
    return lengths


def outcome(module, config: dict, leaves) -> dict[str, torch.Tensor]:
    """Run forward and backward and return everything that came out, by name."""
    x, h, c = (leaf.clone().requires_grad_() for leaf in leaves)
    value = x
    if config["input"] == "packed":
        value = pack_padded_sequence(x, lengths_of(config), enforce_sorted=False)
    output, (h_n, c_n) = module(value, (h, c) if config["state"] else None)
    if config["input"] == "packed":
        output = output.data
    # A fixed, uneven weighting, so that no gradient cancels.
    together = torch.cat([part.reshape(-1) for part in (output, h_n, c_n)])
    total = together @ torch.linspace(-1, 1, len(together), dtype=together.dtype)
    total.backward()
    found = {"output": output, "h_n": h_n, "c_n": c_n, "dx": x.grad}
    if config["state"]:
        found |= {"dh": h.grad, "dc": c.grad}
    return found


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_same_numbers_as_torch(seed, monkeypatch) -> None:
    config = draw(seed)
    torch.manual_seed(seed)
    theirs, ours = build(config)
    leaves = make_input(config, theirs)
    monkeypatch.setenv("GATEWORK_KERNEL", config["path"])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LSTM with projections")
        expected = outcome(theirs, config, leaves)
    found = outcome(ours, config, leaves)
    tolerance = FLOAT64 if config["module"]["dtype"] == torch.float64 else FLOAT32
    for name, value in expected.items():
        torch.testing.assert_close(
            found[name], value, **tolerance._asdict(), msg=lambda m, n=name: f"{n} {config}: {m}"
        )
    compare_weight_gradients(ours, theirs, tolerance)


def compare_weight_gradients(ours: LSTM, theirs: nn.LSTM, tolerance) -> None:
    for layer, row in enumerate(ours.grid()):
        for cell, suffix in zip(row, ("", "_reverse"), strict=False):
            for name, parameter in cell.named_parameters():
                torch_name = "bias_ih" if name == "bias" else name
                expected = theirs.get_parameter(f"{torch_name}_l{layer}{suffix}").grad
                torch.testing.assert_close(parameter.grad, expected, **tolerance._asdict())


@pytest.mark.parametrize("seed", range(0, CONFIGURATIONS, 10))
def test_weights_survive_the_way_to_torch_and_back(seed) -> None:
    theirs, ours = build(draw(seed))
    back = ours.to_torch()
    assert back.training == theirs.training
    for name in ("input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout"):
        assert getattr(back, name) == getattr(theirs, name)
    again = LSTM.from_torch(back)
    for name, value in ours.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, **EXACT._asdict())


def test_to_torch_names_everything_it_cannot_carry() -> None:
    lstm = LSTM(3, [5, 4, 2], peephole=[True, False, False], zoneout_cell=0.1, dropout=[0.1, 0.2])
    with pytest.raises(OptionError, match=r"torch\.nn\.LSTM cannot carry") as caught:
        lstm.to_torch()
    for part in (
        "peephole (layer 0)",
        "zoneout_cell (layer 2)",
        "layers of different hidden_size [5, 4, 2]",
        "different dropout between layers [0.1, 0.2]",
    ):
        assert part in str(caught.value)


def test_from_torch_takes_nothing_but_an_lstm() -> None:
    with pytest.raises(OptionError, match=r"takes a torch\.nn\.LSTM, got torch\.nn.*GRU"):
        LSTM.from_torch(nn.GRU(2, 3))  # type: ignore[arg-type]


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("path", ["", "reference"])
def test_plain_rnn_gives_the_numbers_of_torch(nonlinearity, path, monkeypatch) -> None:
    from gatework import RNN

    monkeypatch.setenv("GATEWORK_KERNEL", path)
    theirs = nn.RNN(3, 5, 2, nonlinearity=nonlinearity, bidirectional=True, dtype=torch.float64)
    ours = RNN(3, 5, 2, nonlinearity=nonlinearity, bidirectional=True, dtype=torch.float64)
    with torch.no_grad():
        for layer, row in enumerate(ours.grid()):
            for cell, suffix in zip(row, ("", "_reverse"), strict=True):
                end = f"_l{layer}{suffix}"
                cell.weight_ih.copy_(theirs.get_parameter(f"weight_ih{end}"))
                cell.weight_hh.copy_(theirs.get_parameter(f"weight_hh{end}"))
                biases = [theirs.get_parameter(f"bias_{part}{end}") for part in ("ih", "hh")]
                cell.bias.copy_(biases[0] + biases[1])
    x = torch.randn(7, 4, 3, dtype=torch.float64)
    expected, h_n = theirs(x)
    output, state = ours(x)
    torch.testing.assert_close(output, expected, **FLOAT64._asdict())
    hidden = torch.stack([s.hidden for row in state.layers for s in row])
    torch.testing.assert_close(hidden, h_n, **FLOAT64._asdict())
