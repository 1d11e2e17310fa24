"""The smoothers are those of the textbook, carried on value by value."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from gatework.forecast.es_lstm.bank import Bank
from gatework.forecast.es_lstm.problem import Problem
from gatework.forecast.es_lstm.rates import (
    DRIFT_RATES,
    LEVEL_RATES,
    RECURSIONS,
    SMOOTHERS,
    TREND_RATES,
    damping,
    smoothers,
)
from gatework.forecast.es_lstm.season import first_indices, warm_up


def problem(
    *series: np.ndarray, season: int = 1, horizon: int = 3, counts: bool = False
) -> Problem:
    lengths = np.array([len(one) for one in series])
    values = np.full((len(series), lengths.max()), np.nan)
    for row, one in enumerate(series):
        values[row, : len(one)] = one
    return Problem.of(values, lengths, season, horizon, counts=counts)


def walk(n: int, seed: int = 0) -> np.ndarray:
    return 50 + np.cumsum(np.random.default_rng(seed).normal(size=n))


@pytest.mark.parametrize("number", range(len(TREND_RATES)))
def test_smoothers_with_trend_are_damped_exponential_smoothing(number: int) -> None:
    values = walk(40)
    level, trend, phi = TREND_RATES[number]
    task = problem(values)
    model = ExponentialSmoothing(
        values,
        trend="add",
        damped_trend=True,
        initialization_method="known",
        initial_level=values[:4].mean(),
        initial_trend=0.0,
    )
    fit = model.fit(
        smoothing_level=level,
        smoothing_trend=trend,
        damping_trend=phi,
        optimized=False,
        remove_bias=False,
    )
    ours = task.track().forecasts[-1, 0, len(LEVEL_RATES) + number] * task.units[0]
    np.testing.assert_allclose(ours, fit.forecast(3), rtol=1e-5)


def test_smoothers_without_trend_begin_as_the_mean_and_forget_at_their_rate() -> None:
    values = walk(60, 1)
    task = problem(values)
    level = values[:4].mean()
    for age, value in enumerate(values):
        level += max(0.1, 1 / (age + 2)) * (value - level)
    forecast = task.track().forecasts[-1, 0, LEVEL_RATES.index(0.1)] * task.units[0]
    np.testing.assert_allclose(forecast, [level] * 3, rtol=1e-5)
    last = task.track().forecasts[:, 0, LEVEL_RATES.index(1.0), 0] * task.units[0]
    np.testing.assert_allclose(last, values, rtol=1e-6)


def test_smoothers_with_drift_are_the_theta_method() -> None:
    """SES with half the slope of the line through the whole series, as the classical model has."""
    values = np.linspace(10, 40, 60) + walk(60, 8) / 10
    task = problem(values)
    track = task.track()
    t = np.arange(60)
    slope = np.polyfit(t, values, 1)[0]
    plain = track.forecasts[-1, 0, LEVEL_RATES.index(0.4)] * task.units[0]
    drifting = track.forecasts[-1, 0, RECURSIONS + DRIFT_RATES.index(0.4)] * task.units[0]
    expected = plain + slope / 2 * (np.arange(1, 4) + 1 / 0.4 - 1)
    np.testing.assert_allclose(drifting, expected, rtol=1e-5)


@pytest.mark.parametrize("offset", [10.0, -30.0])
def test_a_season_that_repeats_is_learned(offset: float) -> None:
    """With positive values the indices multiply, otherwise they are added."""
    pattern = np.sin(np.arange(12) / 12 * 2 * np.pi) * 5
    values = np.tile(pattern, 12) + offset
    task = problem(values, season=12, horizon=12)
    assert task.multiplicative[0] == (offset > 0)
    forecasts = task.track().forecasts[-1, 0] * task.units[0]  # (N, H)
    assert len(forecasts) == smoothers(12) == 3 * SMOOTHERS
    fast = forecasts[2 * SMOOTHERS + LEVEL_RATES.index(0.1)]
    assert np.abs(fast - (pattern + offset)).max() < 0.5
    assert np.abs(forecasts[LEVEL_RATES.index(0.1)] - (pattern + offset)).max() > 4


def test_over_missing_values_the_smoothers_go_on_as_forecast() -> None:
    values = walk(30, 2)
    gap = np.concatenate([values, [np.nan, np.nan]])
    both = problem(values, gap, season=4, horizon=4)
    track = both.track()
    unit = both.units[0] / both.units[1]
    plain = track.forecasts[29, 0] * unit
    later = track.forecasts[31, 1]
    recursions = np.arange(len(plain)) % SMOOTHERS < RECURSIONS  # levels with a drift stay
    np.testing.assert_allclose(later[recursions, :2], plain[recursions, 2:], rtol=1e-5)


def test_counts_are_never_forecast_below_zero() -> None:
    falling = np.maximum(30.0 - 2 * np.arange(24), 0)
    track = problem(falling, horizon=12, counts=True).track()
    assert track.forecasts.min() >= 0
    assert problem(falling, horizon=12).track().forecasts.min() < 0


def test_forecasts_do_not_depend_on_the_unit_or_the_neighbours() -> None:
    values = walk(50, 3)
    alone = problem(values, season=12).track()
    beside = problem(1000 * values, walk(20, 4), season=12).track()
    np.testing.assert_allclose(alone.signals[:, 0], beside.signals[:, 0], atol=1e-4)
    np.testing.assert_allclose(alone.forecasts[:, 0], beside.forecasts[:, 0], rtol=1e-5)


def test_what_comes_later_changes_no_earlier_forecast() -> None:
    values = walk(60, 5)
    changed = np.concatenate([values[:50], values[50:] * 3])
    lengths, known = np.array([60]), np.array([50])
    one, other = (
        Problem.of(each[None], lengths, 12, 3, known=known).track() for each in (values, changed)
    )
    assert np.array_equal(one.signals[:50], other.signals[:50])
    assert np.array_equal(one.forecasts[:50], other.forecasts[:50])


@pytest.mark.parametrize("season", [2, 7, 12])
def test_first_indices_find_the_pattern_whatever_the_trend(season: int) -> None:
    pattern = np.linspace(0.5, 1.5, season)
    trend = np.linspace(10, 20, 3 * season)
    indices = first_indices(trend * np.tile(pattern, 3), season, multiplicative=True)
    np.testing.assert_allclose(indices, 1 + 0.7 * (pattern - 1), atol=0.06)
    indices = first_indices(trend + np.tile(pattern, 3), season, multiplicative=False)
    np.testing.assert_allclose(indices, 0.7 * (pattern - 1), atol=0.06)


def test_series_without_two_seasons_begin_without() -> None:
    assert warm_up(13, 12) == 4
    task = problem(walk(13), season=12)
    assert np.all(task.begin().indices == 1)


def test_damping_adds_up() -> None:
    expected = TREND_RATES[0][2] + TREND_RATES[0][2] ** 2
    assert damping(2)[len(LEVEL_RATES)].tolist() == pytest.approx([TREND_RATES[0][2], expected])


def test_rows_of_a_bank_go_their_own_way() -> None:
    task = problem(walk(30), walk(40, 7), season=4)
    bank, state = task.bank(), task.begin()
    rows = np.array([1])
    part, own = bank.rows(rows), state.rows(rows)
    assert isinstance(part, Bank)
    together = bank.step(state, task.values[:, 0])
    alone = part.step(own, task.values[rows, 0])
    assert np.array_equal(together.forecasts[rows], alone.forecasts)
