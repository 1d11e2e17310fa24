"""Watch: what it says of each value, with a forecaster whose forecasts are known."""

import math

import numpy as np
import pytest

from gatework import load, save
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.forecast import Forecaster, ForecastPoint, Series
from gatework.watch import ALARMS, Watch
from gatework.watch.drift import Drift
from gatework.watch.stuck import Stuck

INTERVAL = 1.6448536269514722  # deviations from the middle to the end of a 90 % interval


class Fixed:
    """Forecasts 10 with a standard deviation of 1, whatever comes."""

    level = 0.9

    def __init__(self) -> None:
        self.seen: list[float] = []

    def update(self, values, labels=None):
        self.seen.append(float(values))
        return self

    def predict(self, horizon):
        first = len(self.seen) + 1
        return [
            ForecastPoint(str(first + step), 10.0, 10 - INTERVAL, 10 + INTERVAL)
            for step in range(horizon)
        ]


pytestmark = pytest.mark.usefixtures("brief_training")


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    labels = tuple(f"{2000 + month // 12}-{month % 12 + 1:02d}" for month in range(48))
    values = np.random.default_rng(0).poisson(5, 48).astype(float)
    series = Series("faults", values, labels, "MS", 12, counts=True)
    return Forecaster(2, trials=1, workers=1, method="recursive").fit(series)


@pytest.fixture
def monthly(fitted, tmp_path) -> Watch:
    """A watch of a fresh copy of the fitted forecaster; 2004-01 comes next."""
    return Watch(load(save(fitted, tmp_path / "fresh.safetensors")))


def kinds(seen) -> list[str]:
    return [alarm.kind for alarm in seen.alarms]


def test_each_row_has_its_forecast_and_the_next_one() -> None:
    watch = Watch(Fixed())
    seen = watch.observe(10.5)
    assert (seen.row, seen.period, seen.value) == (1, "1", 10.5)
    assert seen.forecast is not None
    assert (seen.forecast.period, seen.next.period) == ("1", "2")
    assert seen.alarms == ()
    assert str(seen) == "1  10.5  forecast 10 (8.355 to 11.64)  next 2: 10 (8.355 to 11.64)"
    assert watch.observe(math.nan).to_json()["value"] is None


def test_a_value_outside_its_interval() -> None:
    seen = Watch(Fixed()).observe(13)
    assert str(seen.alarms[0]) == ("outside: 13 lies above its 90% interval, 8.355 to 11.64")
    assert kinds(Watch(Fixed()).observe(11.6)) == []
    assert "lies below" in Watch(Fixed()).observe(8).alarms[0].reason


@pytest.mark.parametrize(("shift", "side"), [(1.0, "above"), (-1.0, "below")])
def test_a_drift_inside_the_intervals(shift, side) -> None:
    watch = Watch(Fixed())
    steady = [watch.observe(value) for value in (10.4, 9.5, 10.2, 9.9, 10.1, 9.7)]
    drifted = [watch.observe(10 + shift * (1 + wobble / 10)) for wobble in range(-5, 10)]
    alarms = [alarm for seen in drifted for alarm in seen.alarms]
    assert not any(seen.alarms for seen in steady)
    assert [alarm.kind for alarm in alarms if alarm.kind != "outside"] == ["drift"]
    (drift,) = (alarm for alarm in alarms if alarm.kind == "drift")
    assert f"they lie {side} their forecasts, on average by 1." in drift.reason
    assert "about once in 1000 rows" in drift.reason


def test_a_glitch_does_not_blind_the_forecaster() -> None:
    forecaster = Fixed()
    watch = Watch(forecaster)
    (alarm,) = watch.observe(-1e9).alarms
    assert alarm.reason == (
        "-1000000000 lies below its 90% interval, 8.355 to 11.64; it counts as -10"
    )
    watch.observe(28.0)
    assert forecaster.seen == [-10.0, 28.0]


def test_one_outlier_is_no_drift() -> None:
    watch = Watch(Fixed())
    assert kinds(watch.observe(1e9)) == ["outside"]
    assert all(kinds(watch.observe(value)) == [] for value in (9.8, 10.1, 9.9, 10.2) * 5)


def test_false_alarms_come_as_rarely_as_promised() -> None:
    drift, rows = Drift(200), 40_000
    residuals = np.random.default_rng(3).standard_normal(rows)
    alarms = sum(drift.add(residual) is not None for residual in residuals)
    assert 150 < rows / alarms < 260
    stuck = Stuck(200)
    values = np.random.default_rng(3).poisson(3, rows).astype(float)
    alarms = sum(stuck.add(value, math.sqrt(3)) is not None for value in values)
    assert alarms < rows / 200


def test_a_stuck_sensor() -> None:
    watch = Watch(Fixed())
    for value in (9.31, 10.62, 10.11, 9.87):
        assert not watch.observe(value).alarms
    told = [kinds(watch.observe(10.02)) for _ in range(8)]
    assert told.count(["stuck"]) == 1
    assert told.index(["stuck"]) <= 5
    assert watch.alarms["stuck"] == 1


def test_zeros_of_a_series_of_rare_events_are_no_stuck_sensor() -> None:
    stuck = Stuck(1000)
    assert all(stuck.add(0.0, deviation=0.3) is None for _ in range(500))


