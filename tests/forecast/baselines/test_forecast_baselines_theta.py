"""The Theta method against its definition, and on series whose future is known."""

import numpy as np
import pytest

from gatework.forecast.baselines import CannotForecastError
from gatework.forecast.baselines.theta import Theta


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def prepared(training: np.ndarray, season: int = 1) -> Theta:
    model = Theta(season)
    model.prepare(training, 12)
    return model


def test_it_is_the_mean_of_the_line_and_of_smoothing_its_counterpart() -> None:
    """Assimakopoulos and Nikolopoulos: theta lines 0 and 2, each continued, and averaged."""
    values = 20 + 0.3 * np.arange(60) + noise(60)
    model = prepared(values)
    time = np.arange(60)
    slope, begin = np.polyfit(time, values, 1)
    second = 2 * values - (begin + slope * time)  # the theta line 2
    level = second[0]
    for value in second[1:]:
        level += model.rate * (value - level)
    # The two ways begin their smoothing with other values, which 60 periods forget.
    expected = (level + begin + slope * (60 + np.arange(5))) / 2
    np.testing.assert_allclose(model.forecast(values, 5), expected, atol=1e-3)


def test_the_rate_is_that_of_the_least_error() -> None:
    walk = np.cumsum(noise(300))
    assert prepared(walk).rate > 0.8
    assert prepared(50 + noise(300)).rate < 0.1


@pytest.mark.parametrize("multiplicative", [True, False])
def test_the_season_is_taken_out_and_put_back(multiplicative: bool) -> None:
    time = np.arange(120)
    level, wave = 100 + 0.5 * time, np.sin(2 * np.pi * time / 12)
    values = level * (1 + 0.3 * wave) if multiplicative else level - 200 + 30 * wave
    model = prepared(values[:96], season=12)
    assert model.multiplicative is multiplicative
    assert len(model.indices) == 12
    for origin in (96, 101):  # in the middle of a season too
        ahead = model.forecast(values[:origin], 12)  # with half the slope: 3 less after a year
        np.testing.assert_allclose(ahead, values[origin : origin + 12], rtol=0.04, atol=4)


def test_no_season_is_seen_where_there_is_none_or_too_little_of_it() -> None:
    assert not prepared(50 + noise(120), season=12).indices.size
    time = np.arange(30)
    assert not prepared(50 + 9 * np.sin(time * np.pi / 6), season=12).indices.size


def test_it_refuses_what_it_cannot_learn_from() -> None:
    with pytest.raises(CannotForecastError, match="it needs 10 values before the test part"):
        prepared(np.arange(9.0))
    with pytest.raises(CannotForecastError, match="Theta must be prepared"):
        Theta(1).forecast(np.arange(20.0), 2)
