"""LSTMs in safetensors files that torch, Keras and haste wrote."""

import re

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from gatework.cli import main
from gatework.errors import FileFormatError, OptionError
from gatework.examine import run_of
from gatework.files import load_to_examine, save
from gatework.network import LSTM
from gatework.train import seeded


class Tagger(nn.Module):
    """What people save: a network of torch, and a head."""

    def __init__(self, **options) -> None:
        super().__init__()
        self.encoder = nn.LSTM(2, 5, **options)
        self.head = nn.Linear(5, 1)


def keras_weights(lstm: nn.LSTM, suffix: str = "") -> dict[str, torch.Tensor]:
    ih, hh = (getattr(lstm, f"weight_{one}_l0{suffix}").detach().T for one in ("ih", "hh"))
    bias = getattr(lstm, f"bias_ih_l0{suffix}") + getattr(lstm, f"bias_hh_l0{suffix}")
    named = {"kernel": ih, "recurrent_kernel": hh, "bias": bias.detach()}
    return {name: one.contiguous().clone() for name, one in named.items()}


X = np.random.default_rng(0).normal(size=(9, 2))


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"num_layers": 2, "bidirectional": True},
        {"bias": False},
        {"proj_size": 3, "num_layers": 2},
        {"dtype": torch.float64},
    ],
)
def test_a_network_of_torch_says_what_it_said(tmp_path, options) -> None:
    with seeded(0):
        model = Tagger(**options)
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    told: list[str] = []
    run = run_of(load_to_examine(tmp_path / "model.safetensors", say=told.append), X)
    x = torch.from_numpy(X).to(options.get("dtype", torch.float32))
    np.testing.assert_allclose(run.output, model.encoder(x)[0].detach(), rtol=1e-4, atol=1e-6)
    assert "head.bias, head.weight" in told[0]


def test_a_network_of_keras_says_what_it_said_both_ways(tmp_path) -> None:
    with seeded(0):
        lstm = nn.LSTM(2, 5, bidirectional=True)
    tensors = {
        f"m/two/{way}_lstm/lstm_cell/{name}:0": one
        for way, suffix in (("forward", ""), ("backward", "_reverse"))
        for name, one in keras_weights(lstm, suffix).items()
    }
    save_file(tensors | {"m/dense/kernel:0": torch.zeros(10, 1)}, tmp_path / "m.safetensors")
    run = run_of(load_to_examine(tmp_path / "m.safetensors"), X)
    expected = lstm(torch.from_numpy(X).float())[0].detach()
    np.testing.assert_allclose(run.output, expected, rtol=1e-4, atol=1e-6)


def test_what_cannot_be_known_is_refused_with_a_cure(tmp_path) -> None:
    path = tmp_path / "m.safetensors"
    two = {f"{name}.{key}": one for name in "ab" for key, one in nn.LSTM(2, 5).state_dict().items()}
    halves = {key: one.to(torch.int8) for key, one in nn.LSTM(2, 5).state_dict().items()}
    for tensors, said in (
        (two, "holds 2 networks: 'a', 'b'\nhint: --part a"),
        (nn.GRU(2, 5).state_dict(), "this is a GRU with 15 rows of weights for 5 units"),
        (nn.Linear(2, 5).state_dict(), "holds no LSTM by its names: 'bias', 'weight'\nhint: an"),
        (keras_weights(nn.LSTM(2, 5)), r"the file does not tell\nhint: save what lstm.to_native"),
        (halves, "kept as I8"),
        ({"weight_hh_l0": torch.zeros(20, 5)}, "layer 1: matrices weight_ih and weight_hh"),
    ):
        save_file({key: one.clone() for key, one in tensors.items()}, path)
        with pytest.raises(FileFormatError) as raised:
            load_to_examine(path)
        assert re.search(said, str(raised.value)), str(raised.value)
    save_file({key: one.clone() for key, one in two.items()}, path)
    assert load_to_examine(path, "b").stack.layers[0].hidden_size == 5
    with pytest.raises(FileFormatError, match="'c' is none of them"):
        load_to_examine(path, "c")
    ours = save(LSTM(1, [2]), tmp_path / "ours.safetensors")
    with pytest.raises(OptionError, match="holds one model, and no parts"):
        load_to_examine(ours, "a")
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(FileFormatError, match="is not a file that Gatework wrote, or its start"):
        load_to_examine(path)


def test_it_is_drawn_and_explained(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_file(Tagger().state_dict(), "m.safetensors")
    (tmp_path / "x.csv").write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in X))
    words = ["draw", "m.safetensors", "gates", "--data", "x.csv", "--part", "encoder"]
    for arguments in (words, ["explain", "m.safetensors", "x.csv"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 0
    told = capsys.readouterr()
    assert told.out.startswith("gates.svg\n")
    assert (
        "only the LSTM encoder is looked into; head.bias, head.weight of m.safetensors" in told.err
    )
