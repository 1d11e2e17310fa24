"""The forecaster from end to end, on small series."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from brief_training import shorten_fits
from gatework import Forecaster, load, save
from gatework.errors import DataError, FileFormatError, OptionError, OutputError, ShapeError
from gatework.forecast import Series
from gatework.forecast.es_lstm.fitted import FittedSmoothing
from gatework.forecast.local.objective import Objective
from gatework.forecast.scores import winners_of
from gatework.search import SearchError, SearchInterrupted
from gatework.storage import read_sealed, write_sealed


def wave(n: int = 70) -> np.ndarray:
    return 10 + 4 * np.sin(np.arange(n) / 2.5)


def quick(**settings) -> Forecaster:
    usual = {"horizon": 4, "method": "es-lstm", "trials": 2, "workers": 1, "seed": 1}
    return Forecaster(**{**usual, **settings})


@pytest.fixture(scope="module", autouse=True)
def brief_fits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        shorten_fits(patch)
        yield


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return quick(trials=3).fit(wave())


@pytest.fixture(scope="module")
def recursive() -> Forecaster:
    return quick(trials=3, method="recursive").fit(wave())


@pytest.fixture(scope="module")
def blended() -> Forecaster:
    """Return one whose forecast is a mean of the LSTM's and a classical model's."""
    forecaster = quick(trials=1, model="auto").fit(
        wave() + np.random.default_rng(1).normal(size=70)
    )
    blend = forecaster.blend_
    assert blend is not None
    blend.weights[:] = [[0.0, 0.25, 0.5, 1.0], [0.4, 0.5, 0.25, 0.0], [0.6, 0.25, 0.25, 0.0]]
    return forecaster


def test_the_forecast_goes_on_where_the_series_ends(fitted) -> None:
    points = fitted.predict()
    assert [point.period for point in points] == ["71", "72", "73", "74"]
    assert all(point.lower <= point.value <= point.upper for point in points)
    assert points == fitted.result_.forecast
    assert fitted.predict(2) == points[:2]


def test_the_result_says_how_it_was_found(fitted) -> None:
    result = fitted.result_
    assert next(iter(result.scores)) == "LSTM"
    assert {"last value", "trailing mean", "Holt-Winters", "ARIMA"} <= set(result.scores)
    assert set(result.scores["LSTM"]) == {1, 2, 3}  # as far as a horizon of 4 reaches
    assert result.split.test_start == 56
    assert result.origins == 14
    assert result.test_forecast.shape == (14,)
    assert len(result.trials) == 3
    assert result.winners == winners_of(result.scores)
    assert any("seasonal naive is left out" in note for note in result.notes)
    per_network = sum(layer.parameters for layer in result.layers)
    assert result.parameters == 5 * per_network


def test_scores_are_those_of_the_forecasts(fitted) -> None:
    result = fitted.result_
    actual = result.series.values[result.split.test_start :]
    rmse = math.sqrt(np.mean((result.test_forecast - actual) ** 2))
    assert result.scores["LSTM"][1].rmse == pytest.approx(rmse)


def test_json_has_what_it_promises(fitted) -> None:
    import json

    found = json.loads(json.dumps(fitted.result_.to_json(), allow_nan=False))
    assert found["series"] == "series"
    assert found["horizon"] == 4
    assert found["trials"] == 3
    assert set(found["forecast"][0]) == {"period", "value", "lower", "upper"}
    assert set(found["scores"]["LSTM"]) == {"1", "2", "3"}
    assert found["lstm_won"] == all(name == "LSTM" for name in found["winners"].values())


def test_the_same_seed_gives_the_same_forecast_with_any_number_of_workers(fitted) -> None:
    again = quick(trials=3, workers=2).fit(wave())  # the fixture used one
    assert again.predict() == fitted.predict()
    assert again.result_.scores == fitted.result_.scores


def test_the_test_part_decides_nothing() -> None:
    changed = wave(40)
    changed[32:] = 10.0 + np.arange(8) % 3
    one, other = quick().fit(wave(40)).result_, quick().fit(changed).result_
    assert one.best_parameters == other.best_parameters
    assert [t.error for t in one.trials] == [t.error for t in other.trials]


def test_saved_and_loaded_it_forecasts_the_same(fitted, tmp_path) -> None:
    path = save(fitted, tmp_path / "model.safetensors")
    torch.manual_seed(0)
    before = torch.get_rng_state()
    again = load(path)
    assert torch.equal(torch.get_rng_state(), before)  # loading draws nothing
    assert again.predict() == fitted.predict()
    assert again.horizon == 4
    assert again.level == fitted.level
    with pytest.raises(OutputError, match="exists already"):
        save(fitted, path)


def test_a_loaded_forecaster_keeps_dates_and_counts(tmp_path) -> None:
    months = tuple(f"{2000 + i // 12}-{i % 12 + 1:02d}" for i in range(48))
    rng = np.random.default_rng(0)
    values = rng.poisson(1.0, 48).astype(float)
    series = Series("faults", values, months, "MS", 12, counts=True)
    forecaster = quick(trials=1).fit(series)
    again = load(save(forecaster, tmp_path / "model"))
    assert [point.period for point in again.predict()] == [
        "2004-01",
        "2004-02",
        "2004-03",
        "2004-04",
    ]
    assert again.predict() == forecaster.predict()
    assert all(point.lower >= 0 for point in again.predict())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"networks": 0}, "networks must be a whole number from 1 to 64, got 0"),
        ({"networks": 3}, "unknown tensors"),
        ({"networks": 6}, "lacks"),
        ({"values": []}, "values must be a list of at least 1"),
        ({"values": ["a"]}, r"values\[0\] must be a number"),
        ({"labels": ["1"]}, "the end of the series is not sound"),
        ({"frequency": "often"}, "the end of the series is not sound"),
        ({"deviation": 0}, "deviation must be a number from 1e-100"),
        ({"deviation": 5e-324}, "deviation must be a number from 1e-100"),
        ({"log": True, "values": [-2.0], "labels": ["1"]}, "must be at least 0"),
        ({"log": True, "mean": 1e15}, "the mean small"),
        ({"dropout": True}, "dropout must be a number"),
        ({"hidden_sizes": [10**12, 10**12]}, r"hidden_sizes\[0\] must be a whole number from 1 to"),
        ({"hidden_sizes": {}}, "hidden_sizes must be a list"),
        ({"lower": [1.0]}, "lower and upper differ"),
        ({"counts": 1}, "counts must be True or False"),
        ({"more": 1}, "must have the keys"),
    ],
)
def test_a_file_with_an_unsound_configuration_is_refused(
    recursive, tmp_path, change, message
) -> None:
    sealed = read_sealed(save(recursive, tmp_path / "good"))
    config = sealed.config | {"fitted": sealed.config["fitted"] | change}
    write_sealed(tmp_path / "bad", sealed.kind, config, sealed.tensors)
    with pytest.raises(FileFormatError, match=message):
        load(tmp_path / "bad")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"members": 0}, "members must be a whole number from 1"),
        ({"members": 3}, "unknown tensors"),
        ({"members": 6}, "lacks"),
        ({"season": 12}, "with the shape"),
        ({"horizon": True}, "horizon must be a whole number"),
        ({"series": 2}, "must be of one series"),
        ({"levels": [0.9, 0.9]}, "levels must be different numbers"),
        ({"levels": "0.9"}, "levels must be a list of at least 1"),
        ({"more": 1}, "must have the keys"),
        ({"outlook": 10**9}, "outlook must be a whole number"),
        ({"settings": {"dropout": 2.0}}, "dropout must be a number from 0 to below 1"),
        (
            {"settings": {"hidden_sizes": [10**12]}},
            r"hidden_sizes\[0\] must be a whole number from 1 to",
        ),
        ({"settings": {"hidden_sizes": [2**16]}}, "with the shape"),
        ({"settings": {"hidden_sizes": {}}}, "hidden_sizes must be a list"),
        ({"settings": {"correction": 1}}, "correction must be True or False"),
        ({"settings": {"loss": "none"}}, "loss must be one of"),
        ({"settings": {"distribution": "any"}}, "distribution must be one of"),
        ({"settings": {"more": 1}}, "must have the keys hidden_sizes, dropout"),
    ],
)
def test_a_file_with_an_unsound_model_is_refused(fitted, tmp_path, change, message) -> None:
    sealed = read_sealed(save(fitted, tmp_path / "good"))
    part = sealed.config["fitted"]
    if isinstance(change.get("settings"), dict):
        change = {"settings": part["model"]["settings"] | change["settings"]}
    config = sealed.config | {"fitted": part | {"model": part["model"] | change}}
    write_sealed(tmp_path / "bad", sealed.kind, config, sealed.tensors)
    with pytest.raises(FileFormatError, match=message):
        load(tmp_path / "bad")


@pytest.mark.parametrize("which", ["fitted", "recursive", "blended"])
def test_each_way_to_forecast_survives_its_file(which, request, tmp_path) -> None:
    forecaster = request.getfixturevalue(which)
    again = load(save(forecaster, tmp_path / "model"))
    assert again.predict() == forecaster.predict()
    assert again.get_params()["method"] == forecaster.method
    later = load(tmp_path / "model").update([10.0, math.nan, 12.0])
    other = load(tmp_path / "model").update([10.0]).update(math.nan).update(12.0)
    assert later.predict() == other.predict()
    assert later.predict() != forecaster.predict()
    assert [point.period for point in later.predict(2)] == ["74", "75"]


def test_an_updated_forecast_is_that_of_the_longer_series() -> None:
    """The networks know the series up to their training; the state goes on from there."""
    values = wave()
    forecaster = quick(trials=1).fit(values)
    fitted = forecaster.fitted_
    assert isinstance(fitted, FittedSmoothing)
    networks = fitted.model
    forecaster.update(wave(76)[70:])
    from gatework.forecast.es_lstm.problem import Problem
    from gatework.forecast.es_lstm.rolling import rolling_forecasts

    series = Series("series", wave(76), tuple(map(str, range(76))))
    problem = Problem.of_series(series, 76, 4, season=networks.season, known=70)
    whole = rolling_forecasts(networks.members, problem).values[0, -1]
    found = [point.value for point in forecaster.predict()]
    np.testing.assert_allclose(found, whole, rtol=1e-5)


def test_updates_that_cannot_be_are_refused_and_change_nothing(fitted) -> None:
    before = fitted.predict()
    with pytest.raises(DataError, match="must be finite or nan for missing"):
        fitted.update([1.0, math.inf])
    with pytest.raises(DataError, match="must be numbers"):
        fitted.update(["a"])
    with pytest.raises(ShapeError, match="labels must be 2, as the values, got 1"):
        fitted.update([1.0, 2.0], ["71"])
    with pytest.raises(OptionError, match="has not been fitted"):
        Forecaster().update(1.0)
    assert fitted.predict() == before


def test_the_blend_is_the_weighted_mean_of_its_parts(blended) -> None:
    from gatework.forecast.baselines import baselines

    ours = [point.value for point in blended.fitted_.predict(4)]
    blend = blended.blend_
    expected = blend.weights[0] * ours
    for name, share in zip(blend.classics, blend.weights[1:], strict=True):
        model = next(b for b in baselines(1) if b.name == name)
        model.prepare(blend.series.values, 4)
        expected = expected + share * model.forecast(blend.series.values, 4)
    found = [point.value for point in blended.predict()]
    np.testing.assert_allclose(found, expected)
    assert blend.classics == ("Holt-Winters", "trailing mean")
    np.testing.assert_allclose(blend.weights.sum(axis=0), 1.0)
    assert all(point.lower <= point.value <= point.upper for point in blended.predict())


def test_auto_is_scored_and_says_what_it_uses(blended) -> None:
    result = blended.result_
    assert result.model == "auto"
    assert "auto" in result.scores
    assert "auto" not in result.winners.values()
    assert set(result.validation) >= {"LSTM", "last value", "ARIMA"}
    assert any(note.startswith("auto: ") for note in result.notes)


def test_a_blend_that_is_not_sound_is_refused(blended, tmp_path) -> None:
    sealed = read_sealed(save(blended, tmp_path / "good"))
    for change, message in (
        ({"classics": ["magic", "trailing mean"]}, "no classical model 'magic'"),
        ({"shares": [[2.0] * 4] * 3}, "from 0 to 1"),
        ({"shares": [[0.5] * 4] * 3}, "add up to 1"),
        ({"shares": [[0.5, 0.5]] * 2}, "not those of its models"),
        ({"classics": ["trailing mean"], "shares": [[0.5], [0.5]]}, "differ in length"),
        ({"classic": "trailing mean", "weights": [0.5] * 4}, "classics with their shares"),
        ({"values": [1.0]}, "is not sound|labels"),
        ({"more": 1}, "must have the keys"),
    ):
        config = sealed.config | {"blend": sealed.config["blend"] | change}
        write_sealed(tmp_path / "bad", sealed.kind, config, sealed.tensors, overwrite=True)
        with pytest.raises(FileFormatError, match=message):
            load(tmp_path / "bad")


def test_a_constant_series_works_with_a_note() -> None:
    result = quick(trials=1).fit(np.full(40, 7.0)).result_
    assert [point.value for point in result.forecast] == pytest.approx([7.0] * 4, abs=1e-4)
    assert any("the series is constant" in note for note in result.notes)


def test_a_series_below_zero_works() -> None:
    result = quick(trials=1).fit(-wave(40)).result_
    assert all(point.value < 0 for point in result.forecast)


@pytest.mark.parametrize(
    ("series", "error", "message"),
    [
        (
            np.arange(23.0),
            DataError,
            "has 23 values, but learning, validating and testing with a horizon of 4",
        ),
        ([1.0, float("nan")] * 20, DataError, "must be finite, got nan"),
        (np.zeros((30, 2)), ShapeError, r"must have the shape \(n,\), got \(30, 2\)"),
        (["a"] * 40, DataError, "the series must be numbers"),
        (np.ones(40) * 1j, DataError, "must be real numbers, got complex ones"),
        (1e200 * wave(40), DataError, r"reaches up to 1.39\d*e\+201 .* up to 1e\+100"),
        (1e-200 * wave(40), DataError, "from a spread of 1e-100"),
    ],
)
def test_series_that_cannot_be_used_are_refused(series, error, message) -> None:
    with pytest.raises(error, match=message):
        quick().fit(series)


def test_all_bad_arguments_are_named_at_once() -> None:
    bad = Forecaster(horizon=0, trials=0, budget=-1.0, level=1.0, workers=0, seed=-1, resume=True)
    with pytest.raises(OptionError) as caught:
        bad.fit(wave())
    bad.set_params(method="es_lstm", model="best")
    with pytest.raises(OptionError, match=r"did you mean 'es-lstm'\?"):
        bad.fit(wave())
    with pytest.raises(OptionError, match="model must be one of lstm, auto, got 'best'"):
        bad.fit(wave())
    for part in ("horizon", "trials", "budget", "level", "workers", "seed", "resume"):
        assert part in str(caught.value), part


@pytest.mark.parametrize("wrong", ["2m", "soon", True, float("nan"), [1]])
def test_budget_and_level_that_are_no_numbers_are_refused(wrong) -> None:
    with pytest.raises(OptionError, match="budget must be a positive number of seconds") as caught:
        quick(budget=wrong, level=wrong).fit(wave())
    assert "level must be a number between 0 and 1" in str(caught.value)


class Interrupting:
    """A progress that presses Ctrl-C after the first trial."""

    def start(self, trials, seconds) -> None: ...

    def layer(self, number) -> None: ...

    def trial(self, trial, done, best) -> None:
        raise KeyboardInterrupt

    def stop(self) -> None: ...


def test_an_interrupted_search_without_a_ledger_does_not_promise_one() -> None:
    with pytest.raises(SearchInterrupted, match="nothing of it is kept") as caught:
        quick(progress=Interrupting()).fit(wave(30))
    assert "ledger='search.sqlite'" in str(caught.value.hint)


def test_a_search_that_finds_nothing_does_not_point_at_a_file_that_is_gone(monkeypatch) -> None:
    def fail(self, parameters, seed):
        raise ValueError("no luck")

    monkeypatch.setattr(Objective, "__call__", fail)
    with pytest.raises(SearchError, match=r"all 2 trials failed; the first: .*no luck") as caught:
        quick().fit(wave(30))
    assert caught.value.hint == "ledger='search.sqlite' keeps the reasons"


def test_predict_wants_a_fit_and_a_horizon_it_was_fitted_for(fitted) -> None:
    with pytest.raises(OptionError, match="has not been fitted"):
        Forecaster().predict()
    with pytest.raises(OptionError, match="must be from 1 to 4, which was fitted for, got 5"):
        fitted.predict(5)
    with pytest.raises(OptionError, match="has not been fitted"):
        save(Forecaster(), "never.safetensors")


def test_parameters_are_those_of_the_constructor() -> None:
    forecaster = Forecaster(horizon=6, seed=3)
    assert repr(forecaster) == "Forecaster(horizon=6, seed=3)"
    assert Forecaster(**forecaster.get_params()).get_params() == forecaster.get_params()
    assert forecaster.set_params(level=0.5).level == 0.5
    with pytest.raises(OptionError, match="has no parameter 'horizons'"):
        forecaster.set_params(horizons=3)


def test_a_blend_of_one_classical_model_that_an_older_version_wrote_loads(
    blended, tmp_path
) -> None:
    from gatework.forecast.baselines import TrailingMean

    sealed = read_sealed(save(blended, tmp_path / "new"))
    said = sealed.config["blend"]
    old = {name: said[name] for name in ("values", "labels")}
    old |= {"classic": "trailing mean", "weights": [0.25] * 4}
    config = sealed.config | {"blend": old}
    write_sealed(tmp_path / "old", sealed.kind, config, sealed.tensors)
    again = load(tmp_path / "old")
    ours = np.array([point.value for point in again.fitted_.predict(4)])
    model = TrailingMean()
    model.prepare(blended.blend_.series.values, 4)
    mean = model.forecast(blended.blend_.series.values, 4)
    found = [point.value for point in again.predict()]
    np.testing.assert_allclose(found, 0.25 * ours + 0.75 * mean)


def test_weights_of_a_blend_begin_alike_and_follow_the_errors() -> None:
    from gatework.forecast.local.blend import blend_of

    series = Series("s", wave(), tuple(map(str, range(len(wave())))))
    draw = np.random.default_rng(0)
    errors = {"LSTM": 1.0, "Holt-Winters": 3.0, "trailing mean": 3.0}
    few, many = (
        blend_of(series, {name: size * draw.normal(size=(n, 2)) for name, size in errors.items()})
        for n in (3, 300)
    )
    assert few.weights[0].max() < 0.6
    assert many.weights[0].min() > 0.7


def test_auto_asks_for_no_search_and_serves_one_series_alone() -> None:
    forecaster = Forecaster(4, model="auto").fit(wave(70))
    assert forecaster.result_.trials == ()
    assert forecaster.fitted_.method == "pretrained"
    far = forecaster.predict(9, levels=[0.5, 0.9])
    assert len(far) == 9
    short = Forecaster(3, model="auto").fit([4.0, 6.0, 5.0])
    assert any(note.startswith("auto: the LSTM alone") for note in short.result_.notes)
    with pytest.raises(OptionError, match="weights of model='auto' are those of one series"):
        forecaster.predict(series=[1.0, 2.0])
    with pytest.raises(OptionError, match="paths are drawn by the network alone"):
        forecaster.predict_total(4)


def test_a_mean_of_models_goes_on_over_missing_values_and_survives_its_file(tmp_path) -> None:
    values = wave(70)
    values[20] = math.nan
    forecaster = Forecaster(4, model="auto").fit(values)
    assert forecaster.blend_ is not None
    assert forecaster.blend_.series.values[20] == values[19]
    again = load(save(forecaster, tmp_path / "model"))
    assert again.predict() == forecaster.predict()
    assert all(math.isfinite(point.value) for point in again.predict())
