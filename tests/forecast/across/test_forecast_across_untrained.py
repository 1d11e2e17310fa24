"""Many series with the pretrained network: nothing is trained, everything is at once."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from gatework import Forecaster, GlobalForecaster, load, save
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.forecast import Panel, Series
from gatework.forecast.across import untrained
from gatework.forecast.across.corrected import pretrained_backtest
from gatework.forecast.across.serving import held_out_starts
from gatework.forecast.es_lstm.distributions import DISTRIBUTIONS
from gatework.forecast.es_lstm.settings import DISTRIBUTION_NAMES
from gatework.forecast.pretrained.plain import plain_mean, serving, who_serves
from gatework.look import panel_report
from gatework.storage import read_sealed, write_sealed


def series(name: str, values: object, season: int = 1) -> Series:
    numbers = np.asarray(values, float)
    labels = tuple(str(number + 1) for number in range(len(numbers)))
    counts = bool((numbers == np.round(numbers)).all())
    return Series(name, numbers, labels, None, season, counts)


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Return counts, measured values, a short series and one value."""
    draw = np.random.default_rng(0)
    return Panel.from_series(
        [
            series("faults", draw.poisson(4, 60)),
            series("load", 50 + np.cumsum(draw.normal(size=48))),
            series("short", [3.5, 4.0, 3.0]),
            series("one", [7.0]),
        ]
    )


@pytest.fixture
def fitted(panel) -> GlobalForecaster:
    return GlobalForecaster(horizon=6).fit(panel)


def test_every_series_is_forecast_without_training(fitted, panel) -> None:
    found = fitted.predict()
    assert fitted.served_ == "pretrained"
    assert repr(fitted) == "GlobalForecaster(horizon=6)  # pretrained"
    assert found.values.shape == (4, 6)
    assert found.periods[0][0] == "61"
    for level in (0.8, 0.95):
        assert np.all(found.lower[level] < found.upper[level])
    assert np.all(found.lower[0.95] <= found.lower[0.8])
    assert np.all(found.lower[0.95][0] >= 0)
    names = "'short' (3), 'one' (1)"
    said = f"fewer than 24 values, so that the forecast rests on these few: {names}"
    serves = who_serves(serving())
    assert serves.startswith("the forecast is that of the pretrained network")
    assert fitted.check(panel).notes == (serves, said)


def test_any_horizon_level_and_series_at_predict_time(fitted, panel) -> None:
    far = fitted.predict(40, levels=[0.5, 0.99])
    assert far.values.shape == (4, 40)
    assert list(far.lower) == [0.5, 0.99]
    np.testing.assert_array_equal(far.values[:, :6], fitted.predict().values)
    other = Panel.from_series([series("new", [1.0, 2.0, 1.0, 3.0])])
    found = fitted.predict(panel=other)
    assert found.ids == ("new",)
    assert fitted.panel_.ids == panel.ids
    alone = GlobalForecaster(horizon=6).predict(panel=other)
    np.testing.assert_array_equal(alone.values, found.values)


def test_frames_go_in_and_out() -> None:
    frame = pd.DataFrame(
        {
            "unique_id": ["a"] * 30 + ["b"] * 20,
            "ds": [
                *pd.date_range("2000-01-01", periods=30, freq="MS"),
                *pd.date_range("2000-11-01", periods=20, freq="MS"),
            ],
            "y": np.arange(50.0) % 7,
        }
    )
    found = GlobalForecaster(horizon=2).predict(panel=frame).to_frame()
    assert found.columns[:3].tolist() == ["unique_id", "ds", "forecast"]
    assert str(found["ds"][0])[:10] == "2002-07-01"


def test_an_update_is_what_a_longer_series_would_say(panel) -> None:
    last = np.array([panel.values[row, n - 1] for row, n in enumerate(panel.lengths)])
    longer = panel.subset(["faults", "load", "short"])
    shorter = longer.cut(longer.lengths - 1)
    gone_on = GlobalForecaster(horizon=3).fit(shorter).update(last[:3])
    np.testing.assert_array_equal(
        gone_on.predict().values, GlobalForecaster(horizon=3).fit(longer).predict().values
    )
    assert gone_on.predict().periods[0][0] == "61"


def test_a_file_keeps_where_the_series_stand(fitted, tmp_path) -> None:
    again = load(save(fitted, tmp_path / "model"))
    assert again.served_ == "pretrained"
    assert again.get_params()["train"] is None
    for forecaster in (fitted, again):
        forecaster.update([1.0, np.nan, 3.0, 8.0])
    np.testing.assert_array_equal(again.predict(9).values, fitted.predict(9).values)
    np.testing.assert_array_equal(again.predict().upper[0.8], fitted.predict().upper[0.8])
    with pytest.raises(AttributeError, match="held_out_ is known once fit was called"):
        _ = again.held_out_


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"standing": None}, "either a model or a standing"),
        ({"ids": ["a", "b"]}, "different numbers"),
        ({"season": 12}, "different seasons"),
    ],
)
def test_a_file_that_is_not_sound_is_refused(fitted, tmp_path, change, message) -> None:
    sealed = read_sealed(save(fitted, tmp_path / "good"))
    write_sealed(tmp_path / "bad", sealed.kind, sealed.config | change, sealed.tensors)
    with pytest.raises(FileFormatError, match=message):
        load(tmp_path / "bad")


