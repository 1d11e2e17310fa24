"""Without native kernels numpy computes what they compute, and says once what is lost."""

import subprocess
import sys
import warnings

import numpy as np
import pytest

from drawn_models import DrawnModel, drawn_lstm, drawn_writer
from gatework import runtime
from gatework.runtime import native
from gatework.runtime.architecture import architecture_of
from tolerances import EIGHT_BITS32, FLOAT32, FLOAT64, PATIENCE

VARIANTS = [
    {"bidirectional": True},
    {"bidirectional": True, "proj_size": [0, 2], "batch_first": True},
    {"peephole": True, "learned_state": True, "bias": False},
    {"layer_norm": True, "proj_size": [5, 2]},
    {"layer_norm": True, "bias": False, "zoneout_hidden": 0.2},
    {"coupled_gates": True, "peephole": True, "zoneout_cell": [0.1, 0.0]},
    {"exponential_gating": True, "layer_norm": True, "learned_state": True},
    {"exponential_gating": True, "proj_size": [5, 0], "bidirectional": True},
]
TOLERANCES = {"float64": FLOAT64, "float32": FLOAT32, "float16": FLOAT32, "int8": EIGHT_BITS32}


@pytest.fixture
def both(monkeypatch, tmp_path, native):
    """Return a function that loads a model twice: on native kernels and on numpy."""

    def load(model: DrawnModel, storage=None, by=runtime.load):
        path = model.write(tmp_path / "model")
        monkeypatch.delenv("GATEWORK_KERNEL", raising=False)
        fast = by(path, storage)
        monkeypatch.setenv("GATEWORK_KERNEL", "reference")
        slow = by(path, storage)
        assert (fast.target == "reference", slow.target) == (False, "reference")
        return fast, slow

    return load


def same(fast, slow, tolerance) -> None:
    (expected, ended), (output, state) = fast, slow
    assert output.dtype == expected.dtype
    np.testing.assert_allclose(output, expected, **tolerance._asdict())
    assert list(state) == list(ended)
    for name, part in ended.items():
        np.testing.assert_allclose(state[name], part, **tolerance._asdict(), err_msg=name)


@pytest.mark.parametrize("storage", TOLERANCES)
@pytest.mark.parametrize("options", VARIANTS, ids=lambda options: "-".join(options))
def test_every_variant_is_that_of_the_kernels(both, options, storage) -> None:
    fast, slow = both(drawn_lstm(3, [9, 6], **options), storage)
    x = np.random.default_rng(0).normal(size=(5, 5, 3)).astype(fast.dtype)
    first = fast(x)
    same(first, slow(x), TOLERANCES[storage])
    lengths = [5, 0, 3, 1, 4]
    x[3:, 2:4] = np.nan if not fast.batch_first else 0
    same(fast(x, first[1], lengths), slow(x, first[1], lengths), TOLERANCES[storage])
    same(fast(x[:0]), slow(x[:0]), TOLERANCES[storage])


def test_steps_and_streams_have_the_bits_of_the_whole_sequence(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    drawn = drawn_lstm(3, [17, 6], layer_norm=True, peephole=True, learned_state=True)
    model = runtime.load(drawn.write(tmp_path / "model"), "int8")
    x = np.random.default_rng(0).normal(size=(9, 3, 3)).astype(np.float32)
    output, ended = model(x)
    stepper, streams = model.stepper(3), model.streams()
    for t, one in enumerate(x):
        np.testing.assert_array_equal(stepper.step(one), output[t])
        streams.step(["a", "b", "c"][::-1], one[::-1].copy())
    for name, part in stepper.state.items():
        np.testing.assert_array_equal(part, ended[name])
        np.testing.assert_array_equal(streams["b"][name], ended[name][1:2])
    np.testing.assert_array_equal(model(x[:, 1:2])[0], output[:, 1:2])


def test_a_forecaster_of_networks_is_that_of_the_kernels(both) -> None:
    fitted = {"networks": 2, "hidden_sizes": [5, 4], "mean": 2.0, "deviation": 0.5, "log": True}
    config = {"fitted": fitted | {"counts": True}}
    draw = np.random.default_rng(0).normal
    shapes = architecture_of("forecaster", config).expected()
    tensors = {name: draw(size=shape).astype(np.float32) for name, shape in shapes.items()}
    fast, slow = both(DrawnModel("forecaster", config, tensors))
    x = np.random.default_rng(1).uniform(0, 20, (3, 7, 1))
    same(fast(x, lengths=[7, 0, 4]), slow(x, lengths=[7, 0, 4]), FLOAT32)
    np.testing.assert_allclose(slow.stepper().step(x[0, 0]), fast.stepper().step(x[0, 0]), 1e-5)


@pytest.mark.parametrize("storage", TOLERANCES)
@pytest.mark.parametrize(
    "options",
    [
        {"layer_norm": True, "learned_state": True},
        {"tied": True, "embedding_size": 6, "exponential_gating": True},
        {"tokens": 60, "cutoffs": (9, 30), "sizes": (9, 17), "peephole": True},
    ],
    ids=lambda options: "-".join(options),
)
def test_language_models_are_those_of_the_kernels(both, options, storage, monkeypatch) -> None:
    drawn = drawn_writer(**options)
    fast, slow = both(drawn, storage, by=runtime.load_tokens)
    random = np.random.default_rng(0)
    tokens = random.integers(len(drawn.config["tokens"]), size=(7, 3))
    whole = slow.run(tokens)
    same(fast.run(tokens), whole, TOLERANCES[storage])
    same(fast.run(tokens[:-1], tokens[1:]), slow.run(tokens[:-1], tokens[1:]), TOLERANCES[storage])
    steppers = fast.stepper(3), slow.stepper(3)
    for t in range(7):
        steppers[0].step(tokens[t])
        np.testing.assert_array_equal(steppers[1].step(tokens[t]), whole[0][t])
    np.testing.assert_allclose(
        steppers[1].hidden, steppers[0].hidden, **TOLERANCES[storage]._asdict()
    )
    draws, rows = random.random((2, 12)), np.array([2, 0])
    written = []
    for stepper in steppers:
        stepper.keep(rows)
        recent = tokens[-3:, rows].T.copy()
        asked = {"temperature": 0.9, "top_p": 0.8, "repetition_penalty": 1.3}
        written.append(stepper.write(tokens[-1, rows], draws, recent, **asked))
    np.testing.assert_array_equal(*written)
    monkeypatch.setattr("gatework.runtime.reference.tokens.MOST_LOOKED_UP", 0)
    _, large = both(drawn, storage, by=runtime.load_tokens)
    if storage in ("float64", "float32"):  # the others round what no table replaces
        same(whole, large.run(tokens), TOLERANCES[storage])


def test_it_is_said_once_what_is_lost_unless_it_was_asked_for(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("GATEWORK_KERNEL", raising=False)
    path = drawn_lstm(3, 4).write(tmp_path / "model")
    code = (
        "import sys, warnings; sys.modules['gatework._runtime'] = None; "
        "from gatework import runtime; "
        "warnings.simplefilter('always'); "
        "print([runtime.load(sys.argv[1]).target for _ in range(2)])"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=PATIENCE
    )
    assert found.stdout == "['reference', 'reference']\n", found.stderr
    said = "networks run on numpy, up to hundreds of times slower a step, since Gatework's native"
    assert found.stderr.count(said) == 1
    assert "install a wheel, or a C++ compiler (such as g++), then: pip install" in found.stderr
    monkeypatch.setenv("GATEWORK_KERNEL", "reference")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        native._warn.cache_clear()
        assert runtime.load(path).target == "reference"
