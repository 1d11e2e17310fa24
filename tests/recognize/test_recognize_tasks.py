"""The tasks of long memory are what the papers define."""

import math

import numpy as np
import pytest

from gatework.errors import OptionError
from gatework.recognize.tasks import adding_problem, copy_memory, delayed_recall
from gatework.recognize.tasks.adding import BASELINE
from gatework.recognize.tasks.copying import baseline


def test_the_sum_of_two_marked_numbers_one_in_each_half():
    X, y = adding_problem(2000, 21, seed=3)
    marks = X[:, :, 1]
    assert set(np.unique(marks)) == {0.0, 1.0}
    assert (marks[:, :10].sum(axis=1) == 1).all()
    assert (marks[:, 10:].sum(axis=1) == 1).all()
    assert (marks.sum(axis=0) > 0).all()
    np.testing.assert_allclose((X[:, :, 0] * marks).sum(axis=1), y, rtol=1e-6)
    assert np.square(y - 1).mean() == pytest.approx(BASELINE, rel=0.1)


def test_ten_symbols_are_said_again_after_the_silence():
    X, y = copy_memory(50, 30, seed=3)
    symbols = X.argmax(axis=2)
    assert X.shape == (50, 50, 10)
    assert (X.sum(axis=2) == 1).all()
    assert (symbols[:, :10] == y[:, -10:]).all()
    assert set(np.unique(symbols[:, :10])) == set(range(1, 9))
    assert (symbols[:, 10:39] == 0).all()
    assert (symbols[:, 39] == 9).all()
    assert (symbols[:, 40:] == 0).all()
    assert (y[:, :40] == 0).all()


def test_the_baseline_is_what_a_guess_costs():
    # 0 for the silence, which is certain, and log(8) for each of ten symbols.
    assert baseline(30) == pytest.approx((40 * 0 + 10 * math.log(8)) / 50)


def test_the_marked_symbol_is_asked_for():
    X, y = delayed_recall(500, 40, seed=3)
    keep = X[:, :, 8]
    assert (keep.sum(axis=1) == 1).all()
    assert (keep[:, :4].sum(axis=1) == 1).all()
    assert (X[:, :, :8].sum(axis=2) == 1).all()
    assert (X[keep == 1][:, :8].argmax(axis=1) == y).all()
    assert set(np.unique(y)) == set(range(8))
    last = X[:, -1, :8].argmax(axis=1)
    assert abs(np.mean(last == y) - 1 / 8) < 0.06  # what comes later says nothing


@pytest.mark.parametrize("task", [adding_problem, copy_memory, delayed_recall])
def test_the_same_seed_draws_the_same(task):
    one, same, other = (task(4, 30, seed=seed) for seed in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert (one[0] != other[0]).any()


@pytest.mark.parametrize("task", [adding_problem, copy_memory, delayed_recall])
def test_too_few_steps_are_refused(task):
    with pytest.raises(OptionError, match="needs at least"):
        task(4, 0)
