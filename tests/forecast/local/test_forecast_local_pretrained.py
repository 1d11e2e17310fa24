"""The forecaster as it comes: a network that was trained on other series, nothing searched."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gatework import Forecaster, load, save
from gatework.errors import DataError, FileFormatError, InputFileError, OptionError
from gatework.forecast import Series, forecast_each
from gatework.forecast.pretrained import model, plain
from gatework.forecast.pretrained.fitted import FittedPretrained
from gatework.look import forecast_report
from gatework.storage import read_sealed, write_sealed

pytestmark = pytest.mark.usefixtures("brief_training")


def wave(n: int = 60) -> np.ndarray:
    return 10 + 4 * np.sin(np.arange(n) / 2.5)


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(horizon=4).fit(wave())


def test_nothing_is_searched_and_the_scores_are_there(fitted) -> None:
    result = fitted.result_
    assert (result.method, result.trials, result.best_parameters) == ("pretrained", (), {})
    assert {"LSTM", "last value", "trailing mean", "Holt-Winters"} <= set(result.scores)
    assert set(result.validation) == set(result.scores)
    assert any("which was trained on 4,188 other series" in note for note in result.notes)
    assert any("errors of its forecasts so far widen or narrow" in note for note in result.notes)
    networks = len(fitted.fitted_.networks)
    layers = networks * sum(layer.parameters for layer in result.layers)
    assert result.parameters == layers
    json.dumps(result.to_json(), allow_nan=False)


def test_scores_are_of_what_was_known_at_each_origin(fitted) -> None:
    result = fitted.result_
    start = result.split.test_start
    for origin in (start, start + 5):
        known = Series("a", wave()[:origin], tuple(map(str, range(origin))))
        then = FittedPretrained.of(plain.serving(), known, 4, 0.9).predict(4)
        found = result.test_forecasts[origin - start]
        np.testing.assert_allclose(found, [point.value for point in then], rtol=1e-5)
    actual = wave()[start:]
    rmse = math.sqrt(np.mean((result.test_forecast - actual) ** 2))
    assert result.scores["LSTM"][1].rmse == pytest.approx(rmse)


def test_any_horizon_and_level_can_be_asked_for(fitted) -> None:
    many = fitted.predict(40)
    assert [point.value for point in many[:4]] == pytest.approx([p.value for p in fitted.predict()])
    wide, narrow = fitted.predict(level=0.99), fitted.predict(level=0.5)
    assert (wide.level, narrow.level) == (0.99, 0.5)
    for out, within in zip(wide, narrow, strict=True):
        assert out.lower <= within.lower <= within.value <= within.upper <= out.upper
    with pytest.raises(OptionError, match="horizon must be a whole number from 1 to 10000"):
        fitted.predict(10_001)
    with pytest.raises(OptionError, match="level must be a number between 0 and 1"):
        fitted.predict(level=1.5)


def test_other_methods_have_the_level_that_they_were_fitted_for() -> None:
    forecaster = Forecaster(horizon=2, trials=1, workers=1, method="recursive").fit(wave(30))
    assert forecaster.predict(level=0.9) == forecaster.predict()
    with pytest.raises(OptionError, match=r"fitted for the level 0\.9, got 0\.5"):
        forecaster.predict(level=0.5)


@pytest.mark.parametrize("n", [1, 2, 5, 23])
def test_a_few_values_are_forecast_and_not_scored(n: int) -> None:
    forecaster = Forecaster(horizon=3).fit(wave(n))
    result = forecaster.result_
    assert (result.scores, result.origins, result.winners) == ({}, 0, {})
    assert not result.lstm_won
    assert result.notes[-1].startswith("nothing is scored: only from 24 values on")
    assert all(point.lower <= point.value <= point.upper for point in forecaster.predict())
    json.dumps(result.to_json(), allow_nan=False)


def test_a_report_of_one_value_draws_no_past() -> None:
    result = Forecaster(horizon=3).fit([5.0]).result_
    assert "The last 0" not in forecast_report(result)


def test_a_long_horizon_on_a_short_series_is_scored_as_far_as_it_goes() -> None:
    result = Forecaster(horizon=30).fit(wave(25)).result_
    assert set(result.scores["LSTM"]) == {1, 2, 3}
    assert len(result.forecast) == 30


@pytest.mark.parametrize(
    ("values", "said"),
    [([], "has no value"), ([math.nan] * 30, "series 'series' has no value")],
)
def test_no_value_at_all_is_refused(values, said) -> None:
    with pytest.raises(DataError, match=said):
        Forecaster().fit(values)


def test_a_file_goes_on_exactly_whatever_is_shipped_then(fitted, tmp_path, monkeypatch) -> None:
    path = save(fitted, tmp_path / "model")
    monkeypatch.setattr(model, "SHIPPED", tmp_path / "none")
    model.shipped.cache_clear()
    plain.serving.cache_clear()
    again = load(path)
    assert again.get_params() == fitted.get_params()
    assert again.predict(7) == fitted.predict(7)
    one = load(path).update([10.0, math.nan, 12.0])
    two = load(path).update(10.0)
    two = load(save(two, tmp_path / "later")).update(math.nan).update(12.0)
    assert one.predict() == two.predict()
    assert one.predict() != fitted.predict()
    assert [point.period for point in one.predict(2)] == ["64", "65"]
    model.shipped.cache_clear()
    plain.serving.cache_clear()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"level": 1.5}, "level must be a number between 0 and 1"),
        ({"season": 4}, "must be of one series, with its season"),
        ({"label": [""], "frequency": "MS"}, "the end of the series is not sound"),
        ({"more": 1}, "must have the keys"),
    ],
)
def test_a_file_that_is_not_sound_is_refused(fitted, tmp_path, change, message) -> None:
    sealed = read_sealed(save(fitted, tmp_path / "good"))
    config = sealed.config | {"fitted": sealed.config["fitted"] | change}
    write_sealed(tmp_path / "bad", sealed.kind, config, sealed.tensors)
    with pytest.raises(FileFormatError, match=message):
        load(tmp_path / "bad")


def test_an_update_is_the_forecast_of_the_longer_series() -> None:
    later = Forecaster(horizon=4).fit(wave(12)).update(wave(20)[12:])
    longer = Forecaster(horizon=4).fit(wave(20))
    found, expected = ([p.value for p in one.predict()] for one in (later, longer))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("given", "method"),
    [
        ({}, "pretrained"),
        ({"method": "pretrained"}, "pretrained"),
        ({"level": 0.5, "seed": 3}, "pretrained"),
        ({"trials": 1}, "es-lstm"),
        ({"budget": 1.0}, "es-lstm"),
        ({"exhaustive": True}, "es-lstm"),
        ({"model": "auto"}, "pretrained"),
        ({"workers": 1}, "es-lstm"),
        ({"ledger": "search.sqlite"}, "es-lstm"),
        ({"engine": "ray"}, "es-lstm"),
        ({"method": "recursive", "trials": 1}, "recursive"),
    ],
)
def test_arguments_of_a_search_ask_for_one(given, method) -> None:
    assert Forecaster(**given).method_taken == method


def test_a_search_that_was_not_named_is_said(tmp_path) -> None:
    forecaster = Forecaster(horizon=2, trials=1, workers=1).fit(wave(30))
    said = [note for note in forecaster.result_.notes if "a search fits networks" in note]
    assert said == [
        "with trials and workers a search fits networks to this series alone; without, the "
        "pretrained network forecasts it"
    ]
    assert forecaster.method == "pretrained"
    assert load(save(forecaster, tmp_path / "model")).predict() == forecaster.predict()
    with pytest.raises(DataError, match="has 23 values"):
        Forecaster(horizon=2, trials=1, method="es-lstm").fit(wave(23))


def test_a_damaged_network_of_the_package_is_replaced_and_said(tmp_path, monkeypatch) -> None:
    path = tmp_path / "weights"
    path.write_bytes(model.SHIPPED.read_bytes()[:-1])
    monkeypatch.setattr(model, "SHIPPED", path)
    model.shipped.cache_clear()
    plain.serving.cache_clear()
    forecaster = Forecaster(horizon=3).fit(wave(23))
    result = forecaster.result_
    names = tuple(str(number) for number in range(1, 24))
    each = forecast_each([Series("a", wave(23), names)], tmp_path / "each.jsonl", workers=1)
    model.shipped.cache_clear()
    plain.serving.cache_clear()
    said = [note for note in result.notes if note.startswith("the plain mean of smoothers")]
    assert len(said) == 1
    assert "truncated" in said[0]
    assert "# plain mean: " in repr(forecaster)
    assert "truncated" in repr(forecaster)
    assert result.to_json()["network"] == each["a"]["result"]["network"] == "plain mean"
    page = forecast_report(result, forecaster.examine())
    assert "no network weighs them" in page
    assert "truncated" in page
    assert "Gates over time" not in page
    assert all(5 < point.value < 15 for point in result.forecast)


def test_networks_of_ones_own_forecast(tmp_path) -> None:
    path = tmp_path / "own.safetensors"
    plain.plain_mean("of a test").save(path)
    forecaster = Forecaster(horizon=3, network=path).fit(wave(20))
    assert any("of a test" in note for note in forecaster.result_.notes)
    assert forecaster.predict() != Forecaster(horizon=3).fit(wave(20)).predict()
    again = load(save(forecaster, tmp_path / "model"))
    with pytest.raises(FileFormatError, match="is a model file of a forecaster, not") as caught:
        Forecaster(network=tmp_path / "model").fit(wave(20))
    assert "gatework watch" in str(caught.value.hint)
    path.write_bytes(path.read_bytes()[:-1])
    assert again.predict() == forecaster.predict()
    with pytest.raises(FileFormatError, match="truncated"):
        forecaster.fit(wave(20))
    with pytest.raises(InputFileError):
        Forecaster(network=tmp_path / "none").fit(wave(20))
    with pytest.raises(OptionError, match="network is for the method 'pretrained'"):
        Forecaster(network=path, trials=1).fit(wave(20))


def test_neither_torch_nor_pandas_is_needed() -> None:
    code = (
        "import sys\n"
        "for name in ('torch', 'pandas', 'scipy', 'statsmodels'): sys.modules[name] = None\n"
        "from gatework import Forecaster\n"
        "made = Forecaster(horizon=2).fit([3.0, 5.0, 4.0])\n"
        "print(len(made.update(6.0).predict(9)))\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "9\n"


def test_each_of_many_is_forecast_from_its_first_value_on(tmp_path: Path) -> None:
    names = tuple(str(number) for number in range(1, 31))
    many = [Series("long", wave(30), names), Series("short", wave(2), names[:2])]
    found = forecast_each(many, tmp_path / "each.jsonl", horizon=2, workers=1)
    results = {name: line["result"] for name, line in found.items()}
    assert {one["method"] for one in results.values()} == {"pretrained"}
    assert results["long"]["scores"]
    assert not results["short"]["scores"]


def test_a_run_over_it_is_its_forecast(fitted) -> None:
    numbers = range(len(fitted.fitted_.networks))
    runs = [fitted.examine(member=number) for number in numbers]
    assert runs[0].output.shape == (60, 4)
    mean = np.mean([run.output[-1] for run in runs], axis=0)
    np.testing.assert_allclose(mean, [p.value for p in fitted.predict()], rtol=1e-4)
    summary = fitted.layer_summary()
    assert [layer.kind for layer in summary] == ["linear", "lstm", "linear"]


@pytest.mark.parametrize("asked", [{"trials": 1}, {"exhaustive": True}])
def test_what_is_too_short_for_a_search_is_forecast_without_one(asked: dict[str, object]) -> None:
    values = [4.0, 6.0, 5.0, 7.0, 6.0, 5.0]
    forecaster = Forecaster(3, **asked).fit(values)  # type: ignore[arg-type]
    (name,) = asked
    assert forecaster.result_.notes[0].startswith(f"{name} ask for a search, but 6 values")
    assert forecaster.predict() == Forecaster(3).fit(values).predict()
    with pytest.raises(DataError, match="has 6 values"):
        Forecaster(3, method="es-lstm", **asked).fit(values)  # type: ignore[arg-type]
