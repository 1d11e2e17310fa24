"""The regressor: sums are told in their units, alone or several, streamed and from a file."""

import numpy as np
import pytest

from gatework import load, save
from gatework.errors import DataError
from gatework.recognize import SequenceRegressor


def sums(count: int = 100, seed: int = 0):
    """Return sequences, and a thousand times their mean more than 5,000."""
    draw = np.random.default_rng(seed)
    X = [draw.normal(size=draw.integers(4, 9)) for _ in range(count)]
    return X, np.array([5000 + 1000 * part.mean() for part in X])


@pytest.fixture(scope="module")
def fitted():
    model = SequenceRegressor(
        (12,), epochs=40, batch_size=10, learning_rate=0.02, bidirectional=False
    )
    return model.fit(*sums())


def test_it_tells_numbers_in_their_units(fitted):
    X, y = sums(30, seed=1)
    predicted = fitted.predict(X)
    assert predicted.shape == (30,)
    assert fitted.score(X, y) > 0.9
    assert 4500 < predicted.mean() < 5500
    residual = np.square(predicted - y).sum() / np.square(y - y.mean()).sum()
    assert fitted.score(X, y) == pytest.approx(1 - residual)


def test_several_numbers_a_sequence():
    X, y = sums(60)
    both = np.stack([y, -0.001 * y], axis=1)
    settings = {"epochs": 30, "learning_rate": 0.03, "batch_size": 10, "pooling": "mean"}
    model = SequenceRegressor((8,), **settings).fit(X, both)
    assert model.predict(X).shape == (60, 2)
    assert model.score(X, both) > 0.8
    with pytest.raises(DataError, match="1 targets a sequence, but the model was fitted to 2"):
        model._coded(model.check(X, both), y, model.targets_)


def test_a_constant_target_is_told(fitted):
    model = SequenceRegressor((2,), epochs=1).fit([[1.0], [2.0], [3.0]], [7.0, 7.0, 7.0])
    np.testing.assert_allclose(model.predict([[1.0]]), 7.0, atol=1)


def test_a_stream_and_a_file_say_the_same(fitted, tmp_path):
    X, _ = sums(3, seed=2)
    whole = fitted.predict(X)
    stream = fitted.stream()
    told = [stream.push(step[None])[-1] for step in X[0][:, None]]
    assert told[-1] == pytest.approx(whole[0], rel=1e-4)
    assert told[2] == pytest.approx(fitted.predict([X[0][:3]])[0], rel=1e-4)
    loaded = load(save(fitted, tmp_path / "model"))
    assert (loaded.predict(X) == whole).all()
    assert save(loaded, tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (None, "requires y to be passed"),
        ([1.0], "there are 2 sequences but 1 targets"),
        ([1.0, np.inf], r"y\[1\] is NaN or infinite"),
        (["one", "two"], "y must hold numbers"),
        ([1j, 2j], "Complex data not supported: y"),
        (np.zeros((2, 2, 2)), r"shape \(N\) or \(N, O\)"),
    ],
)
def test_targets_that_cannot_be_used_are_named(y, said):
    with pytest.raises(DataError, match=said):
        SequenceRegressor().fit([[1.0], [2.0]], y)
