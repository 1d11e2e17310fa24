"""The bank of a stream: what its smoothers are, its season, and that nothing is read ahead."""

import numpy as np
import pytest

from gatework.forecast.es_lstm.rates import LEVEL_RATES
from gatework.forecast.pretrained.bank import StreamBank, StreamState
from gatework.forecast.pretrained.rates import RECURSIONS, SMOOTHERS, TREND_RATES
from gatework.forecast.pretrained.signals import STEPS_SEEN
from gatework.forecast.pretrained.track import run, side_by_side

AHEAD = np.arange(1, 13)


def after(values: np.ndarray, season: int = 1) -> np.ndarray:
    """Return the forecasts after a series, (N, 12)."""
    bank, state = StreamBank(season), StreamState.begin(1, season)
    for value in values:
        bank.step(state, np.array([value]), STEPS_SEEN)
    return bank.forecasts(state, AHEAD)[0]


def noisy(length: int, seed: int = 0) -> np.ndarray:
    return 50 + np.random.default_rng(seed).normal(0, 5, length).cumsum()


def test_smoothers_without_season_are_exponential_smoothing() -> None:
    values = noisy(40)
    found = after(values)
    for number, rate in enumerate(LEVEL_RATES):
        level = values[0]
        for age, value in enumerate(values[1:], start=2):
            level += max(rate, 1 / age) * (value - level)
        np.testing.assert_allclose(found[number], level, rtol=1e-12)
    rate, slope_rate, damping = TREND_RATES[1]
    level, trend = values[0], 0.0
    for age, value in enumerate(values[1:], start=2):
        before = level
        level += damping * trend + max(rate, 1 / age) * (value - level - damping * trend)
        trend = damping * trend + slope_rate * (level - before - damping * trend)
    expected = level + trend * np.cumsum(damping**AHEAD)
    np.testing.assert_allclose(found[len(LEVEL_RATES) + 1], expected, rtol=1e-12)


def test_drifts_add_half_the_slope_of_the_line_through_all_values() -> None:
    values = noisy(30)
    found = after(values)
    slope = np.polyfit(np.arange(30), values, 1)[0]
    rate = 0.4  # the third of the drifts stands on the fourth level
    lagged = 0.5 * slope * (1 / rate - 1 + AHEAD)
    np.testing.assert_allclose(found[RECURSIONS + 2], found[3] + lagged, rtol=1e-9)


@pytest.mark.parametrize("season", [4, 7, 12])
def test_a_season_is_learned_from_two_cycles_on(season: int) -> None:
    shape = 1 + 0.5 * np.sin(2 * np.pi * np.arange(season) / season + 1)
    values = 100 * np.tile(shape, 3)
    coming = 100 * shape[(AHEAD - 1) % season]
    sets = after(values, season).reshape(4, SMOOTHERS, 12)
    wrong = np.abs(sets[:, 2] - coming).mean(axis=1)
    assert (wrong[1:] < 0.5 * wrong[0]).all()
    assert wrong[2] < 0.15 * wrong[0]  # the set that forgets fast doubts the least


def test_without_two_cycles_all_sets_say_the_same() -> None:
    sets = after(noisy(11), 12).reshape(4, SMOOTHERS, 12)
    np.testing.assert_array_equal(sets, np.broadcast_to(sets[0], sets.shape))


def test_nothing_is_read_ahead_and_series_do_not_touch_each_other() -> None:
    long, short = noisy(60), noisy(25, seed=1)
    values, lengths = side_by_side([long, short, long[:40]])
    track = run(StreamBank(12), values, lengths, AHEAD)
    alone = run(StreamBank(12), long[None, :40], np.array([40]), AHEAD)
    np.testing.assert_array_equal(track.signals[:40, 2], alone.signals[:, 0])
    np.testing.assert_array_equal(track.signals[:40, 0], alone.signals[:, 0])
    np.testing.assert_array_equal(track.forecasts[:40, 2], alone.forecasts[:, 0])
    np.testing.assert_array_equal(track.state.level[2], alone.state.level[0])


def test_the_unit_of_a_series_is_nothing_to_the_network() -> None:
    values = noisy(50)
    one = run(StreamBank(4), values[None], np.array([50]))
    for unit in (1024, 2.0**-60):
        other = run(StreamBank(4), unit * values[None], np.array([50]))
        np.testing.assert_allclose(one.signals, other.signals, atol=1e-6)


def test_missing_values_change_no_level_and_no_error() -> None:
    bank, state = StreamBank(1), StreamState.begin(1, 1)
    for value in noisy(20):
        bank.step(state, np.array([value]), STEPS_SEEN)
    level, error, age = state.level.copy(), state.error.copy(), state.age.copy()
    reading = bank.step(state, np.array([np.nan]), STEPS_SEEN)
    plain = slice(0, len(LEVEL_RATES))
    np.testing.assert_array_equal(state.level[..., plain], level[..., plain])
    np.testing.assert_array_equal(state.error, error)
    np.testing.assert_array_equal(state.age, age)
    assert not reading.errors.any()


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(30),
        np.full(30, 7.0),
        np.r_[np.zeros(20), 66.0, np.zeros(5)],
        np.array([3.0]),
        np.r_[np.nan, np.nan, 5.0, np.nan, 6.0],
        1e12 + np.arange(30.0),
        -1e-6 * np.arange(30.0),
    ],
)
def test_any_series_has_finite_signals(values: np.ndarray) -> None:
    for season in (1, 12):
        track = run(StreamBank(season), values[None], np.array([len(values)]), AHEAD)
        assert np.isfinite(track.signals).all()
        assert np.isfinite(track.forecasts).all()


def test_what_was_never_negative_is_not_forecast_below_0() -> None:
    falling = np.maximum(np.arange(20.0, 0, -1.0) - 5, 0)
    assert (after(falling) >= 0).all()
    assert (after(falling - 3) < 0).any()


def test_indices_are_believed_as_far_as_they_are_more_than_chance() -> None:
    draw, bank = np.random.default_rng(5), StreamBank(12)
    wave = 1 + 0.5 * np.sin(np.arange(72) / 12 * 2 * np.pi)
    values = draw.poisson(np.where(np.arange(2)[:, None, None], 20 * wave, 20), (2, 100, 72))
    state = run(bank, values.reshape(200, 72).astype(float), np.full(200, 72)).state
    without, there = state.believed.reshape(2, 100, -1).mean(axis=1)
    assert (without[[0, 2]] < 0.4).all()
    assert (there > 0.8).all()


def test_a_smooth_line_that_bends_goes_on_along_its_last_values() -> None:
    values = 100 + 0.5 * np.arange(30.0) ** 2
    found = after(values)[:, 0]
    coming = 100 + 0.5 * 30.0**2
    assert np.abs(found - coming).min() < 0.2 * (values[-1] - values[-2])
