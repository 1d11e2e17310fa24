"""Damaged and forged model files are refused by FileFormatError before anything is built."""

import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from forging import (
    HOSTILE,
    bit_flips,
    forge_config,
    mishaps,
    put_together,
    reseal,
    take_apart,
)
from gatework import LSTM, RNN, save
from gatework.errors import FileFormatError

FORGERIES = 2000


def networks() -> dict:
    torch.manual_seed(2)
    return {
        "lstm": LSTM(1, [2, 1], peephole=[True, False], learned_state=True),
        "deep": LSTM(
            1, [2, 2], bidirectional=True, proj_size=[1, 0], layer_norm=True, dropout=[0.2]
        ),
        "rnn": RNN(1, [2, 1], batch_first=True),
    }


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """Return the bytes of a file of each model."""
    folder = tmp_path_factory.mktemp("models")
    return {name: save(model, folder / name).read_bytes() for name, model in networks().items()}


@pytest.mark.parametrize("name", ["lstm", "deep", "rnn"])
def test_every_truncation(refused, contents, name):
    content = contents[name]
    for length in range(len(content)):
        said = "is empty" if not length else f"is truncated: .* found {length}$"
        refused(content[:length], said)


def test_every_flipped_bit(refused, contents):
    for damaged in bit_flips(contents["rnn"]):
        refused(damaged)


@pytest.mark.parametrize("name", ["lstm", "deep", "rnn"])
def test_thousands_of_mishaps(refused, contents, name):
    for _, damaged in mishaps(contents[name], 4000, seed=3):
        refused(damaged)


@pytest.mark.parametrize("name", ["lstm", "rnn"])
def test_mishaps_under_a_right_digest_load_whole_or_are_refused(opened, contents, name):
    loaded = 0
    about, _, _ = take_apart(contents[name])
    for _, damaged in mishaps(contents[name], FORGERIES, seed=5):
        try:
            network = opened(reseal(damaged))
        except FileFormatError:
            continue
        loaded += 1
        assert network.to_config().keys() == about["config"].keys()
        assert all(tensor.isfinite().all() for tensor in network.state_dict().values())
    assert 0 < loaded < FORGERIES // 2


@pytest.mark.parametrize("name", ["lstm", "deep", "rnn"])
def test_forged_configurations_load_whole_or_are_refused(opened, contents, name):
    about, entries, data = take_apart(contents[name])
    draw = random.Random(6)
    loaded = 0
    for _ in range(FORGERIES):
        config = forge_config(about["config"], draw)
        try:
            network = opened(put_together({**about, "config": config}, entries, data))
        except FileFormatError:
            continue
        loaded += 1
        assert network.to_config().keys() == config.keys()
    assert loaded < FORGERIES // 5


@pytest.mark.parametrize("name", ["lstm", "rnn"])
def test_every_setting_must_be_there_and_no_other(refused, contents, name):
    about, entries, data = take_apart(contents[name])
    config = about["config"]
    for key in config:
        rest = {other: value for other, value in config.items() if other != key}
        forged = put_together({**about, "config": rest}, entries, data)
        refused(forged, f"model has a configuration that is not sound: .*{key}")
    more = {**about, "config": {**config, "device": "cuda"}}
    refused(put_together(more, entries, data), "configuration that is not sound")


def test_a_configuration_that_is_no_object(refused, contents):
    about, entries, data = take_apart(contents["lstm"])
    for value in HOSTILE:
        refused(put_together({**about, "config": value}, entries, data))


WEIGHT = "forward_cells.0.weight_hh"


