"""The token model on the native kernels: the same as torch's, and without torch."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gatework.errors import FileFormatError, OptionError
from gatework.write import Sampling, write_many, write_on
from gatework.write.sampling import beam_search
from gatework.write.token_model import SamplingTokenModel
from gatework.write.token_models.native import NativeTokenModel, open_native_token_model
from gatework.write.token_models.torch import TorchTokenModel
from gatework.write.vocabulary import Vocabulary
from language_models import letters, random_network, write_network
from tolerances import FLOAT32, PATIENCE

pytest.importorskip("gatework._runtime", reason="the native module is not built")


def models(
    folder: Path, storage: str = "float32", **options
) -> tuple[NativeTokenModel, TorchTokenModel]:
    """Return a token model on the kernels and one on torch, of the same network."""
    network = random_network(26, dtype=torch.float32, **options)
    vocabulary = Vocabulary("char", letters(26)[2:])
    path = write_network(folder / "model", network)
    return open_native_token_model(path, storage=storage), TorchTokenModel(network, vocabulary)


@pytest.mark.parametrize("options", [{}, {"cutoffs": (9,)}, {"exponential_gating": True}], ids=str)
def test_both_models_say_the_same(tmp_path, options) -> None:
    native, reference = models(tmp_path, **options)
    assert native.vocabulary == reference.vocabulary
    tokens = np.random.default_rng(0).integers(26, size=(9, 4))
    for token_model in (native, reference):
        token_model.start(4)
    for n, row in enumerate(tokens):
        if n == 5:
            order = np.array([3, 1, 1, 0])
            native.keep(order)
            reference.keep(order)
        np.testing.assert_allclose(native.step(row), reference.step(row), **FLOAT32._asdict())
        np.testing.assert_allclose(native.hidden, reference.hidden, **FLOAT32._asdict())
    native.keep(np.array([2, 0]))
    assert native.rows == 2
    assert native.step(tokens[0, :2]).shape == (2, 26)


def test_it_has_every_face(tmp_path) -> None:
    native, reference = models(tmp_path)
    native.step(np.array([0]))
    assert isinstance(native, SamplingTokenModel)
    assert not isinstance(reference, SamplingTokenModel)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(temperature=0.7, top_p=0.9),
        Sampling(repetition_penalty=1.4, repetition_window=5, typical=0.9),
        Sampling(temperature=0),
    ],
    ids=str,
)
def test_texts_as_from_the_model_on_torch(tmp_path, sampling) -> None:
    native, reference = models(tmp_path)
    found, expected = (
        write_many(token_model, "abc", count=5, length=100, sampling=sampling, seed=3)
        for token_model in (native, reference)
    )
    assert found == expected
    alone = "".join(write_on(native, "abc", length=100, sampling=sampling, seed=3, row=2))
    assert alone == found[2]


def test_a_beam_as_from_the_model_on_torch(tmp_path) -> None:
    native, reference = models(tmp_path)
    found, expected = (
        beam_search(token_model, "ab", length=12, count=3) for token_model in (native, reference)
    )
    assert [one.text for one in found] == [one.text for one in expected]


def test_a_vocabulary_of_bytes(tmp_path) -> None:
    path = write_network(
        tmp_path / "model", random_network(258, dtype=torch.float32), level="bytes"
    )
    token_model = open_native_token_model(path)
    assert token_model.vocabulary == Vocabulary("bytes")
    assert token_model.model.storage == "int8"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tokens": ["", "", *"abcdefghijklmnopqrstuvww"]}, "must have each token once"),
        ({"tokens": ["", "", *"abcdefghijklmnopqrstuvw", "xy"]}, "'xy' is no token"),
        ({"level": "bytes"}, "the tokens are not the 256 bytes"),
    ],
)
def test_made_up_vocabularies_are_refused(tmp_path, change, message) -> None:
    path = write_network(tmp_path / "model", random_network(26, dtype=torch.float32), change)
    with pytest.raises(FileFormatError, match=f"has a vocabulary that is not sound: .*{message}"):
        open_native_token_model(path)


@pytest.mark.parametrize("storage", ["float64", "int4"])
def test_a_storage_that_is_none(tmp_path, storage) -> None:
    path = write_network(tmp_path / "model", random_network(dtype=torch.float32))
    with pytest.raises(OptionError, match="storage must be one of float32, float16, int8, got"):
        open_native_token_model(path, storage=storage)


USE = """
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "pandas", "click", "rich", "onnx"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Forbidden())
from gatework.write import Sampling, open_token_model, write_many

model = open_token_model(sys.argv[1], storage="int8")
texts = write_many(model, "ab", count=2, length=20, sampling=Sampling(top_k=3), stop_at_end=False)
heavy = {"torch", "pandas", "scipy", "onnx", "rich", "click"}
print(*map(len, texts), sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""


def test_writing_needs_no_torch(tmp_path) -> None:
    path = write_network(tmp_path / "model", random_network(dtype=torch.float32))
    result = subprocess.run(
        [sys.executable, "-c", USE, str(path)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "20 20 []"
