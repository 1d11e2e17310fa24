"""Scores of recognition."""

import itertools

import numpy as np
import pytest
from sklearn import metrics

from gatework.errors import DataError, OptionError
from gatework.recognize.evaluation import (
    Evaluation,
    calibration_bins,
    calibration_error,
    class_numbers,
    edits,
    error_rate,
    wilson,
)


def some(count=300, classes=4):
    draw = np.random.default_rng(0)
    truth = draw.integers(0, classes, count)
    logits = draw.normal(size=(count, classes)) + 2 * np.eye(classes)[truth]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    names = tuple(f"{n}.png" for n in range(count))
    return Evaluation(tuple("abcdef"[:classes]), names, truth, probabilities)


def test_wilsons_interval_is_the_published_one() -> None:
    # Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E, table I.
    for (right, total), (lower, upper) in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        share = wilson(right, total)
        assert (round(share.lower, 4), round(share.upper, 4)) == (lower, upper)
    assert wilson(20, 20).upper == 1.0


@pytest.mark.parametrize("wrong", [(0, 0, 0.9), (3, 2, 0.9), (1, 2, 1.0)])
def test_a_share_of_nothing_is_refused(wrong) -> None:
    with pytest.raises(OptionError):
        wilson(*wrong)


def test_scores_are_those_of_scikit_learn() -> None:
    found = some()
    assert np.array_equal(found.confusion, metrics.confusion_matrix(found.truth, found.predicted))
    assert found.accuracy().value == metrics.accuracy_score(found.truth, found.predicted)
    assert found.log_loss == pytest.approx(metrics.log_loss(found.truth, found.probabilities))
    by_class = metrics.precision_recall_fscore_support(found.truth, found.predicted)
    for name, wanted in zip(("right", "found"), by_class, strict=False):
        assert [row[name] for row in found.by_class()] == pytest.approx(np.asarray(wanted).tolist())


def test_the_worst_mistakes_are_those_it_was_surest_of() -> None:
    found = some()
    worst = found.worst(10)
    assert len(worst) == 10
    assert not found.right[worst].any()
    assert found.confidence[worst[0]] == found.confidence[~found.right].max()
    assert (np.diff(found.confidence[worst]) <= 0).all()


def test_calibration_counts_what_came_true() -> None:
    probability = np.array([0.55, 0.58, 0.95, 0.95, 0.95, 1.0])
    right = np.array([True, False, True, True, False, True])
    low, high = calibration_bins(probability, right)
    assert (low.count, high.count, low.right, high.right) == (2, 4, 0.5, 0.75)
    assert low.claimed == pytest.approx(0.565)
    wanted = (2 * 0.065 + 4 * (0.9625 - 0.75)) / 6
    assert calibration_error([low, high]) == pytest.approx(wanted)


def test_labels_that_the_model_does_not_know_are_named() -> None:
    with pytest.raises(DataError, match=r"'3.png' has the label 'catt', .* 1 more") as caught:
        class_numbers(["cat", "catt", "cow"], ["1.png", "3.png", "4.png"], ["cat", "dog"])
    assert caught.value.hint == "is 'cat' meant?"
    assert class_numbers(["dog", "cat"], ["a", "b"], ["cat", "dog"]).tolist() == [1, 0]


def shortest(truth, heard) -> int:
    """Return the fewest edits by trying all, the slow and plain way."""
    if not truth or not heard:
        return len(truth) + len(heard)
    if truth[0] == heard[0]:
        return shortest(truth[1:], heard[1:])
    ways = ((truth[1:], heard[1:]), (truth[1:], heard), (truth, heard[1:]))
    return 1 + min(shortest(*way) for way in ways)


def test_edits_are_the_fewest() -> None:
    words = ["".join(word) for size in range(4) for word in itertools.product("ab", repeat=size)]
    for truth, heard in itertools.product(words, words):
        found = edits(truth, heard)
        assert found.total == shortest(truth, heard)
        assert len(truth) - found.left_out + found.put_in == len(heard)


def test_an_error_rate_needs_something_true() -> None:
    assert error_rate([["one", "two"]], [["one"]]) == 0.5
    with pytest.raises(DataError, match="no token"):
        error_rate([""], ["1"])
