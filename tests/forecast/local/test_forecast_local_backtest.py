"""Backtests of a Forecaster: what would have been forecast, and nothing from later."""

import numpy as np
import pandas as pd
import pytest

from gatework import Forecaster
from gatework.errors import OptionError
from gatework.forecast.scores import result_rows

WAVE = 10 + 3 * np.sin(np.arange(48) / 2) + np.random.default_rng(0).normal(0, 1, 48)


pytestmark = pytest.mark.usefixtures("brief_training")


def forecaster() -> Forecaster:
    return Forecaster(horizon=2, trials=1, workers=1, method="recursive")


def test_each_origin_is_forecast_as_it_would_have_been() -> None:
    found = forecaster().backtest(WAVE, 44)
    assert found.forecasts.shape == (1, 4, 2)
    then = forecaster().fit(WAVE[:44])
    np.testing.assert_allclose(found.forecasts[0, 0], [p.value for p in then.predict()])
    then.update(WAVE[44])
    np.testing.assert_allclose(found.forecasts[0, 1], [p.value for p in then.predict()])
    np.testing.assert_allclose(found.lower[0.9][0, 1], [p.lower for p in then.predict()])
    np.testing.assert_array_equal(found.actual[0, :, 0], WAVE[44:])
    assert np.isnan(found.actual[0, 3, 1])
    assert set(found.scores()[1]) >= {"rmse", "mae", "smape", "mase", "coverage 0.9"}


@pytest.mark.parametrize("model", ["lstm", "auto"])
def test_what_intervals_held_is_what_a_backtest_says(model) -> None:
    counts = np.random.default_rng(1).poisson(6, 60)
    found = Forecaster(horizon=2, model=model).fit(counts).result_
    told = {row["coverage"] for row in result_rows(found.to_json()) if row["level"] == 0.9}
    assert told == {held.share for held in found.held.values()}
    assert [held.outcomes for held in found.held.values()] == [12, 11]
    backtest = Forecaster(horizon=2, model=model).backtest(counts).held(0.9)
    assert found.held[1].within == backtest[1].within


def test_what_comes_later_changes_nothing_before() -> None:
    other = WAVE.copy()
    other[46:] += 50
    one, two = forecaster().backtest(WAVE, 44), forecaster().backtest(other, 44)
    np.testing.assert_array_equal(one.forecasts[0, :3], two.forecasts[0, :3])


def test_refitting_learns_from_what_has_come() -> None:
    found = forecaster().backtest(WAVE, 46, refit_every=1)
    anew = forecaster().fit(WAVE[:47]).predict()
    np.testing.assert_allclose(found.forecasts[0, 1], [p.value for p in anew])


def test_origins_that_are_none_are_refused() -> None:
    for wrong in ({"start": 48}, {"start": 0}, {"refit_every": 0}):
        with pytest.raises(OptionError):
            forecaster().backtest(WAVE, **wrong)


def test_a_pandas_series_keeps_its_dates() -> None:
    dates = pd.date_range("2020-01-01", periods=48, freq="MS")
    made = forecaster().check(pd.Series(WAVE, index=dates, name="faults"))
    assert (made.name, made.labels[-1], made.frequency) == ("faults", "2023-12", "MS")
    assert forecaster().check(pd.Series(WAVE)).labels[-1] == "48"
    frame = pd.DataFrame({"month": dates, "faults": WAVE})
    assert forecaster().check(frame).labels == made.labels
