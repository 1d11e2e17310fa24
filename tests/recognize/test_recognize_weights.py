"""Weights of sequences: what counts more is learned for more, what counts 0 is not there."""

from typing import Any

import numpy as np
import pytest

from gatework.errors import DataError
from gatework.recognize import (
    SequenceClassifier,
    SequenceRegressor,
    SequenceTagger,
    Transcriber,
)

X = np.repeat(np.random.default_rng(0).normal(size=(8, 1, 2)), 6, axis=1)
QUICK: Any = {
    "hidden_sizes": (6,),
    "epochs": 60,
    "batch_size": 8,
    "learning_rate": 0.03,
    "validation": None,
}
KINDS: dict[type, list[Any]] = {
    SequenceClassifier: ["a", "b"],
    SequenceRegressor: [-1.0, 5.0],
    SequenceTagger: [["a"] * 6, ["b"] * 6],
    Transcriber: ["a", "b"],
}
"""What every sequence is said to be, once the one and once the other."""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("heavy", [0, 1])
def test_of_two_targets_of_a_sequence_the_one_that_counts_more_is_learned(kind: Any, heavy: int):
    y = [KINDS[kind][row % 2] for row in range(16)]
    weights = np.where(np.arange(16) % 2 == heavy, 9.0, 1.0)
    found = kind(**QUICK).fit(np.repeat(X, 2, axis=0), y, weights).predict(X)
    if kind is SequenceRegressor:
        wanted = np.average(KINDS[kind], weights=[9.0, 1.0] if heavy == 0 else [1.0, 9.0])
        np.testing.assert_allclose(found, wanted, atol=0.5)
    else:
        assert [list(one) for one in found] == [list(KINDS[kind][heavy])] * len(X)


@pytest.mark.parametrize("kind", KINDS)
def test_what_counts_0_is_left_out_and_a_scale_of_all_is_none(kind: Any):
    y = [KINDS[kind][row % 2] for row in range(8)]
    settings = QUICK | {"epochs": 3, "validation": 0.3}
    weights = np.array([3.0, 1.0, 1.0, 0.0, 2.0, 1.0, 1.0, 1.0])
    there = np.flatnonzero(weights)
    whole = kind(**settings).fit(X, y, weights)
    part = kind(**settings).fit(X[there], [y[row] for row in there], 4 * weights[there])
    assert whole.history_ == part.history_
    assert repr(whole.predict(X)) == repr(part.predict(X))


def test_scores_count_by_weight():
    y = np.array(["a", "b"] * 4)
    model = SequenceClassifier(**QUICK | {"epochs": 1}).fit(X, y)
    right = model.predict(X) == y
    assert model.score(X, y, right + 0.0) == 1
    assert model.score(X, y, np.arange(8)) == pytest.approx(np.average(right, weights=range(8)))
    tags = [[one] * 6 for one in y]
    tagger = SequenceTagger(**QUICK | {"epochs": 1}).fit(X, tags)
    alone = [tagger.score(X[[row]], [tags[row]]) for row in range(8)]
    assert tagger.score(X, tags, range(8)) == pytest.approx(np.average(alone, weights=range(8)))
    numbers = X[:, 0, 0]
    regressor = SequenceRegressor(**QUICK | {"epochs": 1}).fit(X, numbers)
    twice = regressor.score(np.r_[X, X[:3]], np.r_[numbers, numbers[:3]])
    assert regressor.score(X, numbers, [2, 2, 2, 1, 1, 1, 1, 1]) == pytest.approx(twice)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([1.0] * 7, r"one number for each of the 8 sequences, got the shape \(7,\)"),
        ([1.0] * 7 + [-2.0], r"sample_weight\[7\] must be a finite number of at least 0, got -2"),
        ([np.nan] + [1.0] * 7, r"sample_weight\[0\] must be a finite number"),
        ([0.0] * 8, "every sample weight is zero"),
        (["heavy"] * 8, "sample_weight must hold numbers"),
    ],
)
def test_weights_that_mean_nothing_are_refused(weights, said):
    with pytest.raises(DataError, match=said):
        SequenceClassifier().fit(X, ["a", "b"] * 4, weights)