def test_a_backtest_is_what_was_known_at_each_origin(panel) -> None:
    forecaster = GlobalForecaster(horizon=3, levels=(0.9,))
    found = forecaster.backtest(panel, [57, 47, 2, 1])
    assert found.forecasts.shape == (4, 3, 3)
    assert not hasattr(forecaster, "model_")
    for origin in range(3):
        known = panel.cut(np.array([57 + origin, 47, 2, 1]))
        there = GlobalForecaster(horizon=3, levels=(0.9,)).fit(known).predict()
        np.testing.assert_allclose(found.forecasts[0, origin], there.values[0], rtol=1e-6)
        np.testing.assert_allclose(found.upper[0.9][0, origin], there.upper[0.9][0], rtol=1e-6)
    assert np.isnan(found.forecasts[1, 1:]).all()  # the second series has one origin
    assert np.isnan(found.forecasts[3]).all()  # and the last has none
    assert found.actual[0, 1, 0] == panel.values[0, 58]
    with pytest.raises(OptionError, match="refit_every trains anew, but the pretrained") as caught:
        forecaster.backtest(panel, refit_every=2)
    assert "train=True" in (caught.value.hint or "")
    with pytest.raises(OptionError, match="starts must be 4 whole numbers of at least 1"):
        forecaster.backtest(panel, [0, 0, 0, 0])
    with pytest.raises(DataError, match="nothing can be scored"):
        forecaster.backtest(panel, panel.lengths)


def test_held_out_are_the_last_fifth(fitted) -> None:
    held_out = fitted.held_out_
    assert held_out.forecasts.shape == (4, 12, 6)
    assert {"rmse", "coverage 0.8"} <= set(held_out.scores()[1])
    assert fitted.held_out_ is held_out


def test_what_was_kept_on_the_way_forecasts_as_from_the_first_value_on(fitted, panel) -> None:
    starts, levels = held_out_starts(panel), (0.8, 0.95)
    anew, held_out = pretrained_backtest(panel, starts, 6, levels), fitted.held_out_
    np.testing.assert_allclose(held_out.forecasts, anew.forecasts, rtol=1e-5)
    for level in levels:  # in float32 a batch rounds otherwise than another
        np.testing.assert_allclose(held_out.upper[level], anew.upper[level], rtol=1e-5)


def test_totals_and_chances_come_from_paths(fitted) -> None:
    found = fitted.predict_total(levels=[0.8], at_least=[0, 20, 10_000])
    assert found.last == ("66", "54", "9", "7")
    np.testing.assert_allclose(found.values, fitted.predict().values.sum(axis=1))
    assert np.all(found.lower[0.8] < found.values)
    assert np.all(found.values < found.upper[0.8])
    assert found.lower[0.8][0] == np.round(found.lower[0.8][0])
    assert found.chances[0][0] == 1
    assert found.chances[20][0] > 0.5  # of about 24
    assert found.chances[10_000][0] == 0
    row = found.rows()[0]
    assert list(row) == [
        "unique_id",
        "ds",
        "total",
        "lower-80",
        "upper-80",
        "at-least-0",
        "at-least-20",
        "at-least-10000",
    ]
    again = fitted.predict_total(levels=[0.8])
    np.testing.assert_array_equal(again.upper[0.8], found.upper[0.8])
    # What goes together makes the total less sure than the periods, but not as if all were one.
    apart = fitted.predict(levels=[0.8])
    widths = (apart.upper[0.8] - apart.lower[0.8])[1]
    width = (found.upper[0.8] - found.lower[0.8])[1]
    assert np.sqrt((widths**2).sum()) < width <= 1.05 * widths.sum()


def test_totals_of_counts_are_whole_however_large_and_a_constant_adds_up() -> None:
    large = np.random.default_rng(7).poisson(400, 40).astype(float)
    labels = tuple(str(number) for number in range(1, 41))
    many = [Series("large", large, labels, counts=True), Series("still", np.full(40, 7.1), labels)]
    forecaster = GlobalForecaster(horizon=3).fit(many)
    found = forecaster.predict_total(levels=0.9, at_least=1200)
    assert float(found.lower[0.9][0]).is_integer()
    assert float(found.upper[0.9][0]).is_integer()
    assert [*found.chances] == [1200.0]
    np.testing.assert_allclose(forecaster.predict().values[1], 7.1, rtol=1e-12)
    assert found.values[1] == pytest.approx(3 * 7.1, rel=1e-12)


