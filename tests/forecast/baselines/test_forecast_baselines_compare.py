"""The LSTM's backtest beside those of baselines, of one series and of many."""

import time
from dataclasses import replace

import numpy as np
import pytest

from gatework.forecast import Backtest, Panel, Series
from gatework.forecast.backtest import origin_forecasts
from gatework.forecast.baselines import (
    FittedClassics,
    LastValue,
    SeasonalNaive,
    TrailingMean,
    arima,
    baselines,
    compare,
    quick_baselines,
    rolling_forecasts,
)
from gatework.forecast.baselines.compare import filled
from gatework.forecast.baselines.models import MOST_SERIES
from gatework.forecast.baselines.theta import Theta
from gatework.forecast.panel.backtest import scales_of

NAIVE = ["last value", "trailing mean"]


def made(count: int, season: int = 1) -> tuple[Panel, Backtest]:
    """Return series of 30 and of 32 values, and a backtest of the last five of each."""
    draw = np.random.default_rng(0)
    lengths = [30 + 2 * (n % 2) for n in range(count)]
    series = [
        Series(
            f"s{n}",
            20 + draw.normal(size=length),
            tuple(map(str, range(1, length + 1))),
            season=season,
        )
        for n, length in enumerate(lengths)
    ]
    forecasts = np.full((count, 6, 3), np.nan)
    forecasts[:, :5] = 0.0
    panel = Panel.from_series(series)
    return panel, Backtest.of(panel, panel.lengths - 5, forecasts)


@pytest.mark.parametrize("horizon", [1, 5, 9])
def test_all_origins_at_once_are_one_after_the_other(horizon: int) -> None:
    values = np.random.default_rng(0).normal(size=40).cumsum()
    for model in (LastValue(), TrailingMean(), SeasonalNaive(4)):
        together = rolling_forecasts(model, values, 30, horizon)
        alone = origin_forecasts(model.forecast, values, 30, horizon)
        np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-12)


def test_forecasts_are_those_of_the_model_on_each_series() -> None:
    panel, ours = made(2)
    found = compare(panel, ours).backtests
    assert list(found) == ["LSTM", *NAIVE, "Holt-Winters", "Theta"]
    assert found["LSTM"] is ours
    for model in (TrailingMean(), Theta(1)):
        own = rolling_forecasts(model, panel.values[1, :32], 27, 3)
        np.testing.assert_array_equal(found[model.name].forecasts[1, :5], own)
    assert np.isnan(found["Theta"].forecasts[1, 5]).all()
    known = panel.values[0, :30]
    for origin in range(5):
        np.testing.assert_array_equal(found["last value"].forecasts[0, origin], known[24 + origin])


def test_outcomes_and_scales_are_those_of_the_panel() -> None:
    panel, ours = made(2)
    last = compare(panel, ours).backtests["last value"]
    np.testing.assert_array_equal(last.actual[0, :5, 0], panel.values[0, 25:30])
    assert (~np.isnan(last.actual[1])).sum() == 5 + 4 + 3
    np.testing.assert_array_equal(last.scales, scales_of(panel, panel.lengths - 5))
    assert last.scores()[3]["n"] == 6


def test_thousands_of_series_do_without_models_that_are_fitted() -> None:
    panel, ours = made(MOST_SERIES + 1)
    assert list(compare(panel, ours).backtests) == ["LSTM", *NAIVE]


def test_a_model_that_fails_on_one_of_the_series_is_left_out_with_the_reason() -> None:
    panel, ours = made(2, season=14)
    found = compare(panel, ours, [LastValue(), SeasonalNaive(14, seasons=2)])
    assert list(found.backtests) == ["LSTM", "last value"]
    assert found.left_out == {
        "seasonal naive": "it needs two seasons of 14 values before the test part, there are 25 "
        "values"
    }
    assert "seasonal naive" in compare(panel, ours).backtests  # of many one season is enough


def test_one_series_is_compared_alike_and_counts_stay_above_zero(monkeypatch) -> None:
    monkeypatch.setattr(arima, "MOST_LAGS", 1)
    values = np.r_[np.linspace(30, 3, 28), 2.0, 1.0]
    panel = Panel.from_series([Series("a", values, tuple(map(str, range(30))), counts=True)])
    ours = Backtest.of(panel, np.array([28]), np.zeros((1, 2, 9)))
    found = compare(panel, ours, [*baselines(1), Theta(1)])
    assert found.left_out["seasonal naive"] == "the series has no season"
    assert rolling_forecasts(Theta(1), values, 28, 9).min() < 0
    assert found.backtests["Theta"].forecasts.min() == 0
    assert found.backtests["last value"].errors[0, 0, 0] == pytest.approx(values[27] - 2.0)


def test_missing_values_count_as_the_last_one_known() -> None:
    gaps = np.array([[np.nan, 1.0, np.nan, np.nan, 2.0]])
    assert filled(gaps).tolist() == [[1.0, 1.0, 1.0, 1.0, 2.0]]
    panel, ours = made(1)
    values = panel.values.copy()
    values[0, 26] = np.nan
    found = compare(replace(panel, values=values), ours).backtests["last value"]
    assert found.forecasts[0, 2, 0] == values[0, 25]


def test_fitted_classics_are_compared_while_their_time_lasts(monkeypatch) -> None:
    monkeypatch.setattr(arima, "MOST_LAGS", 1)
    panel, ours = made(1)
    quick = quick_baselines(1)
    found = compare(panel, ours, quick, FittedClassics(3600.0))
    assert "ARIMA" in found.backtests
    late = compare(panel, ours, quick, FittedClassics(1.0, began=time.perf_counter() - 2.0))
    assert "ARIMA" not in late.backtests
    assert late.left_out["ARIMA"] == "the 1 s of the fitted classical models were over"
    assert "ARIMA is left out: the 1 s of the fitted classical models were over" in late.said()
