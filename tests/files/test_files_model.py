"""Saving and loading models: what comes back, and what is refused before anything is written."""

import json
import os
import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from forging import put_together, take_apart
from gatework import LSTM, RNN, load, runtime, save
from gatework.errors import DataError, FileFormatError, InputFileError, OptionError, OutputError
from gatework.files import kinds
from gatework.storage import write_sealed
from gatework.storage.torch_tensors import seal

NETWORKS = {
    "one layer": lambda: LSTM(3, 5),
    "sizes": lambda: LSTM(3, [7, 4, 2], batch_first=True, dropout=[0.1, 0.3]),
    "both directions": lambda: LSTM(2, [4, 3], bidirectional=True, bias=False),
    "projection": lambda: LSTM(2, 5, num_layers=2, proj_size=3),
    "variants": lambda: LSTM(
        2, [4, 3], peephole=[True, False], layer_norm=[False, True], learned_state=True
    ),
    "coupled": lambda: LSTM(2, 3, coupled_gates=True, forget_bias=2.0, recurrent_dropout=0.2),
    "exponential": lambda: LSTM(2, 3, exponential_gating=True, drop_connect=0.5),
    "float64": lambda: LSTM(2, 3, dtype=torch.float64, zoneout_cell=0.1, zoneout_hidden=0.2),
    "bfloat16": lambda: LSTM(2, 3, dtype=torch.bfloat16, candidate_dropout=0.3),
    "float16": lambda: RNN(2, 3, dtype=torch.float16),
    "plain": lambda: RNN(2, [3, 4], nonlinearity="relu", bidirectional=True, bias=[True, False]),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_comes_back_bit_by_bit(tmp_path, name):
    torch.manual_seed(1)
    network = NETWORKS[name]()
    path = save(network, tmp_path / "model.safetensors")
    assert path == tmp_path / "model.safetensors"
    before = torch.get_rng_state()
    loaded = load(path)
    assert torch.equal(torch.get_rng_state(), before), "loading drew random numbers"
    assert type(loaded) is type(network)
    assert loaded.to_config() == network.to_config()
    expected = network.state_dict()
    assert list(loaded.state_dict()) == list(expected)
    for key, tensor in loaded.state_dict().items():
        assert tensor.dtype == expected[key].dtype
        assert tensor.device.type == "cpu"
        assert torch.equal(tensor, expected[key])
    assert all(parameter.requires_grad for parameter in loaded.parameters())
    x = torch.randn(4, 2, network.input_size).to(next(network.parameters()).dtype)
    assert torch.equal(loaded.eval()(x)[0], network.eval()(x)[0])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_network_gives_the_same_bytes(tmp_path, name):
    network = NETWORKS[name]()
    content = save(network, tmp_path / "a").read_bytes()
    assert save(network, tmp_path / "b").read_bytes() == content
    assert save(load(tmp_path / "a"), tmp_path / "c").read_bytes() == content


def test_a_loaded_network_can_be_trained(tmp_path):
    network = load(save(LSTM(2, 3), tmp_path / "model"))
    network(torch.randn(4, 1, 2))[0].sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_tied_weights_come_back_tied(tmp_path):
    network = LSTM(3, [3, 3, 3])
    network.cell(2).weight_hh = network.cell(0).weight_hh
    network.cell(1).bias = network.cell(0).bias
    loaded = load(save(network, tmp_path / "model"))
    assert loaded.cell(2).weight_hh is loaded.cell(0).weight_hh
    assert loaded.cell(1).bias is loaded.cell(0).bias is not loaded.cell(2).bias
    x = torch.randn(4, 2, 3)
    assert torch.equal(loaded(x)[0], network(x)[0])
    assert save(loaded, tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()
    packed = runtime.load(tmp_path / "model")(x.numpy())[0]
    assert np.allclose(packed, network(x)[0].detach(), atol=1e-6)


@pytest.mark.parametrize(
    ("tied", "said"),
    [
        ([["forward_cells.0.bias", "forward_cells.1.bias"]], "are tied, but their values differ"),
        ([["forward_cells.0.bias", "forward_cells.1.weight_hh"]], "must be groups of weights of"),
        ([["forward_cells.0.bias", "forward_cells.0.bias"]], "must be groups of weights of"),
        ([["forward_cells.0.bias", "no.such"]], "must be groups of weights of"),
        ([["forward_cells.0.bias"]], "must be groups"),
        ({"a": 1}, "must be groups"),
        ([[1, 2]], "must be groups"),
    ],
)
def test_a_file_that_lies_about_tied_weights_is_refused(tmp_path, tied, said):
    network = LSTM(3, [3, 3])
    torch.nn.init.normal_(network.cell(1).bias)
    sealed = {name: seal(tensor) for name, tensor in network.state_dict().items()}
    write_sealed(tmp_path / "model", "lstm", network.to_config() | {"tied": tied}, sealed)
    with pytest.raises(FileFormatError, match=f"model has a configuration .*{said}"):
        load(tmp_path / "model")


def test_names_are_those_of_pythons_own_functions(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    network, name = LSTM(2, 3), os.fsencode(tmp_path / "model")
    assert save(network, name) == tmp_path / "model"
    assert load(name).hidden_sizes == (3,)
    assert runtime.load(name).output_size == 3
    monkeypatch.chdir(tmp_path)
    for tried in (lambda: load("~/model"), lambda: save(network, "~/other")):
        with pytest.raises((InputFileError, OutputError), match=r"did you mean .*(model|other)\?"):
            tried()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_network_on_a_gpu_comes_back_on_the_cpu(tmp_path):
    network = LSTM(2, [4, 3])
    content = save(network, tmp_path / "cpu").read_bytes()
    assert save(network.cuda(), tmp_path / "gpu").read_bytes() == content
    assert {p.device.type for p in load(tmp_path / "gpu").parameters()} == {"cpu"}


def test_a_file_that_exists_is_kept_unless_told(tmp_path):
    first, second = LSTM(2, 3), LSTM(2, 4)
    path = save(first, tmp_path / "model")
    with pytest.raises(OutputError, match=r"model exists already and was kept\nhint: .*overwrite"):
        save(second, path)
    assert load(path).hidden_sizes == (3,)
    save(second, path, overwrite=True)
    assert load(path).hidden_sizes == (4,)
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_weights_that_are_not_finite_are_refused_by_name(tmp_path, value, dtype):
    network = LSTM(2, [3, 4], dtype=dtype)
    path = save(network, tmp_path / "model")
    content = path.read_bytes()
    with torch.no_grad():
        network.cell(1).weight_hh[5, 2] = value
    said = r"tensor 'forward_cells\.1\.weight_hh' holds values that are not finite \(1 of 64\)"
    with pytest.raises(DataError, match=f"model was not written: {said}"):
        save(network, path, overwrite=True)
    assert path.read_bytes() == content
    with pytest.raises(DataError, match=said):
        save(network, tmp_path / "other")
    assert [file.name for file in tmp_path.iterdir()] == ["model"]


class Descendant(LSTM):
    """A network with something more than an LSTM."""


def test_what_cannot_be_saved_is_told(tmp_path):
    names = sorted(place.rpartition(":")[2] for place in kinds.KINDS.values())
    classes = f"models of these classes can: {', '.join(names)}"
    for model, name in (
        (nn.Linear(2, 3), "Linear"),
        (Descendant(2, 3), "Descendant"),
        (LSTM, "type"),
        ({"weight": torch.zeros(2)}, "dict"),
        (None, "NoneType"),
    ):
        with pytest.raises(OptionError, match=f"a {name} cannot be saved; {classes}$"):
            save(model, tmp_path / "model")  # type: ignore[arg-type]
    told = r"an LSTM of torch cannot be saved.*\nhint: gatework\.save\(gatework\.LSTM\.from_torch\("
    with pytest.raises(OptionError, match=told):
        save(nn.LSTM(2, 3), tmp_path / "model")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_network_that_would_not_load_is_not_saved(tmp_path):
    with pytest.raises(OptionError, match=r"weight_ih' has no values to save: .* device 'meta'"):
        save(LSTM(2, 3, device="meta"), tmp_path / "model")
    added = LSTM(2, 3)
    added.register_parameter("more", nn.Parameter(torch.zeros(1)))
    with pytest.raises(OptionError, match=r"this LSTM .* has the unknown tensors 'more'"):
        save(added, tmp_path / "model")
    removed = LSTM(2, 3)
    del removed.cell().weight_hh
    with pytest.raises(OptionError, match=r"lacks the tensors 'forward_cells\.0\.weight_hh'"):
        save(removed, tmp_path / "model")
    cut = LSTM(2, 3)
    cut.cell().weight_hh = nn.Parameter(torch.zeros(12, 2))
    with pytest.raises(OptionError, match=r"weight_hh' with the shape \(12, 2\), expected \(12, 3"):
        save(cut, tmp_path / "model")
    mixed = LSTM(2, [3, 4])
    mixed.cell(1).double()
    with pytest.raises(OptionError, match="all weights must have one dtype"):
        save(mixed, tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


def test_weights_in_any_layout_of_memory(tmp_path):
    network = LSTM(2, 3)
    weight = network.cell().weight_hh.detach()
    network.cell().weight_hh = nn.Parameter(weight.t().contiguous().t())
    assert not network.cell().weight_hh.is_contiguous()
    assert torch.equal(load(save(network, tmp_path / "model")).cell().weight_hh, weight)


class Counts:
    """A model with tensors of many dtypes."""

    file_kind: ClassVar[str] = "counts"
    TENSORS: ClassVar[dict[str, torch.Tensor]] = {
        "i64": torch.tensor([2**62, -1]),
        "i32": torch.tensor([[1, 2], [3, 4]], dtype=torch.int32),
        "i16": torch.tensor(5, dtype=torch.int16),
        "i8": torch.tensor([-128], dtype=torch.int8),
        "u8": torch.zeros(0, 3, dtype=torch.uint8),
        "bool": torch.tensor([True, False]),
        "f16": torch.tensor([0.5], dtype=torch.float16),
        "bf16": torch.tensor([[-1.5]], dtype=torch.bfloat16),
        "f64": torch.tensor([5e-324], dtype=torch.float64),
    }

    def __init__(self, tensors=TENSORS):
        self.held = dict(tensors)

    def to_config(self):
        return {}

    def tensors(self):
        return self.held

    @classmethod
    def expected_tensors(cls, config):
        return {name: (tensor.dtype, tuple(tensor.shape)) for name, tensor in cls.TENSORS.items()}

    @classmethod
    def from_config(cls, config, tensors):
        return cls(tensors)


def test_tensors_of_every_dtype(tmp_path, monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "counts", f"{Counts.__module__}:Counts")
    loaded = load(save(Counts(), tmp_path / "model"))
    assert loaded.held.keys() == Counts.TENSORS.keys()
    for name, tensor in Counts.TENSORS.items():
        assert loaded.held[name].dtype == tensor.dtype
        assert torch.equal(loaded.held[name], tensor)
        loaded.held[name].zero_()  # its own memory, and writable


def test_files_that_are_not_there_or_of_another_kind(tmp_path):
    with pytest.raises(InputFileError, match=r"there is no file .*model"):
        load(tmp_path / "model")
    with pytest.raises(InputFileError, match="is a folder, expected a file"):
        load(tmp_path)
    _, state = LSTM(2, 3)(torch.zeros(1, 1, 2))
    state.save(tmp_path / "state")
    with pytest.raises(FileFormatError, match="holds 'state', expected 'forecaster' or "):
        load(tmp_path / "state")
    about, entries, data = take_apart((tmp_path / "state").read_bytes())
    for kind in ("gatework.network:LSTM", "os:system", "LSTM", ""):
        (tmp_path / "forged").write_bytes(put_together({**about, "kind": kind}, entries, data))
        with pytest.raises(FileFormatError, match=f"forged holds '{kind}', expected"):
            load(tmp_path / "forged")


WATCHED = """
import json, sys
import gatework

gatework.load("model")  # everything is imported now
events = []
sys.addaudithook(lambda event, _: events.append(event))
gatework.load("model")
for name in ("pickle", "text"):
    try:
        gatework.load(name)
    except gatework.errors.FileFormatError:
        events.append("refused")
print(json.dumps(events))
"""


RUNS = {"exec", "compile", "import", "marshal.loads", "pickle.find_class", "code.__new__"} | {
    "os.system", "os.exec", "os.fork", "os.posix_spawn", "subprocess.Popen", "ctypes.dlopen",
}  # fmt: skip
"""What Python reports when code is made, found or run."""


def test_loading_executes_nothing(tmp_path):
    save(LSTM(2, [3, 4]), tmp_path / "model")
    torch.save({"weight": torch.zeros(9)}, tmp_path / "pickle")
    (tmp_path / "text").write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WATCHED],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    events = json.loads(done.stdout)
    assert events.count("refused") == 2
    assert "open" in events
    assert not RUNS & set(events)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "pickle", "text"]


LIMITED = """
import resource
import gatework

resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
try:
    gatework.save(gatework.LSTM(64, 128), "model", overwrite=True)
except gatework.errors.OutputError as error:
    print(error.message)
"""


def test_a_save_that_really_fails_midway_keeps_the_old_file(tmp_path):
    content = save(LSTM(2, 3), tmp_path / "model").read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", LIMITED], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "model cannot be written: File too large\n"
    assert (tmp_path / "model").read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["model"]