def test_paths_and_single_series_are_those_of_a_forecaster(fitted, panel) -> None:
    paths = fitted.sample_paths(4, count=20)
    assert paths.shape == (20, len(panel), 4)
    for row, name in enumerate(panel.ids):
        own = Forecaster().sample_paths(4, count=20, series=panel.series(name, missing=True))
        np.testing.assert_allclose(paths[:, row], own, rtol=1e-6)  # float32, many rows at once
    alone, other = [4.0, 6.0, 5.0, 7.0], Forecaster(horizon=2)
    for one in (alone, np.array(alone)):
        found = fitted.predict(2, level=0.5, series=one)
        own = other.predict(level=0.5, series=one)
        np.testing.assert_allclose(found.values[0], [point.value for point in own])
        np.testing.assert_allclose(found.lower[0.5][0], own.lower[0.5])
    assert fitted.predict(2, series=[alone, alone]).values.shape == (2, 2)
    with pytest.raises(OptionError, match="panel and series exclude each other"):
        fitted.predict(panel=panel, series=alone)
    with pytest.raises(OptionError, match="level and levels exclude each other"):
        fitted.predict(level=0.5, levels=0.5)


def test_whole_numbers_are_whole(panel) -> None:
    forecaster = GlobalForecaster(horizon=3, whole_numbers=True).fit(panel)
    for found in (forecaster.predict(), forecaster.predict_total()):
        for values in (found.values, *found.lower.values(), *found.upper.values()):
            assert np.all(values == np.round(values))


@pytest.mark.parametrize(
    ("option", "said"),
    [({"epochs": 1}, "epochs=1"), ({"members": 1, "loss": "smape"}, "members=1, loss='smape'")],
)
def test_options_of_training_ask_for_it(option, said) -> None:
    source = Panel.from_series([series("a", np.arange(40) % 5)])
    notes = GlobalForecaster(horizon=2, **option).check(source).notes
    assert notes == (f"networks are trained for these series because of {said}",)
    with pytest.raises(OptionError, match=f"train=False trains no network, so that {said} says"):
        GlobalForecaster(horizon=2, train=False, **option).check(source)


def test_training_is_what_is_asked_for() -> None:
    source = Panel.from_series([series("a", np.arange(40) % 5)])
    assert GlobalForecaster(train=True).check(source).notes == ()
    trained = GlobalForecaster(horizon=2, epochs=1, members=1).fit(source)
    assert repr(trained).endswith("# trained")
    with pytest.raises(OptionError, match="train must be True, False or None, got 'yes'"):
        GlobalForecaster(train="yes").check(source)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match="draw no paths"):
        trained.predict_total()
    with pytest.raises(OptionError, match="forecast the series that they are fitted to"):
        trained.predict(panel=source)
    with pytest.raises(OptionError, match=r"trained for the levels \[0.8, 0.95\], not for 0.5"):
        trained.predict(levels=[0.5])
    with pytest.raises(OptionError, match="horizon must be from 1 to 2"):
        trained.predict(3)


def test_what_cannot_be_asked_of_the_pretrained_network_is_refused(fitted, panel) -> None:
    with pytest.raises(OptionError, match="horizon must be a whole number from 1 to 10000, got 0"):
        fitted.predict(0)
    with pytest.raises(OptionError, match="levels must be numbers between 0 and 1"):
        fitted.predict(levels=[1.5])
    bare = np.array([[1.0], [np.nan]])
    with pytest.raises(DataError, match="series 'bare' has no value at all"):
        dataclasses.replace(panel.subset(["one", "short"]), ids=("a", "bare"), values=bare)


def test_it_can_be_looked_into(fitted, panel) -> None:
    run = fitted.examine(panel, series="load")
    assert run.names == ("load",)
    assert fitted.layer_summary()[0].name == "Entry"
    assert fitted.diagnose(panel).findings is not None
    with pytest.raises(OptionError, match="there is no network 7"):
        fitted.examine(panel, member=7)


def test_without_the_network_the_plain_mean_serves(panel, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(untrained, "serving", lambda: plain_mean("it is damaged"))
    forecaster = GlobalForecaster(horizon=3).fit(panel)
    assert forecaster.served_ == "plain mean"
    assert repr(forecaster).endswith("# plain mean: it is damaged")
    how = {"level": 0.95, "served": forecaster.served_}
    page = panel_report(panel, forecaster.predict(), {"LSTM": forecaster.held_out_}, **how)
    assert "no network weighs them" in page
    assert np.isfinite(forecaster.predict().upper[0.95]).all()
    assert load(save(forecaster, tmp_path / "model")).served_ == "plain mean"


def test_the_names_of_distributions_need_no_torch() -> None:
    assert tuple(DISTRIBUTIONS) == DISTRIBUTION_NAMES


def test_values_by_name_and_lists_of_values_are_series() -> None:
    values = {"a": [3.0, 4.0, 5.0, 4.0], "b": [1.0, 0.0, 2.0]}
    named = GlobalForecaster(2).fit(values).predict()
    assert list(named.ids) == ["a", "b"]
    listed = GlobalForecaster(2).fit(list(values.values())).predict()
    assert list(listed.ids) == ["1", "2"]
    np.testing.assert_array_equal(named.values, listed.values)
    with pytest.raises(DataError, match="must be numbers"):
        GlobalForecaster(2).fit({"a": ["x", "y"]})