def test_missing_values_go_on_as_missing() -> None:
    forecaster = Fixed()
    watch = Watch(forecaster)
    seen = watch.observe(math.nan)
    assert str(seen.alarms[0]) == "missing: the value of 1 is missing"
    assert math.isnan(forecaster.seen[0])
    seen = watch.observe(math.nan, problem="row 7: 'x' is not a number")
    assert str(seen.alarms[0]) == ("bad: row 7: 'x' is not a number; the value is taken as missing")


def test_a_gap_is_gone_over(monthly) -> None:
    seen = monthly.observe(5, "2004-04")
    assert str(seen.alarms[0]) == ("gap: 3 periods are missing before 2004-04: 2004-01 to 2004-03")
    assert seen.forecast.period == "2004-04"
    assert seen.next.period == "2004-05"
    assert monthly.observe(5, "2004-06").alarms[0].reason == (
        "1 period is missing before 2004-06: 2004-05"
    )


@pytest.mark.parametrize("period", ["2004-01-01", "Jan 2004", "01/2004", "2004-01-31", "2004-01"])
def test_periods_may_be_written_in_any_form(monthly, period) -> None:
    seen = monthly.observe(5, period)
    assert kinds(seen) == []
    assert seen.next.period == "2004-02"


@pytest.mark.parametrize(
    ("period", "reason"),
    [
        ("2003-12", "'2003-12' comes again or too late, expected 2004-01"),
        ("soon", "'soon' is not a date, expected 2004-01"),
        ("2204-01", "'2204-01' is 2400 periods after 2004-01, more than 1000"),
    ],
)
def test_a_period_that_cannot_be_leaves_the_row_out(monthly, period, reason) -> None:
    before = monthly.next
    seen = monthly.observe(5, period)
    assert kinds(seen) == ["order"]
    assert seen.alarms[0].reason.startswith(reason)
    assert seen.alarms[0].reason.endswith("; the row is left out")
    assert seen.forecast is None
    assert seen.next == before
    assert "forecast" not in str(seen)


def test_numbered_periods_have_gaps_too() -> None:
    forecaster = Forecaster(1, trials=1, workers=1, method="recursive")
    watch = Watch(forecaster.fit(5 + np.sin(np.arange(40) / 2)))
    assert "order" not in kinds(watch.observe(5.0, "41"))
    assert watch.observe(5.0, "43").alarms[0].reason == "1 period is missing before 43: 42"
    assert kinds(watch.observe(5.0, "43")) == ["order"]
    assert watch.observe(5.0, "run A").next.period == "45"


def test_values_that_cannot_be(monthly) -> None:
    for value in (math.inf, -math.inf, 1e31):
        with pytest.raises(DataError, match="must be from -1e30 to 1e30 or nan for missing"):
            monthly.observe(value)
    seen = monthly.observe(-3)
    assert kinds(seen) == ["bad"]
    assert "-3 is negative, but the series is one of counts" in seen.alarms[0].reason
    with pytest.raises(OptionError, match="must be from 10 to 1e9, got 5"):
        Watch(Fixed(), rows_per_false_alarm=5)
    with pytest.raises(OptionError, match="has not been fitted"):
        Watch(Forecaster(horizon=1))


def test_a_constant_series_has_no_interval_to_measure_by() -> None:
    class Constant(Fixed):
        def predict(self, horizon):
            return [ForecastPoint("1", 10.0, 10.0, 10.0)]

    watch = Watch(Constant())
    assert [kinds(watch.observe(10)) for _ in range(40)] == [[]] * 40
    assert kinds(watch.observe(11)) == ["outside"]


def test_a_saved_watch_goes_on_as_if_nothing_had_been(monthly, tmp_path) -> None:
    values = [5, 6, math.nan, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 30, 4, 5, 6]
    for value in values[:8]:
        monthly.observe(value)
    monthly.position = {"offset": 17}
    restored = load(save(monthly, tmp_path / "state"))
    assert restored.position == {"offset": 17}
    assert (restored.rows, restored.alarms) == (monthly.rows, monthly.alarms)
    for value in values[8:]:
        assert restored.observe(value).to_json() == monthly.observe(value).to_json()
    assert set(monthly.alarms) <= set(ALARMS)
    assert {"stuck", "outside"} <= set(monthly.alarms)


def test_states_that_cannot_be(monthly, tmp_path) -> None:
    with pytest.raises(OptionError, match="can be saved with a Forecaster, not with Fixed"):
        save(Watch(Fixed()), tmp_path / "state")
    sound = monthly.to_config()
    for change, said in (
        ({"rows": -1}, "rows must be a whole number"),
        ({"alarms": {"drift": "x"}}, "alarms must be counts"),
        ({"drift": None}, "drift must be an object"),
        ({"position": 3}, "position must be an object"),
        ({"more": 1}, "must have the keys"),
    ):
        with pytest.raises(OptionError, match=said):
            Watch.expected_tensors(sound | change)
    for change, said in (
        ({"drift": {"sums": [1, 2]}}, "three pairs of numbers"),
        ({"stuck": {"last": 1.0}}, "test for stuck values must be"),
        ({"stuck": sound["stuck"] | {"decimals": 99}}, "out of range"),
        ({"rows_per_false_alarm": "often"}, "from 10 to 1e9, got 'often'"),
    ):
        with pytest.raises(OptionError, match=said):
            Watch.from_config(sound | change, monthly.tensors())
    path = save(monthly, tmp_path / "state")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FileFormatError, match="truncated"):
        load(path)
