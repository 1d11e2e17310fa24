"""Baselines against forecasts worked out by hand or known from how the series was made."""

from typing import TypeVar

import numpy as np
import pytest
from statsmodels.tsa.arima.model import ARIMA
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from gatework.forecast.backtest import forecast_errors, origin_forecasts, score
from gatework.forecast.baselines import (
    Baseline,
    CannotForecastError,
    LastValue,
    SeasonalNaive,
    TrailingMean,
    all_classics,
    baseline_forecasts,
    baselines,
    rolling_forecasts,
)
from gatework.forecast.baselines.arima import MOST_VALUES, Arima
from gatework.forecast.baselines.holt_winters import HoltWinters, SmoothingForm
from gatework.forecast.baselines.theta import Theta

B = TypeVar("B", bound=Baseline)
NAMES = ["last value", "trailing mean", "seasonal naive", "Holt-Winters", "ARIMA"]


def prepared(baseline: B, training: np.ndarray) -> B:
    baseline.prepare(training, 12)
    return baseline


def noise(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def test_last_value_and_seasonal_naive_by_hand() -> None:
    history = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert LastValue().forecast(history, 3).tolist() == [6.0, 6.0, 6.0]
    naive = prepared(SeasonalNaive(3), history)
    assert naive.forecast(history, 5).tolist() == [4.0, 5.0, 6.0, 4.0, 5.0]
    assert naive.forecast(history, 2).tolist() == [4.0, 5.0]
    with pytest.raises(CannotForecastError, match="a season of 12 values before the test part"):
        prepared(SeasonalNaive(12, seasons=1), history)
    mean = TrailingMean()
    mean.length = 4
    assert mean.forecast(history, 2).tolist() == [4.5, 4.5]


def test_trailing_mean_is_short_on_a_walk_and_long_on_noise() -> None:
    assert prepared(TrailingMean(), np.cumsum(noise(400))).length <= 4
    assert prepared(TrailingMean(), 5 + noise(400)).length >= 30
    mean = prepared(TrailingMean(), 5 + noise(400))
    assert mean.forecast(np.arange(200.0), 2) == pytest.approx(199 - (mean.length - 1) / 2)


def test_trailing_mean_chooses_the_length_that_rolling_origin_finds_best() -> None:
    training = np.cumsum(noise(60)) + 3 * noise(60, seed=1)
    start = 60 - 60 // 5

    def error(length: int) -> float:
        made = origin_forecasts(lambda h, k: np.repeat(h[-length:].mean(), k), training, start, 12)
        return float(np.nanmean(forecast_errors(made, training, start) ** 2))

    best = min(range(2, start + 1), key=error)
    assert prepared(TrailingMean(), training).length == best


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_the_naive_baselines_work_on_the_shortest_series(n: int) -> None:
    training = np.arange(1.0, n + 1)
    for baseline in (LastValue(), TrailingMean()):
        assert np.isfinite(prepared(baseline, training).forecast(training, 12)).all()


def test_holt_winters_finds_trend_and_season() -> None:
    time = np.arange(120.0)
    values = 50 + 0.5 * time + 10 * np.sin(2 * np.pi * time / 12) + 0.1 * noise(120)
    smoothing = prepared(HoltWinters(12), values[:96])
    assert smoothing.form.trend
    assert smoothing.form.season == 12
    errors = forecast_errors(origin_forecasts(smoothing.forecast, values, 96, 12), values, 96)
    assert max(found.rmse for found in score(errors).values()) < 0.5


def test_holt_winters_is_plain_where_there_is_neither() -> None:
    smoothing = prepared(HoltWinters(12), 5 + noise(200))
    assert smoothing.form == SmoothingForm(trend=False, damped=False, season=1)
    level = smoothing.rates[0]
    history = 5 + noise(230)
    model = ExponentialSmoothing(history, initialization_method="heuristic")
    by_library = model.fit(smoothing_level=level, optimized=False).forecast(3)
    np.testing.assert_allclose(smoothing.forecast(history, 3), by_library)


def test_arima_finds_an_autoregression_and_forecasts_as_its_formula() -> None:
    values, shocks = np.zeros(600), noise(600)
    for step in range(1, 600):
        values[step] = 0.8 * values[step - 1] + shocks[step]
    model = prepared(Arima(), 40 + values[:500])
    assert model.order == (1, 0, 0)
    fitted = ARIMA(40 + values[:500], order=(1, 0, 0)).fit()
    mean, phi = fitted.params[:2]
    expected = mean + (40 + values[549] - mean) * phi ** np.arange(1, 5)
    np.testing.assert_allclose(model.forecast(40 + values[:550], 4), expected, rtol=1e-3)


def test_arima_differences_a_walk_and_follows_a_drift() -> None:
    values = np.cumsum(2 + noise(300))
    model = prepared(Arima(), values)
    assert model.order[1] == 1
    ahead = model.forecast(values, 10)
    assert ahead[-1] - values[-1] == pytest.approx(20, abs=3)


def test_only_the_latest_values_are_used_where_there_are_very_many() -> None:
    values = 5 + noise(MOST_VALUES + 500)
    for baseline in (HoltWinters(1), Arima()):
        baseline.prepare(values[:MOST_VALUES], 12)
        changed = values.copy()
        changed[:500] = 1e6
        np.testing.assert_array_equal(baseline.forecast(values, 3), baseline.forecast(changed, 3))


def test_fitting_looks_at_the_training_part_alone() -> None:
    values = 20 + 5 * np.sin(np.arange(80.0)) + noise(80)
    other = values.copy()
    other[60:] = 1e3
    one, two = (baseline_forecasts(each, 60, 3, baselines(4)) for each in (values, other))
    for name in NAMES:  # the first origin has seen no changed value: the same forecast from both
        np.testing.assert_allclose(two.forecasts[name][0], one.forecasts[name][0])


def test_what_cannot_be_computed_is_left_out_with_its_reason() -> None:
    short = baseline_forecasts(np.arange(12.0), 9, 2, baselines(12))
    assert list(short.forecasts) == ["last value", "trailing mean"]
    assert short.left_out["seasonal naive"] == (
        "it needs two seasons of 12 values before the test part, there are 9 values"
    )
    assert "it needs 10 values before the test part, there are 9" in short.left_out["ARIMA"]
    constant = baseline_forecasts(np.ones(60), 48, 2, baselines(12))
    assert list(constant.forecasts) == NAMES[:3]
    assert constant.left_out["Holt-Winters"] == ("the values before the test part are all the same")


ODD = {
    "one event": np.r_[np.zeros(15), 1.0, np.zeros(20)],
    "huge": 1e12 + 1e9 * noise(36),
    "tiny": 1e-9 * noise(36),
    "square": np.arange(36.0) ** 2,
    "alternating": np.tile([0.0, 7.0], 18),
    "exploding": np.exp(2 * np.arange(36.0)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_series_give_finite_forecasts_or_a_reason(name: str) -> None:
    result = baseline_forecasts(ODD[name], 28, 12, baselines(4))
    assert set(result.forecasts) | set(result.left_out) == set(NAMES)
    assert {"last value", "trailing mean", "seasonal naive"} <= set(result.forecasts)
    for forecasts in result.forecasts.values():
        assert forecasts.shape == (8, 12)


def test_a_baseline_that_is_not_prepared_says_so() -> None:
    for baseline in baselines(4)[3:]:
        with pytest.raises(CannotForecastError, match=f"{baseline.name} must be prepared"):
            baseline.forecast(np.arange(20.0), 2)


def test_a_baseline_that_fails_under_test_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **_named: object) -> np.ndarray:
        raise np.linalg.LinAlgError("singular matrix")

    monkeypatch.setattr("gatework.forecast.baselines.arima.ARIMA", fail)
    monkeypatch.setattr(Arima, "prepare", lambda self, training, horizon: None)
    monkeypatch.setattr(
        "gatework.forecast.baselines.arima.check_prepared", lambda name, ready: None
    )
    infinite = np.full((3, 2), np.inf)
    monkeypatch.setattr(TrailingMean, "from_origins", lambda self, values, start, k: infinite)
    result = baseline_forecasts(np.arange(9.0), 6, 2, baselines(1))
    assert result.left_out["ARIMA"] == "it failed during the test part: singular matrix"
    assert "1 step ahead from period 6 is not finite" in result.left_out["trailing mean"]


def test_every_classical_model_is_listed_by_name() -> None:
    names = [model.name for model in all_classics(12)]
    automatic = ["AutoETS", "AutoARIMA", "AutoTheta"]
    assert names == [*NAMES, "Theta", *automatic, "SVR", "MLP", "SSA", "RNN"]


def test_models_may_be_named_and_forecasts_kept_from_falling_below() -> None:
    values = np.r_[np.linspace(30, 3, 28), 2.0, 1.0]
    plain = baseline_forecasts(values, 28, 9, [Theta(1)])
    clipped = baseline_forecasts(values, 28, 9, [Theta(1)], lowest=0.0)
    assert list(plain.forecasts) == ["Theta"]
    assert plain.forecasts["Theta"][0, 1] == pytest.approx(2.0, abs=1.0)
    forecasts = rolling_forecasts(Theta(1), values, 28, 9)
    assert forecasts.shape == (2, 9)
    assert forecasts.min() < 0
    np.testing.assert_array_equal(plain.forecasts["Theta"], forecasts)
    np.testing.assert_array_equal(clipped.forecasts["Theta"], np.maximum(forecasts, 0))


@pytest.mark.parametrize("name", [name for name in ODD if name != "tiny"])
def test_the_slower_ones_too_give_finite_forecasts_or_a_reason(name: str) -> None:
    models = all_classics(4)[len(NAMES) :]
    result = baseline_forecasts(ODD[name], 28, 12, models)
    assert set(result.forecasts) | set(result.left_out) == {model.name for model in models}
    assert "SVR" in result.forecasts
