"""A Forecaster that begins before the first value of a series."""

import math

import numpy as np
import pytest

from gatework import load, save
from gatework.errors import DataError, NotFittedError, OptionError
from gatework.forecast import Forecaster, GlobalForecaster, Series
from gatework.forecast.pretrained.fitted import FittedPretrained
from gatework.forecast.pretrained.plain import serving
from gatework.watch import Watch

VALUES = np.random.default_rng(3).gamma(4, 2, 30).round(2)


def test_it_forecasts_as_if_it_had_been_fitted_to_what_came(tmp_path) -> None:
    forecaster = Forecaster().begin("2005-03", "MS", name="load")
    save(forecaster, tmp_path / "none")
    forecaster = load(tmp_path / "none").update(VALUES[:1])
    save(forecaster, tmp_path / "one")
    forecaster = load(tmp_path / "one").update(VALUES[1:])
    labels = tuple(f"{2005 + (2 + n) // 12}-{(2 + n) % 12 + 1:02d}" for n in range(30))
    series = Series("load", VALUES, labels, "MS", 12)
    assert forecaster.predict(3) == FittedPretrained.of(serving(), series, 12, 0.9).predict(3)


def test_nothing_is_forecast_before_the_first_value() -> None:
    forecaster = Forecaster().begin()
    for value in (None, math.nan):
        if value is not None:
            forecaster.update(value)
        with pytest.raises(DataError, match="series 'series' has no value yet to forecast from"):
            forecaster.predict(1)
    assert forecaster.update(5.0).predict(1)[0].period == "3"
    assert Forecaster().begin("10", step=5).update([1, 2]).predict(1)[0].period == "20"
    with pytest.raises(NotFittedError):
        Forecaster().update(5.0)


@pytest.mark.parametrize(
    ("options", "how", "said"),
    [
        ({"trials": 3}, {}, "trials asks for a search, which needs a series"),
        ({"method": "recursive"}, {}, "method asks for a search"),
        ({}, {"frequency": "MS"}, "periods of a frequency begin with one that is named"),
        ({}, {"start": "2005-03"}, "must be a number where there is no frequency, got '2005-03'"),
        ({}, {"start": "soon", "frequency": "MS"}, "soon"),
    ],
)
def test_bad_beginnings(options, how, said) -> None:
    with pytest.raises(OptionError, match=said):
        Forecaster(**options).begin(**how)


def test_a_count_cannot_be_negative() -> None:
    series = Series("faults", np.arange(8.0), tuple("12345678"), counts=True)
    fitted = FittedPretrained.of(serving(), series, 3, 0.9)
    forecaster = Forecaster(3)
    forecaster.fitted_ = fitted
    with pytest.raises(DataError, match="-3 is negative, but 'faults' is a series of counts"):
        forecaster.update([4.0, -3.0])
    assert fitted.seen == 8  # nothing was taken in
    panel = GlobalForecaster(3).fit([series, Series("load", -series.values, series.labels)])
    with pytest.raises(DataError, match="-1 is negative, but 'faults' is a series of counts"):
        panel.update({"faults": -1.0, "load": -9.0})
    panel.update({"faults": math.nan, "load": -9.0})


def test_a_negative_value_lowers_the_forecasts_of_what_was_no_count() -> None:
    forecaster = Forecaster(3).begin().update(np.arange(6.0))
    assert min(point.lower for point in forecaster.predict()) >= 0
    forecaster.update([-40.0, -50.0, -45.0, -48.0])
    assert forecaster.predict(1)[0].value < 0


def test_a_watch_begins_with_it_and_waits_with_its_alarms() -> None:
    watch = Watch(Forecaster().begin("2005-03", "MS", name="load"))
    assert (watch.next.period, watch.waits) == ("2005-03", 8)
    seen = [watch.observe(value) for value in (*VALUES[:8], 1e6)]
    assert seen[0].forecast is None
    assert [one.waits for one in seen] == [7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert [alarm.kind for alarm in seen[-1].alarms] == ["outside"]
    assert "it counts as" in seen[-1].alarms[0].reason


def test_the_first_events_after_many_zeros_count_as_they_are() -> None:
    values = [0.0] * 12 + [3.0, 2.0, 0.0, 4.0, 3.0, 5.0, 2.0, 3.0]
    watch = Watch(Forecaster().begin("2005-01", "MS"))
    seen = [watch.observe(value) for value in values]
    assert not any("counts as" in alarm.reason for one in seen for alarm in one.alarms)
    assert seen[-1].next.value > 1.0


def test_a_count_that_is_cut_is_a_whole_number_so_that_the_series_counts_on() -> None:
    draw = np.random.default_rng(0)
    watch = Watch(Forecaster().begin("2005-01", "MS"))
    for value in draw.poisson(5.0, 30):
        watch.observe(float(value))
    assert any("counts as" in alarm.reason for alarm in watch.observe(5000.0).alarms)
    (refused,) = watch.observe(-4.0).alarms
    assert refused.kind == "bad"
