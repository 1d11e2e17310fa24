"""Intervals from past errors."""

import numpy as np
import pytest

from gatework.forecast.intervals import error_quantiles


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
def test_new_outcomes_fall_inside_with_about_the_level(level) -> None:
    rng = np.random.default_rng(1)
    shares = []
    for _ in range(300):
        errors = rng.gamma(2.0, size=(120, 1)) - 1.5  # lopsided, and off on average
        lower, upper = error_quantiles(errors[:80], level)
        new = -errors[80:, 0]
        shares.append(np.mean((new >= lower[0]) & (new <= upper[0])))
    assert level - 0.01 <= np.mean(shares) <= level + 0.05


def test_few_errors_give_their_extremes() -> None:
    lower, upper = error_quantiles(np.array([[3.0], [-2.0], [1.0]]), 0.9)
    assert (lower[0], upper[0]) == (-3.0, 2.0)


def test_the_interval_holds_the_forecast_itself() -> None:
    lower, upper = error_quantiles(np.full((30, 2), 5.0), 0.9)
    assert (lower <= 0).all()
    assert (upper >= 0).all()


def test_steps_without_errors_take_the_step_before() -> None:
    errors = np.full((20, 3), np.nan)
    errors[:, 0] = np.linspace(-1, 1, 20)
    errors[:10, 1] = np.linspace(-4, 4, 10)
    lower, upper = error_quantiles(errors, 0.9)
    assert (lower[2], upper[2]) == (lower[1], upper[1]) == (-4.0, 4.0)
