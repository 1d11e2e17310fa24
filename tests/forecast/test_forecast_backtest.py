"""Rolling origin: what a forecaster sees, what counts as an error, and how errors are summed up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatework.errors import DataError, OptionError, ShapeError, TrainingError
from gatework.forecast.backtest import (
    HORIZONS,
    Accuracy,
    SeriesSplit,
    forecast_errors,
    origin_forecasts,
    score,
    split,
)


def test_the_forecaster_sees_exactly_what_lies_before_each_origin() -> None:
    values, seen = np.arange(10.0), []

    def forecaster(history: np.ndarray, horizon: int) -> np.ndarray:
        seen.append(history.tolist())
        with pytest.raises(ValueError, match="read-only"):
            history[0] = 1.0
        return np.zeros(horizon)

    errors = forecast_errors(origin_forecasts(forecaster, values, 7, 4), values, 7)
    assert seen == [values[:7].tolist(), values[:8].tolist(), values[:9].tolist()]
    nan = np.nan
    np.testing.assert_array_equal(errors, [[-7, -8, -9, nan], [-8, -9, nan, nan], [-9, *[nan] * 3]])


def test_a_forecaster_that_knows_the_answer_has_no_error() -> None:
    values = np.random.default_rng(0).normal(size=40)
    padded = np.concatenate([values, np.zeros(12)])

    def oracle(history: np.ndarray, horizon: int) -> np.ndarray:
        return padded[len(history) : len(history) + horizon]

    scores = score(forecast_errors(origin_forecasts(oracle, values, 20, 12), values, 20))
    assert tuple(scores) == HORIZONS
    assert set(scores.values()) == {Accuracy(0.0, 0.0)}


def test_what_origins_refuse() -> None:
    values = np.arange(5.0)
    with pytest.raises(ShapeError, match=r"from period 3 must have shape \(2,\), got \(1,\)"):
        origin_forecasts(lambda history, horizon: np.zeros(1), values, 3, 2)
    with pytest.raises(TrainingError, match="1 step ahead from period 3 is not finite: nan"):
        origin_forecasts(lambda history, horizon: np.full(horizon, np.nan), values, 3, 2)
    for start in (0, 5):
        with pytest.raises(OptionError, match=f"start must be from 1 to 4, got {start}"):
            origin_forecasts(lambda history, horizon: np.zeros(horizon), values, start, 2)
    with pytest.raises(OptionError, match="horizon must be at least 1, got 0"):
        origin_forecasts(lambda history, horizon: np.zeros(horizon), values, 3, 0)


def test_scores_by_hand() -> None:
    errors = np.array([[3.0, 1.0], [-4.0, np.nan]])
    assert score(errors, (1, 2, 3)) == {
        1: Accuracy(12.5**0.5, 3.5),
        2: Accuracy(1.0, 1.0),
    }
    assert score(np.full((2, 1), np.nan)) == {}


def test_errors_of_forecasts_made_all_at_once() -> None:
    values = np.array([1.0, 2.0, 4.0])
    found = forecast_errors(np.array([[2.0, 2.0], [4.0, 4.0]]), values, start=1)
    np.testing.assert_array_equal(found, [[0.0, -2.0], [0.0, np.nan]])


@given(st.integers(5, 5000), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_every_part_of_a_split_has_values(n: int, test: float, validation: float) -> None:
    parts = split(n, test=test, validation=validation)
    assert 0 < parts.train_end < parts.test_start < parts.n == n
    assert parts.origins == n - parts.test_start


def test_split_takes_fifths_and_refuses_what_cannot_be_cut() -> None:
    assert split(450) == SeriesSplit(train_end=288, test_start=360, n=450)
    with pytest.raises(DataError, match="at least 5 values to be split, got 4"):
        split(4)
    with pytest.raises(OptionError, match="test must be a fraction between 0 and 1, got 1"):
        split(10, test=1)
