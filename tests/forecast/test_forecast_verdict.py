"""Whether other networks are better by more than chance."""

import math

import numpy as np
import pytest

from gatework.forecast.verdict import judge, scales_of, student_below, untold

SCALES = np.ones(1)


def errors_of(sizes: np.ndarray, horizon: int) -> np.ndarray:
    """Return errors of these sizes at every step, (1, O, H), as far as outcomes reach."""
    count = len(sizes)
    errors = np.repeat(sizes[None, :, None], horizon, axis=2)
    beyond = np.arange(count)[:, None] + np.arange(horizon) >= count
    return np.where(beyond, np.nan, errors)


def test_the_chance_is_that_of_a_published_table() -> None:
    for t, freedom in ((-6.3138, 1), (-2.9200, 2), (-2.0150, 5), (-1.8125, 10), (-1.6577, 120)):
        assert student_below(t, freedom) == pytest.approx(0.05, abs=2e-5)
        assert student_below(-t, freedom) == pytest.approx(0.95, abs=2e-5)


def test_of_one_series_the_test_is_over_runs_that_do_not_overlap() -> None:
    draw = np.random.default_rng(0)
    old = errors_of(2 + 0.1 * draw.normal(size=24), 6)
    new = errors_of(1 + 0.1 * draw.normal(size=24), 6)
    better = judge("tuned", new, old, SCALES)
    assert better.kept
    assert better.difference == pytest.approx(-1, abs=0.1)
    assert better.origins == 24
    assert "over 4 runs of 6 origins" in better.sentence()
    assert "the tuned network serves: " in better.sentence()
    worse = judge("tuned", old, new, SCALES)
    assert not worse.kept
    assert worse.p > 0.95
    assert worse.sentence().startswith("the pretrained network serves, not the tuned network: on")


def test_what_overlaps_too_much_is_not_told() -> None:
    errors = errors_of(np.ones(11), 6)
    verdict = judge("searched", 0.1 * errors, errors, SCALES)
    assert not verdict.kept
    assert math.isnan(verdict.p)
    assert "the 11 origins of the validation part tell nothing for sure; it takes 12" in (
        verdict.sentence()
    )
    assert verdict.to_json()["p"] is None
    assert verdict.to_json()["kept"] is False


def test_of_many_series_the_test_is_over_their_means_in_their_own_scales() -> None:
    draw = np.random.default_rng(1)
    scales = np.array([1.0, 1e3, 1e6, 1e-3])
    old = scales[:, None, None] * (2 + 0.1 * draw.normal(size=(4, 5, 3)))
    new = scales[:, None, None] * (1.8 + 0.1 * draw.normal(size=(4, 5, 3)))
    new[3] = np.nan  # has no validation part
    verdict = judge("tuned", new, old, scales)
    assert verdict.kept
    assert "over the means of 3 series" in verdict.sentence()
    assert verdict.error == pytest.approx(2, abs=0.1)
    assert verdict.origins == 15


def test_no_difference_is_no_reason() -> None:
    errors = errors_of(np.ones(12), 3)
    assert not judge("tuned", errors, errors, SCALES).kept
    assert not untold("tuned", 0, "nothing").kept


def test_a_series_that_stands_still_has_a_scale() -> None:
    values = np.array([[5.0] * 10, [0.0] * 10, [1.0, 2.0] * 5])
    assert scales_of(values, np.array([8, 8, 8]), 12).tolist() == [5.0, 1.0, 1.0]
