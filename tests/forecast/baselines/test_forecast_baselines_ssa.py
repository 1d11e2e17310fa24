"""Singular spectrum analysis on series that it continues exactly."""

import numpy as np
import pytest

from gatework.forecast.baselines import CannotForecastError
from gatework.forecast.baselines.ssa import SingularSpectrum, _diagonal_means, _forecasts


def wave(n: int) -> np.ndarray:
    time = np.arange(n)
    return 10 * 1.01**time + 3 * np.sin(2 * np.pi * time / 12 + 0.4)


@pytest.mark.parametrize("window", [6, 24, 40])
def test_an_exponential_and_a_wave_are_three_components_continued_exactly(window: int) -> None:
    values = wave(130)
    ahead = _forecasts(values[:100], window, range(3, 4), 30)[0]
    np.testing.assert_allclose(ahead, values[100:], rtol=1e-6)


def test_window_and_rank_are_chosen_so_that_the_wave_goes_on() -> None:
    model = SingularSpectrum(12)
    values = wave(140) + 0.1 * np.random.default_rng(0).normal(size=140)
    model.prepare(values[:110], 12)
    assert 3 <= model.rank <= 6
    np.testing.assert_allclose(model.forecast(values[:115], 12), values[115:127], atol=0.6)


def test_the_means_of_the_diagonals_by_the_definition() -> None:
    values = np.random.default_rng(1).normal(size=(4, 6))  # 4 windows of 6, the latest first
    sums, counts = np.zeros(9), np.zeros(9)
    for column in range(4):
        for place in range(6):
            period = 3 - column + place
            sums[period] += values[column, place]
            counts[period] += 1
    np.testing.assert_allclose(_diagonal_means(values), (sums / counts)[3:])


def test_a_component_that_is_the_last_value_alone_has_no_recurrence() -> None:
    values = np.r_[np.zeros(20), 1.0]  # the one window that is not 0 ends in its 1
    assert np.isnan(_forecasts(values, 5, range(1, 2), 3)).all()


def test_it_refuses_what_it_cannot_learn_from() -> None:
    with pytest.raises(CannotForecastError, match="it needs 20 values before the test part"):
        SingularSpectrum(12).prepare(np.arange(19.0), 3)
    with pytest.raises(CannotForecastError, match="are all the same"):
        SingularSpectrum(12).prepare(np.ones(50), 3)
    with pytest.raises(CannotForecastError, match="SSA must be prepared"):
        SingularSpectrum(12).forecast(np.arange(50.0), 3)
