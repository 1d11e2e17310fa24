"""Files that Gatework writes, forged under right digests: taken whole, or refused by a sentence."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mutants import sealed, tried

import gatework
from drawn_models import drawn_lstm, drawn_writer
from gatework import LSTM, State, runtime

BEFORE = Path(__file__).parents[1] / "files" / "before"
MODELS = (
    "classifier_sound",
    "forecaster_auto",
    "forecaster_smoothing",
    "global_updated",
    "life",
    "regressor_table",
    "tagger",
    "transcriber_joined",
    "watch_smoothing",
    "writer_words",
)


@pytest.mark.parametrize("name", MODELS)
def test_a_model(name, tmp_path, times, seed) -> None:
    path = tmp_path / "model"
    content = (BEFORE / f"{name}.safetensors").read_bytes()

    def take(mutant: bytes) -> None:
        path.write_bytes(mutant)
        assert repr(gatework.load(path))

    taken, refused = tried(sealed(content, times(20), seed), take)
    assert refused > taken


def _sequence(path: Path) -> None:
    model = runtime.load(path)
    output, _ = model(np.zeros((2, 1, model.input_size), model.dtype))
    assert output.shape[:2] == (2, 1)


def _tokens(path: Path) -> None:
    assert runtime.load_tokens(path).initial_state()


RUNTIME = {
    "lstm": (drawn_lstm(2, [3, 2], peephole=True, learned_state=True), _sequence),
    "writer": (drawn_writer(tokens=9, cutoffs=(4,)), _tokens),
}


@pytest.mark.parametrize("kind", RUNTIME)
def test_a_model_of_the_runtime(kind, tmp_path, times, seed) -> None:
    pytest.importorskip("gatework._runtime", reason="the native module is not built")
    drawn, use = RUNTIME[kind]
    path = drawn.write(tmp_path / "model")

    def take(mutant: bytes) -> None:
        path.write_bytes(mutant)
        use(path)

    taken, refused = tried(sealed(path.read_bytes(), times(60), seed), take)
    assert refused > taken > 0


@pytest.mark.parametrize("face", ["torch", "runtime"])
def test_a_state(face, tmp_path, times, seed) -> None:
    lstm = LSTM(2, [3, 2], bidirectional=face == "torch")
    path = State.zeros(lstm, 2).save(tmp_path / "state")
    content = path.read_bytes()
    names = State.zeros(lstm, 2).to_tensors().keys()

    def take(mutant: bytes) -> None:
        path.write_bytes(mutant)
        if face == "runtime":
            assert {len(rows) for rows in runtime.load_state(path).values()} == {2}
            return
        state = State.load(path)
        assert state.to_tensors().keys() == names
        assert all(torch.isfinite(part).all() for part in state.to_tensors().values())

    taken, refused = tried(sealed(content, times(80), seed), take)
    assert refused > taken > 0
