"""The tagger: every step has its class; padding has none."""

import numpy as np
import pytest

from gatework import load, save
from gatework.errors import DataError
from gatework.recognize import Sequences, SequenceTagger
from gatework.recognize.scaling import Scaling


def parity(count: int = 80, seed: int = 0):
    """Return noisy bits of different lengths, and whether a step differs from the one before."""
    draw = np.random.default_rng(seed)
    X, y = [], []
    for _ in range(count):
        bits = draw.integers(0, 2, draw.integers(3, 12))
        X.append(bits + 0.1 * draw.normal(size=len(bits)))
        y.append(np.where(np.diff(bits, prepend=0) != 0, "changed", "same"))
    return X, y


@pytest.fixture(scope="module")
def fitted():
    settings = {"bidirectional": False, "convolutions": "beside"}
    model = SequenceTagger((12,), epochs=30, batch_size=8, learning_rate=0.03, **settings)
    return model.fit(*parity())


def test_it_tags_every_step(fitted):
    X, y = parity(20, seed=1)
    tags = fitted.predict(X)
    assert [len(part) for part in tags] == [len(part) for part in X]
    assert fitted.score(X, y) > 0.95
    assert fitted.classes_.tolist() == ["changed", "same"]
    shares = fitted.predict_proba(X)
    assert all(np.allclose(part.sum(axis=1), 1) for part in shares)
    right = np.concatenate([a == b for a, b in zip(tags, y, strict=True)])
    assert fitted.score(X, y) == right.mean()


def test_sequences_bring_their_labels_along():
    X, y = parity(20)
    values = tuple(part[:, None] for part in X)
    names = tuple(str(row) for row in range(20))
    given = Sequences(values, names, tuple(tuple(part) for part in y))
    one = SequenceTagger((4,), epochs=2, batch_size=8).fit(given)
    other = SequenceTagger((4,), epochs=2, batch_size=8).fit(X, y)
    assert one.score(given) == other.score(X, y)


def test_padding_teaches_nothing():
    """A long sequence beside a short one changes no more than its own steps do."""
    X, y = parity(6, seed=3)
    model = SequenceTagger((4,), epochs=1, batch_size=6, validation=None)
    part, targets = model._check(X, y, None)
    loss, network = model._loss(targets, part.coded), model.build(1, 2)
    scaling = Scaling.of(part.sequences.values, "channel")
    batch = model._batches(part, scaling).batch(0, 0)
    assert batch.lengths is not None
    together = loss(network(batch.inputs, None, batch.lengths)[0], batch.targets, batch.lengths)
    total, steps = 0.0, 0
    for row, length in enumerate(batch.lengths.tolist()):
        part = network(batch.inputs[:length, row : row + 1])[0]
        target = batch.targets[:length, row : row + 1]
        total += loss(part, target, batch.lengths[row : row + 1]).item() * length
        steps += length
    assert together.item() == pytest.approx(total / steps, rel=1e-5)


def test_balanced_weights_hear_the_rare_class():
    draw = np.random.default_rng(0)
    X = [draw.normal(size=20) for _ in range(40)]
    y = [(x > 1.6).astype(int) ^ (draw.random(20) < 0.02) for x in X]
    found = [
        sum(part.sum() for part in model.fit(X, y).predict(X))
        for model in (
            SequenceTagger(
                (4,), epochs=4, batch_size=10, validation=None, learning_rate=0.02, class_weight=w
            )
            for w in (None, "balanced")
        )
    ]
    assert found[0] < found[1]


def test_a_stream_and_a_file_say_the_same(fitted, tmp_path):
    X, _ = parity(2, seed=4)
    stream = fitted.stream()
    tags, shares = zip(*(stream.push(step) for step in X[0][:, None, None]), strict=True)
    assert np.concatenate(tags).tolist() == fitted.predict(X)[0].tolist()
    whole = fitted.predict_proba(X)[0]
    np.testing.assert_allclose(np.concatenate(shares), whole, rtol=1e-4, atol=1e-6)
    loaded = load(save(fitted, tmp_path / "model"))
    assert all((a == b).all() for a, b in zip(loaded.predict(X), fitted.predict(X), strict=True))
    assert save(loaded, tmp_path / "again").read_bytes() == (tmp_path / "model").read_bytes()


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (None, "requires y to be passed"),
        ([["a", "b"]], "there are 2 sequences but labels of 1"),
        (
            [["a", "b"], ["a"]],
            r"y\[1\] must hold one label for each of the 3 steps of .*, got 1",
        ),
        (["a", "b"], "SequenceClassifier, for one label a sequence"),
        ([["a", "a"], ["a", "a", "a"]], "one class alone, 'a'"),
    ],
)
def test_labels_that_cannot_be_used_are_named(y, said):
    with pytest.raises(DataError, match=said):
        SequenceTagger().fit([[1.0, 2.0], [1.0, 2.0, 3.0]], y)
