"""Streams: many keys, each with a state of its own, stepped in any company."""

import copy
import pickle

import numpy as np
import pytest

from gatework.errors import OptionError, ShapeError
from gatework.runtime import UnknownKeyError


def inputs(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture
def streams(model):
    return model.streams()


def test_streams_have_the_bits_of_steppers_of_their_own(model, streams) -> None:
    random = np.random.default_rng(0)
    steppers = [model.stepper() for _ in range(100)]
    for turn in range(30):
        keys = random.permutation(100)[: random.integers(0, 40)].tolist()
        x = inputs(len(keys), 3, seed=turn)
        out = np.empty((len(keys), 6), np.float32)
        assert streams.step(keys, x, out) is out
        expected = [steppers[key].step(row) for key, row in zip(keys, x, strict=True)]
        np.testing.assert_array_equal(out, np.array(expected).reshape(out.shape))
    for key in streams:
        state = streams[key]
        for name, part in steppers[key].state.items():
            np.testing.assert_array_equal(state[name], part)


def test_keys_come_and_go(streams) -> None:
    x = inputs(1, 3)
    first = streams.step(["a"], x)
    streams.step(["b", ("c", 1)], inputs(2, 3))
    assert (len(streams), "a" in streams, "z" in streams) == (3, True, False)
    assert streams.keys() == list(streams) == ["a", "b", ("c", 1)]
    streams.evict("a", ("c", 1))
    assert streams.keys() == ["b"]
    np.testing.assert_array_equal(streams.step(["a"], x), first)  # anew


def test_evicted_room_is_used_again(streams) -> None:
    for turn in range(50):
        streams.step(range(turn * 10, turn * 10 + 10), inputs(10, 3))
        streams.evict(*streams.keys())
    assert len(streams) == 0
    assert streams._states.shape[0] == 16


def test_a_state_moves_from_key_to_key(model, streams) -> None:
    x = inputs(4, 1, 3)
    for one in x[:2]:
        streams.step(["here"], one)
    streams["there"] = streams["here"]
    expected = [streams.step(["here"], one) for one in x[2:]]
    np.testing.assert_array_equal([streams.step(["there"], one) for one in x[2:]], expected)
    stepper = model.stepper()
    stepper.state = streams["there"]
    streams["here"] = stepper.state
    np.testing.assert_array_equal(stepper.step(x[0]), streams.step(["here"], x[0]))


def test_refused_steps_move_nothing(streams) -> None:
    streams.step(["a"], inputs(1, 3))
    before = streams["a"]
    refusals = [
        (["a", "b", "a"], inputs(3, 3), None, OptionError, "'a' is given more than once"),
        (
            "ab",
            inputs(2, 3),
            None,
            OptionError,
            r"must be a list of keys, got 'ab'\nhint: \['ab'\]",
        ),
        (["a", "b"], inputs(3, 3), None, ShapeError, r"x must have the shape \(2, 3\), got \(3, 3"),
        (["a", "b"], inputs(2, 4), None, ShapeError, r"x must have the shape \(2, 3\), got \(2, 4"),
        (["b"], inputs(1, 3), inputs(2, 6), ShapeError, r"out must have the shape \(1, 6\) or"),
    ]
    for keys, x, out, error, message in refusals:
        with pytest.raises(error, match=message):
            streams.step(keys, x, out)
    assert streams.keys() == ["a"]
    assert all(np.array_equal(part, before[name]) for name, part in streams["a"].items())
    with pytest.raises(TypeError, match="unhashable"):
        streams.step([[]], inputs(1, 3))


def test_unknown_keys_are_named(streams) -> None:
    streams.step(["a"], inputs(1, 3))
    with pytest.raises(UnknownKeyError, match=r"no stream of the key 'b'\nhint: streams\.keys"):
        streams.evict("a", "b")
    assert "a" in streams
    with pytest.raises(KeyError):
        streams["b"]
    with pytest.raises(ShapeError, match="the state is another model's: it lacks"):
        streams["b"] = {}
    assert "b" not in streams


def test_a_key_evicted_twice_in_one_call_goes_once(streams) -> None:
    streams.step(["a"], inputs(1, 3))
    streams.evict("a", "a")
    streams.step(["b", "c"], inputs(2, 3))
    assert not np.array_equal(streams["b"]["0.forward.hidden"], streams["c"]["0.forward.hidden"])


def sent(value):
    return pickle.loads(pickle.dumps(value))  # noqa: S301  (bytes of its own)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, sent])
def test_what_is_copied_or_sent_goes_its_own_way(model, streams, again) -> None:
    x = inputs(3, 2, 3)
    stepper = model.stepper(2)
    for one in x[:2]:
        streams.step(["a", "b"], one)
        stepper.step(one)
    other, others = again(stepper), again(streams)
    expected = stepper.step(x[2]).copy()
    np.testing.assert_array_equal(streams.step(["a", "b"], x[2]), expected)
    np.testing.assert_array_equal(other.step(x[2]), expected)
    np.testing.assert_array_equal(others.step(["b", "a"], x[2][::-1].copy()), expected[::-1])
    others.evict("a")
    assert (streams.keys(), others.keys()) == (["a", "b"], ["b"])
    np.testing.assert_array_equal(again(model)(x)[0], model(x)[0])


def test_weights_that_are_no_longer_as_they_were_are_not_sent(lstm_of, loaded) -> None:
    model = loaded(lstm_of(3, 8), "int8")
    with pytest.raises(OptionError, match=r"a Model in int8 cannot be sent .*\nhint: send"):
        pickle.dumps(model)
    assert copy.deepcopy(model)(inputs(4, 3))[0].shape == (4, 8)


@pytest.mark.parametrize("key", [float("nan"), np.datetime64("NaT", "s"), ("a", np.float32("nan"))])
def test_a_key_that_none_finds_again_is_refused(streams, key) -> None:
    streams.step(["a"], inputs(1, 3))
    with pytest.raises(OptionError, match=r"a key must be equal to itself, got .*\nhint: give the"):
        streams.step(["b", key], inputs(2, 3))
    with pytest.raises(OptionError, match="must be equal to itself"):
        streams[key] = streams["a"]
    assert streams.keys() == ["a"]