def test_tensors_that_are_not_the_models_are_named(refused, contents):
    about, entries, data = take_apart(contents["lstm"])
    assert WEIGHT in entries
    plain = entries[WEIGHT]

    def with_entries(changed: dict) -> bytes:
        return put_together(about, changed, data)

    renamed = {("renamed" if name == WEIGHT else name): value for name, value in entries.items()}
    said = f"model lacks the tensors '{WEIGHT}' and has the unknown tensors 'renamed'$"
    refused(with_entries(renamed), said)
    added = {**entries, "more": {"dtype": "F32", "shape": [0], "data_offsets": [len(data)] * 2}}
    refused(with_entries(added), "model has the unknown tensors 'more'$")
    refused(put_together(about, {}, b""), r"model lacks the tensors '.*', .* and 3 more$")
    turned = {**entries, WEIGHT: {**plain, "shape": plain["shape"][::-1]}}
    said = rf"model has the tensor '{WEIGHT}' with the shape \(2, 8\), expected \(8, 2\)$"
    refused(with_entries(turned), said)
    other = {**entries, WEIGHT: {**plain, "dtype": "I32"}}
    said = f"model has the tensor '{WEIGHT}' as torch.int32, expected torch.float32$"
    refused(with_entries(other), said)
    short = {**entries, WEIGHT: {**plain, "dtype": "F16"}}
    refused(with_entries(short), f"'{WEIGHT}' has 64 bytes, .* ask for 32")


def test_each_tensor_is_missed_by_its_name(tmp_path, refused):
    network = LSTM(1, [2, 2], layer_norm=True, peephole=True)
    for name in network.state_dict():
        about, entries, data = take_apart(
            save(network, tmp_path / "m", overwrite=True).read_bytes()
        )
        begin, end = entries.pop(name)["data_offsets"]
        for entry in entries.values():
            if entry["data_offsets"][0] >= end:
                entry["data_offsets"] = [place - (end - begin) for place in entry["data_offsets"]]
        forged = put_together(about, entries, data[:begin] + data[end:])
        refused(forged, f"model lacks the tensors '{name}'$")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_not_finite_is_named(refused, contents, value):
    about, entries, data = take_apart(contents["lstm"])
    place = entries[WEIGHT]["data_offsets"][0] + 4
    bits = np.array([value], dtype="<f4").tobytes()
    forged = put_together(about, entries, data[:place] + bits + data[place + 4 :])
    said = rf"model: tensor '{WEIGHT}' holds values that are not finite \(1 of 16\)$"
    refused(forged, said)


def test_one_networks_tensors_under_anothers_description(refused, contents):
    for name, other in (("lstm", "deep"), ("deep", "rnn"), ("rnn", "lstm")):
        about, _, _ = take_apart(contents[name])
        _, entries, data = take_apart(contents[other])
        refused(put_together(about, entries, data), "model (lacks|has)")


HUGE = """
import resource, sys
import torch, gatework
from gatework.errors import FileFormatError

with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
gatework.load("sound")
resource.setrlimit(resource.RLIMIT_AS, (used + 2**28, used + 2**28))
for number in range(int(sys.argv[1])):
    try:
        gatework.load(f"forged{number}")
    except FileFormatError as error:
        print(error.message[:200])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_huge_sizes_in_a_configuration_allocate_nothing(tmp_path, contents):
    (tmp_path / "sound").write_bytes(contents["lstm"])
    about, entries, data = take_apart(contents["lstm"])
    forgeries = [
        {"hidden_sizes": [10**9, 10**9]},
        {"hidden_sizes": [2**31 - 1] * 1024},
        {"hidden_sizes": [10**39, 1]},
        {"hidden_sizes": 10**12},
        {"hidden_sizes": [1] * 5000},
        {"input_size": 10**15},
        {"proj_size": [10**9, 10**9], "hidden_sizes": [10**10, 10**10]},
    ]
    for number, changes in enumerate(forgeries):
        forged = {**about, "config": {**about["config"], **changes}}
        (tmp_path / f"forged{number}").write_bytes(put_together(forged, entries, data))
    done = subprocess.run(
        [sys.executable, "-c", HUGE, str(len(forgeries))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(forgeries)
    assert all(line.startswith(f"forged{number} ") for number, line in enumerate(lines))
