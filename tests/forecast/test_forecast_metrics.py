"""Measures of forecasts, by hand."""

import numpy as np
import pytest

from gatework.forecast import metrics

ACTUAL = np.array([[10.0, 20.0], [np.nan, 40.0]])
FORECAST = np.array([[12.0, 16.0], [1.0, 40.0]])


def test_errors_leave_out_what_is_not_known() -> None:
    assert metrics.rmse(ACTUAL, FORECAST) == pytest.approx(np.sqrt((4 + 16 + 0) / 3))
    assert metrics.mae(ACTUAL, FORECAST) == pytest.approx(2)
    assert np.isnan(metrics.mae(ACTUAL[1, :1], FORECAST[1, :1]))


def test_smape_is_that_of_the_competition() -> None:
    expected = 200 * (2 / 22 + 4 / 36 + 0) / 3
    assert metrics.smape(ACTUAL, FORECAST) == pytest.approx(expected)
    assert metrics.smape(np.zeros(2), np.zeros(2)) == 0


def test_mase_is_relative_to_the_seasonal_naive_forecast() -> None:
    training = np.array([1.0, 2.0, 4.0, 8.0])
    assert metrics.naive_error(training, 2) == pytest.approx((3 + 6) / 2)
    assert metrics.mase(ACTUAL, FORECAST, 4.0) == pytest.approx(0.5)
    assert np.isnan(metrics.naive_error(training, 4))
    assert np.isnan(metrics.naive_error(np.ones(5)))


def test_pinball_and_coverage() -> None:
    actual, ends = np.array([1.0, 5.0]), np.array([2.0, 2.0])
    assert metrics.pinball(actual, ends, 0.9) == pytest.approx((0.1 * 1 + 0.9 * 3) / 2)
    assert metrics.coverage(actual, ends - 1, ends) == 0.5
    assert metrics.coverage(np.array([np.nan, 2.0]), ends, ends) == 1.0
