"""Intervals that hold as often as they say: quantiles of counts, margins, the end at 0."""

import numpy as np
import pytest

from gatework.forecast.es_lstm.calibration import ConformalMargins, conformal_margins
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS, Around
from gatework.forecast.es_lstm.rolling import Forecasts

SERIES, ORIGINS, STEPS = 8, 150, 2


def forecasts(mean: float, *, counts: bool, raw: np.ndarray | None = None) -> Forecasts:
    """Return forecasts of a mean in every origin, in units of 2."""
    location = np.full((SERIES, ORIGINS, STEPS), mean / 2)
    scale = np.full((SERIES, ORIGINS, 1), np.sqrt(mean) / 2)
    floor = np.full(SERIES, 0.0 if counts else -np.inf)
    return Forecasts(location, scale, raw, np.full(SERIES, 2.0), floor)


def held(
    made: Forecasts, outcomes: np.ndarray, margins_of: np.ndarray, family: str | None
) -> float:
    """Return how often 80 % intervals hold ``outcomes`` after calibration on ``margins_of``."""
    margins = conformal_margins(made, margins_of / 2, [0.8], family)
    low, high = margins.interval(made, 0.8, family)
    return float(((low <= outcomes) & (outcomes <= high)).mean())


@pytest.mark.parametrize("mean", [4.3, 11.0, 40.0])
@pytest.mark.parametrize("family", [None, "negative_binomial"])
def test_intervals_of_counts_hold_as_often_as_they_say(mean: float, family: str | None) -> None:
    rng = np.random.default_rng(0)
    shape = (2, SERIES, ORIGINS, STEPS)
    size = 4 * np.logaddexp(0, 1 + np.log(np.e - 1))  # what raw = 1 stands for
    outcomes = rng.negative_binomial(size, size / (size + mean), shape).astype(float)
    raw = None if family is None else np.ones((SERIES, ORIGINS, STEPS, 1))
    share = held(forecasts(mean, counts=True, raw=raw), outcomes[0], outcomes[1], family)
    assert 0.74 < share < 0.89  # one count is up to 0.1 of the outcomes


def test_intervals_hold_after_errors_far_from_what_the_distribution_says() -> None:
    rng = np.random.default_rng(1)
    outcomes = 30 + rng.standard_t(3, (2, SERIES, ORIGINS, STEPS)) * 9
    raw = np.full((SERIES, ORIGINS, STEPS, 1), -2.0)  # far too narrow
    made = forecasts(30.0, counts=False, raw=raw)
    assert held(made, outcomes[0], outcomes[1], "normal") == pytest.approx(0.8, abs=0.03)


def test_an_interval_of_counts_begins_at_zero_where_zero_is_nearer_than_one() -> None:
    made = forecasts(0.6, counts=True)
    few = np.random.default_rng(2).poisson(0.6, (SERIES, ORIGINS, STEPS)).astype(float)
    low, high = conformal_margins(made, few / 2, [0.8], None).interval(made, 0.8, None)
    assert (low == 0).all()
    assert (high < 2).all()
    many = np.random.default_rng(2).poisson(50, (SERIES, ORIGINS, STEPS)).astype(float)
    made = forecasts(50.0, counts=True)
    low, _ = conformal_margins(made, many / 2, [0.8], None).interval(made, 0.8, None)
    assert (low > 35).all()


def test_quantiles_of_counts_lie_in_the_unit_around_them_and_rise() -> None:
    from scipy.stats import nbinom

    levels = np.linspace(0.01, 0.99, 60)
    mean, raw = np.array([0.3, 2.0, 30.0]), np.zeros((3, 1))
    ones = np.ones(3)
    found = DISTRIBUTIONS["negative_binomial"].quantiles(
        list(levels), Around(mean, ones, ones, raw)
    )
    whole = np.stack([nbinom.ppf(level, 4, 4 / (4 + mean)) for level in levels])
    assert (np.abs(found - whole) <= 0.5).all()
    assert (np.diff(found, axis=0) > 0).all()


def test_a_margin_from_a_standstill_stays_sane_once_values_move() -> None:
    margins = ConformalMargins((0.9,), np.array([[4.5e5, 2.0]]))
    still = margins._margin(0.9, np.array([[1e-6]]))
    np.testing.assert_allclose(still, [[0.45, 2e-6]])
    np.testing.assert_allclose(margins._margin(0.9, np.array([[0.1]])), [[0.75, 0.2]], rtol=1e-3)
