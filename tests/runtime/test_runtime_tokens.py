"""Language models in the runtime say what the network they were saved from says."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="it compares with torch, which is not installed")

import torch

from gatework import runtime
from gatework.runtime import PackedTokenModel
from gatework.write.network import LanguageNetwork
from language_models import log_probabilities, random_network, write_network
from tolerances import EIGHT_BITS32, FLOAT32, FLOAT64

CELLS = [
    {},
    {"layer_norm": True},
    {"peephole": True},
    {"coupled_gates": True},
    {"coupled_gates": True, "peephole": True, "layer_norm": True},
    {"exponential_gating": True},
    {"exponential_gating": True, "layer_norm": True, "learned_state": True},
    {"proj_size": [5, 2]},
    {"learned_state": True, "bias": False},
    {"zoneout_hidden": 0.2, "zoneout_cell": [0.1, 0.0]},
    {"drop_connect": 0.5, "recurrent_dropout": 0.3},
]
HEADS = [
    {},
    {"embedding_size": 6, "tied": True},
    {"cutoffs": (9,)},
    {"tokens": 60, "hidden_sizes": (9, 17), "cutoffs": (9, 30)},
]


def name_of(options: dict) -> str:
    return "-".join(options) or "plain"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., PackedTokenModel]:
    """Return a function that writes a network's file and loads it."""

    def load(network: LanguageNetwork, storage=None, **options) -> PackedTokenModel:
        return runtime.load_tokens(write_network(tmp_path / "model", network), storage, **options)

    return load


def texts(network: LanguageNetwork, T: int, B: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(len(network.embedding.weight), size=(T, B))


def compare(
    network: LanguageNetwork, model: PackedTokenModel, tolerance, T: int = 8, B: int = 5
) -> None:
    tokens = texts(network, T + 1, B)
    expected = log_probabilities(network, torch.from_numpy(tokens[:-1])).numpy()
    logs, ended = model.run(tokens[:-1])
    np.testing.assert_allclose(logs, expected, **tolerance._asdict())
    scores, also = model.run(tokens[:-1], tokens[1:])
    wanted = np.take_along_axis(expected, tokens[1:, :, None], axis=2)[..., 0]
    np.testing.assert_allclose(scores, wanted, **tolerance._asdict())
    stepper = model.stepper(B)
    for row, found in zip(tokens[:-1], logs, strict=True):
        np.testing.assert_array_equal(stepper.step(row), found)
    for name, part in stepper.state.items():
        np.testing.assert_array_equal(part, ended[name], err_msg=name)
        np.testing.assert_array_equal(part, also[name], err_msg=name)


@pytest.mark.parametrize("options", CELLS, ids=name_of)
def test_every_cell_as_in_torch(opened, options) -> None:
    network = random_network(**options)
    model = opened(network)
    assert (model.dtype, model.storage, model.vocabulary_size) == (np.float64, "float64", 23)
    compare(network, model, FLOAT64)
    compare(network.float(), opened(network.float()), FLOAT32)


@pytest.mark.parametrize("options", HEADS, ids=name_of)
def test_every_head_as_in_torch(opened, options) -> None:
    network = random_network(**options)
    compare(network, opened(network), FLOAT64)
    compare(network, opened(network), FLOAT64, T=0)
    compare(network.float(), opened(network.float()), FLOAT32, T=3, B=1)


def rounded(weight: torch.Tensor, storage: str) -> torch.Tensor:
    """Return a weight as it is kept: in float16, or in 255 levels of the largest of each row."""
    if storage == "float16":
        return weight.half().float()
    scale = weight.abs().amax(dim=1, keepdim=True) / 127
    return torch.round(weight / scale) * scale


@pytest.mark.parametrize("storage", ["float16", "int8"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"layer_norm": True},
        {"exponential_gating": True},
        {"coupled_gates": True},
        {"proj_size": 5},
        {"cutoffs": (40,)},
    ],
    ids=name_of,
)
def test_all_matrices_but_the_first_are_rounded_row_by_row(opened, options, storage) -> None:
    network = random_network(70, 12, (33, 18), dtype=torch.float32, **options)
    whole, narrow = opened(network), opened(network, storage)
    assert narrow.packed_bytes < whole.packed_bytes
    for name, parameter in network.named_parameters():
        looked_up = name in ("embedding.weight", "lstm.forward_cells.0.weight_ih")
        if "weight" in name and not looked_up:
            parameter.copy_(rounded(parameter, storage))
    compare(network, narrow, FLOAT32 if storage == "float16" else EIGHT_BITS32, B=7)


def test_a_first_layer_too_large_to_be_looked_up(opened, monkeypatch) -> None:
    # 50,000 tokens of 384 pre-activations: more than are kept.
    network = random_network(50_000, 3, (96,), dtype=torch.float32)
    model = opened(network)
    assert model.packed_bytes < 50_000 * 384 * 4
    tokens = texts(network, 3, 2)
    expected = log_probabilities(network, torch.from_numpy(tokens)).numpy()
    np.testing.assert_allclose(model.run(tokens)[0], expected, **FLOAT32._asdict())


def test_the_hidden_state_is_what_the_head_saw(opened) -> None:
    network = random_network()
    stepper = opened(network).stepper(2)
    assert not stepper.hidden.any()
    tokens = texts(network, 3, 2)
    for row in tokens:
        stepper.step(row)
    expected, _ = network(torch.from_numpy(tokens.T.copy()))
    np.testing.assert_allclose(stepper.hidden, expected[:, -1].numpy(), **FLOAT64._asdict())
