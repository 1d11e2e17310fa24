"""The stepper: a step at a time with the bits of the whole sequence, and nothing allocated."""

import copy
import tracemalloc

import numpy as np
import pytest

import gatework
from gatework import runtime
from gatework.errors import FileFormatError, OptionError, OutputError
from gatework.runtime.packing import STORAGES

VARIANTS = [
    {},
    {"peephole": True, "layer_norm": True, "learned_state": True},
    {"coupled_gates": True, "zoneout_cell": 0.1, "zoneout_hidden": 0.2},
    {"exponential_gating": True, "proj_size": [4, 0], "learned_state": True},
]


def inputs(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def same(one, other) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("options", VARIANTS, ids=["plain", "norm", "coupled", "exponential"])
@pytest.mark.parametrize("batch", [1, 3])
def test_steps_have_the_bits_of_the_whole_sequence(
    lstm_of, loaded, options, storage, batch
) -> None:
    model = loaded(lstm_of(3, [9, 17, 6], **{**options, "proj_size": 0}), storage)
    x = inputs(70, batch, 3).astype(model.dtype)
    output, ended = model(x)
    stepper = model.stepper(batch)
    out = np.empty((batch, 6), model.dtype)
    for t in range(len(x)):
        assert stepper.step(x[t], out) is out
        np.testing.assert_array_equal(out, output[t], err_msg=f"step {t}")
    same(stepper.state, ended)


def test_a_projection_steps_too(lstm_of, loaded) -> None:
    model = loaded(lstm_of(3, [9, 6], exponential_gating=True, proj_size=[4, 0]))
    x = inputs(20, 2, 3)
    stepper = model.stepper(2)
    np.testing.assert_array_equal(np.stack([stepper.step(one) for one in x]), model(x)[0])


def test_a_single_row_needs_no_dimension_for_it(model) -> None:
    x, stepper = inputs(4, 3), model.stepper()
    found = np.stack([stepper.step(one) for one in x])
    np.testing.assert_array_equal(found, model(x)[0])
    two = model.stepper()
    out = np.empty(6, np.float32)
    np.testing.assert_array_equal(two.step(x[:1], out=out), found[0])
    assert two.step(x[1:2]).shape == (1, 6)


def test_a_step_allocates_nothing(native, model) -> None:
    stepper, x, out = model.stepper(), inputs(1, 3), np.empty((1, 6), np.float32)
    step = stepper.step

    def many(count: int) -> None:
        for _ in range(count):
            step(x, out)

    many(10)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        many(10_000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak - before < 500  # the call of many itself, and its counter


def test_the_state_can_be_taken_set_and_copied(model) -> None:
    x, stepper = inputs(6, 2, 3), model.stepper(2)
    for one in x[:3]:
        stepper.step(one)
    kept, other = stepper.state, stepper.copy()
    ahead = [stepper.step(one) for one in x[3:]]
    np.testing.assert_array_equal(ahead, [other.step(one) for one in x[3:]])
    same(other.state, stepper.state)
    same(copy.copy(other).state, stepper.state)
    stepper.state = kept
    np.testing.assert_array_equal(stepper.step(x[3]), ahead[0])
    np.testing.assert_array_equal(model(x[3:], kept)[0], ahead)
    kept["0.forward.cell"][:] = 0  # a copy: nothing of the stepper's changes
    np.testing.assert_array_equal(stepper.step(x[4]), ahead[1])


def test_rows_start_anew(model) -> None:
    x, stepper = inputs(4, 3, 3), model.stepper(3)
    same(stepper.state, model.initial_state(3))
    assert stepper.state["0.forward.hidden"].any()  # it was learned
    for one in x:
        stepper.step(one)
    before = stepper.state
    stepper.reset([0, -1])
    fresh = model.initial_state(3)
    for name, part in stepper.state.items():
        np.testing.assert_array_equal(part[1], before[name][1])
        np.testing.assert_array_equal(part[[0, 2]], fresh[name][[0, 2]])
    stepper.reset()
    same(stepper.state, fresh)


def test_state_files_go_both_ways(lstm_of, loaded, tmp_path) -> None:
    pytest.importorskip("torch", reason="it reads the file with torch, which is not installed")
    lstm = lstm_of(3, [9, 6], exponential_gating=True)
    model = loaded(lstm)
    stepper = model.stepper(2)
    stepper.step(inputs(2, 3))
    path = runtime.save_state(stepper.state, tmp_path / "state")
    there = gatework.State.load(path)
    same({name: part.numpy() for name, part in there.to_tensors().items()}, stepper.state)
    again = there.save(tmp_path / "again")
    assert again.read_bytes() == path.read_bytes()
    other = model.stepper(2)
    other.state = runtime.load_state(again)
    same(other.state, stepper.state)
    with pytest.raises(OutputError, match="exists"):
        runtime.save_state(stepper.state, path)
    runtime.save_state(stepper.state, path, overwrite=True)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FileFormatError, match="truncated"):
        runtime.load_state(path)


def test_a_model_file_is_no_state(lstm_of, tmp_path) -> None:
    with pytest.raises(FileFormatError, match="holds 'lstm', expected 'state'"):
        runtime.load_state(lstm_of(3, 4).write(tmp_path / "model"))


def test_two_directions_cannot_step(lstm_of, loaded) -> None:
    model = loaded(lstm_of(3, 4, bidirectional=True))
    for wanted in (model.stepper, model.streams):
        with pytest.raises(OptionError, match=r"begins at the end .*\nhint: model\(x\)"):
            wanted()


@pytest.mark.parametrize("batch", [0, -1, 1.0, True, None])
def test_a_batch_has_rows(model, batch) -> None:
    with pytest.raises(OptionError, match="batch must be a whole number of at least 1, got"):
        model.stepper(batch)
