"""What a Forecaster can be asked for beside its forecast: totals, paths, levels, other series."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gatework import Forecaster, GlobalForecaster, load, save
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.forecast import Panel, read_series
from gatework.forecast.pretrained import plain
from gatework.look import forecast_report


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(horizon=4).fit(np.random.default_rng(0).poisson(4, 30))


def test_totals_and_paths_are_those_of_the_series_in_a_panel(fitted) -> None:
    series = fitted.result_.series
    found = fitted.predict_total(5, levels=[0.5, 0.9], at_least=[1, 10_000])
    alone = fitted.predict_total(5, levels=0.5, at_least=1)
    assert alone.lower == {0.5: found.lower[0.5]}
    assert alone.chances == {1.0: found.chances[1]}
    panel = GlobalForecaster().predict_total(
        5, levels=[0.5, 0.9], at_least=[1, 10_000], panel=[series]
    )
    (one,), (other,) = found.rows(), panel.rows()
    assert one == pytest.approx(other)
    paths = fitted.sample_paths(5, count=400)
    assert paths.shape == (400, 5)
    assert np.array_equal(paths, fitted.sample_paths(5, count=400))
    inside = (paths.sum(axis=1) >= found.lower[0.9]) & (paths.sum(axis=1) <= found.upper[0.9])
    assert inside.mean() > 0.8


def test_intervals_of_counts_are_told_by_the_counts_they_hold(fitted) -> None:
    told, exact = fitted.result_.told[0], fitted.result_.forecast[0]
    assert exact.upper != round(exact.upper)
    assert exact.lower <= told.lower < told.upper <= exact.upper
    assert float(told.lower).is_integer()
    assert float(told.upper).is_integer()
    assert f"90% interval {told.lower:.0f} to {told.upper:.0f}" in forecast_report(fitted.result_)


def test_other_series_and_several_levels_are_forecast_without_a_fit(fitted) -> None:
    other = np.arange(30.0) % 7
    found = Forecaster(horizon=3).predict(4, levels=[0.8, 0.5], series=other)
    assert [*found.lower] == [0.8, 0.5]
    assert (found.lower[0.8] <= found.lower[0.5]).all()
    assert found[0].lower == found.lower[0.8][0]
    assert [*found.rows()[0]][3:] == ["lower-80", "upper-80", "lower-50", "upper-50"]
    assert found.rows() == fitted.predict(4, levels=[0.8, 0.5], series=other).rows()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"horizon": 2**62}, "horizon must be a whole number from 1 to 10000"),
        ({"horizon": 1.5}, "horizon must be a whole number from 1 to 10000, got 1.5"),
        ({"levels": [-0.5]}, "levels must be numbers between 0 and 1, got [-0.5]"),
        ({"levels": 9}, "levels must be numbers between 0 and 1, got 9"),
        ({"levels": "0.9"}, "levels must be numbers between 0 and 1, got '0.9'"),
        ({"levels": [0.9, 1]}, "levels must be numbers between 0 and 1, got [0.9, 1]"),
    ],
)
def test_what_cannot_be_asked_for_is_said_by_name(fitted, asked, said) -> None:
    with pytest.raises(OptionError, match=re.escape(said)):
        fitted.predict(**asked)
    with pytest.raises(OptionError, match=re.escape(said)):
        fitted.predict_total(**asked)


def test_a_horizon_without_end_is_refused_before_any_work() -> None:
    for kind in (Forecaster, GlobalForecaster):
        with pytest.raises(OptionError, match="horizon must be a whole number from 1 to 10000"):
            kind(horizon=2**62).check([1.0, 2.0])
    with pytest.raises(OptionError, match="at_least must be numbers"):
        Forecaster().predict_total(at_least=[float("nan")], series=[1.0, 2.0])


def test_it_says_which_network_serves(fitted, tmp_path) -> None:
    assert repr(fitted).endswith("# pretrained")
    file = tmp_path / "own.safetensors"
    plain.serving().save(file)
    one = Forecaster(network=file).fit(fitted.result_.series)
    assert one.served_ == "pretrained, from own.safetensors"
    assert "that of the network in 'own.safetensors'" in " ".join(one.result_.notes)
    panel = Panel.from_series([fitted.result_.series])
    many = GlobalForecaster(network=file).fit(panel)
    assert many.served_ == "pretrained, from own.safetensors"
    assert load(save(many, tmp_path / "many")).served_ == many.served_
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(FileFormatError, match=r"own\.safetensors"):
        Forecaster(network=file).fit(fitted.result_.series)
    with pytest.raises(FileFormatError, match=r"own\.safetensors"):
        GlobalForecaster(network=file).check(panel)
    with pytest.raises(OptionError, match="epochs=3 says nothing"):
        GlobalForecaster(network=file, epochs=3).check(panel)


def test_missing_values_are_told_and_a_stream_goes_on_alike(tmp_path) -> None:
    values = np.random.default_rng(1).poisson(4, 40).astype(float)
    gaps = values.copy()
    gaps[[0, 9, 35]] = np.nan
    found = Forecaster(horizon=2).fit(gaps)
    notes = found.result_.notes
    assert any("the series begins with 2, not 1" in note for note in notes)
    told = "2 values of 'series' are missing (values 10, 36); the network goes on over them"
    assert told in notes
    stream = Forecaster(horizon=2).fit(gaps[:20]).update(gaps[20:])
    assert stream.predict().rows() == found.predict().rows()
    assert load(save(found, tmp_path / "model")).predict() == found.predict()
    assert found.result_.to_json()["outcomes"] == {"1": 7, "2": 6}
    with pytest.raises(DataError, match="must be finite, got nan\nhint: --missing interpolate"):
        Forecaster(trials=1).check(gaps)
    page = forecast_report(found.result_, found.examine())
    assert "values 10, 36" in page
    assert "nan" not in re.sub(r"[a-z]+nan|nan[a-z]+", "", page.lower())


@pytest.mark.parametrize(
    ("label", "following"),
    [
        ("2005-03", "2005-04"),
        ("2005-03-07", "2005-03-08"),
        ("2005-03-07 12:00", "2005-03-07 13:00"),
        ("2005Q1", "2005Q2"),
        ("2005-W10", "2005-W11"),
        ("first", "2"),
    ],
)
def test_one_row_is_enough_whatever_its_period_is_called(tmp_path, label, following) -> None:
    (tmp_path / "one.csv").write_text(f"when,faults\n{label},4\n")
    found = Forecaster(horizon=1).fit(read_series(tmp_path / "one.csv")).predict()
    assert found[0].period == following
