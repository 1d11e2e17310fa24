"""Language models in the runtime by themselves: the same bits in any company, parts and order."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drawn_models import DrawnModel, drawn_writer
from gatework import runtime
from gatework.runtime import PackedTokenModel
from tolerances import EIGHT_BITS32, FLOAT32


def name_of(options: dict) -> str:
    return "-".join(options) or "plain"


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., PackedTokenModel]:
    """Return a function that writes a network's file and loads it."""

    def load(network: DrawnModel, storage=None, **options) -> PackedTokenModel:
        return runtime.load_tokens(network.write(tmp_path / "model"), storage, **options)

    return load


def texts(network: DrawnModel, T: int, B: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(len(network.config["tokens"]), size=(T, B))


@pytest.mark.parametrize("forced", ["base", "avx2"])
@pytest.mark.parametrize("storage", ["float32", "int8"])
def test_other_instruction_sets_say_the_same(native, opened, monkeypatch, forced, storage) -> None:
    from gatework import _runtime

    if forced not in _runtime.targets():
        pytest.skip(f"this machine cannot run {forced}")
    network = drawn_writer(70, 12, (33, 18), dtype="float32", layer_norm=True)
    tokens = texts(network, 8, 3)
    best, _ = opened(network, storage).run(tokens)
    monkeypatch.setenv("GATEWORK_KERNEL", forced)
    model = opened(network, storage)
    assert model.target == forced
    tolerance = FLOAT32 if storage == "float32" else EIGHT_BITS32
    np.testing.assert_allclose(model.run(tokens)[0], best, **tolerance._asdict())


@pytest.mark.parametrize("storage", ["float32", "float16", "int8"])
@pytest.mark.parametrize("options", [{}, {"layer_norm": True, "proj_size": 5}], ids=name_of)
def test_a_row_has_the_same_bits_in_any_company_and_on_any_threads(
    opened, options, storage
) -> None:
    network = drawn_writer(70, 12, (48, 33), dtype="float32", **options)
    tokens = texts(network, 20, 14)
    whole, _ = opened(network, storage).run(tokens)
    shared, _ = opened(network, storage, threads=3).run(tokens)
    np.testing.assert_array_equal(shared, whole)
    for row in (0, 5, 13):
        alone, _ = opened(network, storage, threads=2).run(tokens[:, row : row + 1])
        np.testing.assert_array_equal(alone[:, 0], whole[:, row])


def test_a_long_text_is_read_in_parts(opened) -> None:
    network = drawn_writer(3000, 4, (17,), dtype="float32", cutoffs=(100, 900))
    tokens = texts(network, 801, 2)
    model = opened(network)  # 2,400,000 log-probabilities a row: several parts
    logs, ended = model.run(tokens[:-1])
    scores, also = model.run(tokens[:-1], tokens[1:])
    wanted = np.take_along_axis(logs, tokens[1:, :, None], axis=2)[..., 0]
    np.testing.assert_allclose(scores, wanted, **FLOAT32._asdict())
    first, state = model.run(tokens[:300], tokens[1:301])
    second, state = model.run(tokens[300:-1], tokens[301:], state)
    np.testing.assert_array_equal(np.concatenate([first, second]), scores)
    for name, part in ended.items():
        np.testing.assert_array_equal(part, also[name])
        np.testing.assert_array_equal(part, state[name])


def test_rows_are_kept_dropped_and_taken_twice(opened) -> None:
    network = drawn_writer(exponential_gating=True, learned_state=True)
    model = opened(network)
    tokens = texts(network, 6, 3)
    stepper = model.stepper(3)
    for row in tokens[:3]:
        stepper.step(row)
    order = np.array([2, 0, 2, 2])
    stepper.keep(order)
    assert stepper.batch == 4
    after = [stepper.step(row) for row in tokens[3:][:, order]]
    expected, _ = model.run(np.concatenate([tokens[:3][:, order], tokens[3:][:, order]]))
    np.testing.assert_array_equal(after, expected[3:])
    stepper.keep(np.array([], np.int64))
    assert stepper.step(np.array([], np.int64)).shape == (0, 23)


def test_the_state_goes_from_stepper_to_run_and_back(opened) -> None:
    network = drawn_writer(learned_state=True)
    model = opened(network)
    tokens = texts(network, 6, 2)
    logs, ended = model.run(tokens)
    stepper = model.stepper(2)
    stepper.state = model.run(tokens[:4], state=model.initial_state(2))[1]
    np.testing.assert_array_equal(stepper.step(tokens[4]), logs[4])
    found, state = model.run(tokens[5:], state=stepper.state)
    np.testing.assert_array_equal(found[0], logs[5])
    assert list(state) == [f"{n}.forward.{part}" for n in (0, 1) for part in ("hidden", "cell")]
    np.testing.assert_array_equal(state["1.forward.cell"], ended["1.forward.cell"])


def test_what_is_not_a_number_stays_none(opened, monkeypatch) -> None:
    network = drawn_writer(dtype="float32")
    for storage in ("float32", "int8"):
        model = opened(network, storage)
        state = model.initial_state(2)
        state["0.forward.hidden"][1, 3] = np.nan
        logs, _ = model.run(texts(network, 2, 2), state=state)
        assert np.isnan(logs[:, 1]).all()
        assert np.isfinite(logs[:, 0]).all()


def test_the_name_of_before_still_works_and_says_what_it_is_called_now() -> None:
    old = "TokenModel"
    with pytest.warns(FutureWarning, match=f"{old} is called PackedTokenModel now"):
        assert getattr(runtime, old) is PackedTokenModel
