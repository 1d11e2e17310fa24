"""Machines on lag windows: what they are taught, what is chosen, and that they learn it."""

import numpy as np
import pytest

from gatework.forecast.backtest import forecast_errors, origin_forecasts, score
from gatework.forecast.baselines import Baseline, CannotForecastError
from gatework.forecast.baselines.lags import (
    recursively,
    taught,
    validation_error,
    window_lengths,
)
from gatework.forecast.baselines.machines import LagMachine, Perceptron, SupportVectors
from gatework.forecast.baselines.recurrent import PlainRNN
from gatework.forecast.recursive.windows import origin_windows

MACHINES = [SupportVectors, Perceptron, PlainRNN]


def seasonal(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return 30 + 8 * np.sin(2 * np.pi * np.arange(n) / 7) + rng.normal(size=n)


def test_windows_hold_the_values_before_what_they_are_to_say() -> None:
    inputs, targets = taught(np.arange(5.0), 3)
    assert inputs.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert targets.tolist() == [3, 4]
    assert origin_windows(np.arange(5.0), 2, 3, 5).tolist() == [[1, 2], [2, 3]]


def test_recursive_forecasts_feed_on_themselves() -> None:
    ahead = recursively(lambda w: w[:, 0] + w[:, 1], np.array([[1.0, 1.0], [2.0, 3.0]]), 4)
    assert ahead.tolist() == [[2, 3, 5, 8], [5, 8, 13, 21]]


def test_the_error_to_choose_by_counts_known_targets_alone() -> None:
    values = np.array([0.0, 0.0, 1.0, 3.0])
    error = validation_error(np.array([[1.0, 1.0], [1.0, 9.0]]), values, np.array([2, 3]))
    assert error == pytest.approx((0 + 4 + 4) / 3)
    assert validation_error(np.array([[np.nan]]), values, np.array([3])) == np.inf


def test_a_short_series_gets_short_windows() -> None:
    assert window_lengths(12, 100) == [6, 12, 24]
    assert window_lengths(52, 60) == [6, 12, 24, 52]
    assert window_lengths(168, 500) == [6, 12, 24]
    assert window_lengths(1, 10) == [2]


@pytest.mark.parametrize("machine", MACHINES)
def test_each_learns_a_season(machine: type) -> None:
    values = seasonal(180)
    model: Baseline = machine(7)
    model.prepare(values[:150], 6)
    found = score(forecast_errors(origin_forecasts(model.forecast, values, 150, 6), values, 150))
    assert max(one.rmse for one in found.values()) < 2.2  # the noise is 1, the wave 5.7


@pytest.mark.parametrize("machine", MACHINES)
def test_each_gives_the_same_forecast_twice(machine: type) -> None:
    values = seasonal(36)
    twice = []
    for _ in range(2):
        model = machine(1)
        model.prepare(values, 3)
        twice.append(model.forecast(values, 3))
    np.testing.assert_array_equal(*twice)


def test_centred_windows_carry_over_to_another_level() -> None:
    values = seasonal(150)
    machine = Perceptron(7)
    machine.prepare(np.r_[values[:100], 100 + values[100:]], 6)  # the end is at another level
    assert machine.settings["centred"]
    higher = machine.forecast(300 + values, 7)
    assert np.abs(higher - (300 + seasonal(157)[150:])).max() < 6


@pytest.mark.parametrize("machine", MACHINES)
def test_each_refuses_what_it_cannot_learn_from(machine: type) -> None:
    with pytest.raises(CannotForecastError, match="it needs 18 values before the test part"):
        machine(12).prepare(np.arange(17.0), 3)
    with pytest.raises(CannotForecastError, match="are all the same"):
        machine(12).prepare(np.ones(50), 3)
    with pytest.raises(CannotForecastError, match=f"{machine.name} must be prepared"):
        machine(12).forecast(np.arange(50.0), 3)


def test_a_machine_needs_a_way_to_be_built() -> None:
    with pytest.raises(NotImplementedError):
        LagMachine(1).prepare(np.arange(50.0), 2)
