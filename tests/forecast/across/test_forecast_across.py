"""One network for many series: fit, forecast, go on, save."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gatework import GlobalForecaster, load, save
from gatework.errors import DataError, FileFormatError, OptionError
from gatework.forecast import Panel, read_panel
from gatework.forecast.es_lstm.model import SmoothingModel
from gatework.storage import read_sealed, write_sealed
from gatework.train import TrainingInterrupted


def table(months: int = 60, ahead: int = 0, seed: int = 0) -> pd.DataFrame:
    """Return three monthly series whose values rise by 6 in promoted months."""
    draw = np.random.default_rng(seed)
    rows = []
    for name, level in (("a", 20), ("b", 40), ("c", 60)):
        promotion = draw.integers(0, 2, months + ahead)
        noise = draw.normal(size=months)
        for t, period in enumerate(pd.date_range("2000-01-01", periods=months + ahead, freq="MS")):
            value = level + 6 * promotion[t] + noise[t] if t < months else np.nan
            rows.append((name, period, value, promotion[t], level))
    return pd.DataFrame(rows, columns=["id", "month", "sales", "promotion", "size"])


def panel(**options: object) -> Panel:
    source = options.pop("source", None)
    settings = {"id_column": "id", "time_column": "month", "column": "sales"}
    found = table() if source is None else source
    return read_panel(found, **settings | options)  # type: ignore[arg-type]


def quick(**settings: object) -> GlobalForecaster:
    given = {"horizon": 4, "epochs": 3, "members": 2, "hidden_sizes": (8,), **settings}
    return GlobalForecaster(**given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def fitted() -> GlobalForecaster:
    return quick().fit(panel())


@pytest.fixture(scope="module")
def informed() -> GlobalForecaster:
    source = table(ahead=8)
    return quick(epochs=80, batch_size=3, learning_rate=0.02, members=1).fit(
        panel(source=source, future=["promotion"], static=["size"], calendar=["month"])
    )


def test_every_series_is_forecast_with_intervals(fitted) -> None:
    found = fitted.predict()
    assert found.ids == ("a", "b", "c")
    assert found.periods[0] == ("2005-01", "2005-02", "2005-03", "2005-04")
    assert found.values.shape == (3, 4)
    assert np.all(np.diff(found.values[:, 0]) > 10)
    for level in (0.8, 0.95):
        assert np.all(found.lower[level] <= found.values)
        assert np.all(found.values <= found.upper[level])
    assert np.all(found.lower[0.95] <= found.lower[0.8])
    np.testing.assert_array_equal(fitted.predict(2).values, found.values[:, :2])


@pytest.mark.parametrize("library", ["pandas", "pyarrow"])
def test_forecasts_are_a_frame_of_the_users_library(fitted, library) -> None:
    import narwhals as nw

    frame = nw.from_native(fitted.predict().to_frame(library), eager_only=True)
    assert frame.columns[:5] == ["unique_id", "ds", "forecast", "lower-80", "upper-80"]
    assert str(frame["ds"][0])[:10] == "2005-01-01"
    assert frame.shape == (12, 7)
    with pytest.raises(OptionError, match="library must be"):
        fitted.predict().to_frame("excel")


def test_what_is_known_in_advance_is_used(informed) -> None:
    """Promoted months to come stand out by about as much as promoted months did."""
    found = informed.predict().values
    future = informed.panel_.covariates.future[:, :4, 0]
    promoted, plain = (
        np.array(
            [
                (row[known == which] - 20 * (1 + n)).mean()
                for n, (row, known) in enumerate(zip(found, future, strict=True))
                if (known == which).any()
            ]
        ).mean()
        for which in (1, 0)
    )
    assert 3 < promoted - plain < 9


def test_covariates_that_end_too_early_are_named() -> None:
    short = quick(epochs=1, members=1).fit(panel(source=table(ahead=2), future=["promotion"]))
    with pytest.raises(DataError, match=r"series 'a': '.*' is known for 2 of 4 periods ahead, but"):
        short.predict()
    given = np.ones((3, 4, 1))
    assert short.predict(future=given).values.shape == (3, 4)
    with pytest.raises(DataError, match=r"future must have the shape \(3, 4, 1\), got \(3, 2, 1\)"):
        short.predict(future=given[:, :2])


def test_updates_go_on_where_the_series_end(fitted, tmp_path) -> None:
    path = save(fitted, tmp_path / "model")
    one, other = load(path), load(path)
    one.update({"a": 21.0, "c": 62.0}).update([22.0, 41.0, 60.0])
    other.update([21.0, np.nan, 62.0]).update({"a": 22.0, "b": 41.0, "c": 60.0})
    np.testing.assert_array_equal(one.predict().values, other.predict().values)
    assert one.predict().periods[0][0] == "2005-03"
    assert not np.array_equal(one.predict().values, fitted.predict().values)


def test_with_covariates_it_goes_on_as_far_as_they_are_known(informed, tmp_path) -> None:
    path = save(informed, tmp_path / "model")
    again = load(path)
    np.testing.assert_allclose(again.predict().values, informed.predict().values, rtol=1e-6)
    for _ in range(4):
        again.update([20.0, 40.0, 60.0])
    assert again.predict().values.shape == (3, 4)
    further = load(save(again, tmp_path / "further"))
    np.testing.assert_allclose(further.predict().values, again.predict().values, rtol=1e-6)
    again.update([20.0, 40.0, 60.0])
    with pytest.raises(DataError, match="is known for 3 of 4 periods ahead, but not for "):
        again.predict()


def test_what_is_no_count_gets_no_distribution_of_counts() -> None:
    with pytest.raises(DataError, match="series 'a' is not one of counts") as caught:
        quick(distribution="negative_binomial").fit(panel())
    assert "student_t" in (caught.value.hint or "")


def test_covariates_of_an_update_are_asked_for_by_name() -> None:
    source = table(ahead=4)
    knowing = quick(epochs=1, members=1).fit(panel(source=source, past=["promotion"]))
    with pytest.raises(DataError, match=r"past must give 'promotion' .* 2005-01, .* got nothing"):
        knowing.update([20.0, 40.0, 60.0])
    with pytest.raises(DataError, match=r"shape \(3, 1\), got the shape \(2, 1\)"):
        knowing.update([20.0, 40.0, 60.0], past=np.ones((2, 1)))
    with pytest.raises(DataError, match="past must be numbers"):
        knowing.update([20.0, 40.0, 60.0], past=[["x"], ["y"], ["z"]])  # type: ignore[arg-type]
    knowing.update([20.0, 40.0, 60.0], past=[[1], [0], [1]])  # type: ignore[arg-type]
    assert knowing.predict().periods[0][0] == "2005-02"


def test_updates_that_cannot_be_are_refused(fitted) -> None:
    with pytest.raises(DataError, match="the values must be numbers"):
        fitted.update({"a": "many"})
    with pytest.raises(DataError, match="series 'aa' was not there") as caught:
        fitted.update({"aa": 1.0})
    assert "'a'" in str(caught.value.hint)
    with pytest.raises(DataError, match="values must be 3, one a series"):
        fitted.update([1.0])
    with pytest.raises(DataError, match="series 'b': the value is infinite"):
        fitted.update([1.0, np.inf, 2.0])


def test_a_backtest_is_what_fit_and_update_would_have_said() -> None:
    whole = panel()
    forecaster = quick(epochs=2, members=1)
    found = forecaster.backtest(whole, [56, 56, 57])
    assert found.forecasts.shape == (3, 4, 4)
    assert not hasattr(forecaster, "model_")
    fitted = quick(epochs=2, members=1).fit(whole.cut(np.array([56, 56, 57])))
    first = fitted.predict()
    np.testing.assert_allclose(found.forecasts[:, 0], first.values, rtol=1e-4)
    np.testing.assert_allclose(found.lower[0.8][:, 0], first.lower[0.8], rtol=1e-4)
    fitted.update([whole.values[0, 56], whole.values[1, 56], whole.values[2, 57]])
    second = fitted.predict()
    np.testing.assert_allclose(found.forecasts[:, 1], second.values, rtol=1e-4)
    assert found.actual[0, 1, 0] == pytest.approx(whole.values[0, 57])
    assert np.isnan(found.forecasts[2, 3]).all()  # the third series has an origin less
    assert np.isnan(found.actual[0, 3, 1:]).all()
    scores = found.scores()
    error = found.forecasts[..., 0] - found.actual[..., 0]
    assert scores[1]["rmse"] == pytest.approx(np.sqrt(np.nanmean(error**2)))
    assert set(scores[1]) >= {"mae", "smape", "mase", "coverage 0.8", "pinball 0.95"}
    assert found.by_series()["a"][1] == pytest.approx(np.sqrt(np.nanmean(error[0] ** 2)))


def test_a_backtest_may_fit_anew() -> None:
    whole = panel()
    forecaster = quick(epochs=1, members=1)
    anew = forecaster.backtest(whole, [56, 56, 56], refit_every=2)
    later = forecaster.backtest(whole, [58, 58, 58])
    np.testing.assert_allclose(anew.forecasts[:, 2:], later.forecasts, rtol=1e-6)
    assert anew.forecasts.shape == (3, 4, 4)
    with pytest.raises(OptionError, match="refit_every must be at least 1"):
        forecaster.backtest(whole, refit_every=0)
    with pytest.raises(OptionError, match="starts must be 3 whole numbers of at least 12"):
        forecaster.backtest(whole, [50])
    with pytest.raises(DataError, match="nothing can be scored"):
        forecaster.backtest(whole, [60, 60, 60])


def test_counts_are_whole_where_asked_and_never_negative() -> None:
    source = table()
    source["sales"] = np.random.default_rng(0).poisson(0.7, len(source))
    forecaster = quick(whole_numbers=True).fit(panel(source=source))
    found = forecaster.predict()
    assert isinstance(forecaster.model_, SmoothingModel)
    assert forecaster.model_.settings.distribution == "negative_binomial"
    for values in (found.values, *found.lower.values(), *found.upper.values()):
        assert np.all(values >= 0)
        assert np.all(values == np.round(values))


@pytest.mark.parametrize("distribution", ["normal", "student_t", "quantiles", None])
def test_intervals_hold_about_as_often_as_they_say(distribution) -> None:
    """The last 12 periods were not seen; of 3 x 12 outcomes 80 % should lie inside."""
    draw = np.random.default_rng(5)
    rows = [
        (f"s{n}", period, 50 + draw.normal())
        for n in range(12)
        for period in pd.date_range("2000-01-01", periods=72, freq="MS")
    ]
    source = pd.DataFrame(rows, columns=["id", "month", "sales"])
    whole = panel(source=source)
    known = whole.cut(np.full(12, 60))
    forecaster = quick(horizon=12, epochs=10, distribution=distribution).fit(known)
    found = forecaster.predict()
    actual = whole.values[:, 60:]
    inside = (found.lower[0.8] <= actual) & (actual <= found.upper[0.8])
    assert 0.68 < inside.mean() < 0.92


def test_the_same_seed_gives_the_same_networks(fitted) -> None:
    again = quick().fit(panel())
    np.testing.assert_array_equal(again.predict().values, fitted.predict().values)
    other = quick(seed=7).fit(panel())
    assert not np.array_equal(other.predict().values, fitted.predict().values)


def test_an_interrupted_fit_goes_on(tmp_path, fitted) -> None:
    class Interrupting:
        left = 4

        def start(self, epochs, batches, done) -> None: ...

        def step(self, loss, items) -> None:
            self.left -= 1
            if not self.left:
                raise KeyboardInterrupt

        def epoch(self, number, loss, validation) -> None: ...

        def stop(self) -> None: ...

    forecaster = quick(checkpoint=tmp_path / "networks", progress=Interrupting())
    with pytest.raises(TrainingInterrupted, match="training was interrupted"):
        forecaster.fit(panel())
    assert list((tmp_path / "networks").iterdir())
    forecaster.set_params(progress=None).fit(panel())
    np.testing.assert_array_equal(forecaster.predict().values, fitted.predict().values)


def test_all_bad_arguments_are_named_at_once() -> None:
    bad = GlobalForecaster(
        horizon=0,
        members=0,
        epochs=0,
        dropout=1.0,
        hidden_sizes=(0,),
        loss="none",
        distribution="any",
        levels=(1.5,),
        batch_size=0,
        seed=-1,
        learning_rate=-1.0,
    )
    with pytest.raises(OptionError) as caught:
        bad.fit(panel())
    for name in (
        "horizon",
        "members",
        "epochs",
        "dropout",
        "hidden_sizes",
        "loss",
        "distribution",
        "levels",
        "batch_size",
        "seed",
        "learning_rate",
    ):
        assert name in str(caught.value), name


def test_series_that_are_too_short_are_named() -> None:
    short = table(8).head(8).assign(id="short")
    with pytest.raises(DataError, match="series 'short' has 8 values, but needs at least 12"):
        quick().fit(panel(source=short))
    with pytest.raises(DataError, match="the longest series has 60 periods, but a horizon of 31"):
        quick(horizon=31).fit(panel())


def test_series_of_few_values_are_forecast_beside_others() -> None:
    """One value rests on the other series: its interval is no narrower than most of theirs."""
    short = [table(60).head(60).tail(n).assign(id=f"of {n}") for n in (1, 5)]
    source = panel(source=pd.concat([table(), *short]))
    forecaster = quick(horizon=3, train=True).fit(source)
    found = forecaster.predict()
    level = next(iter(found.lower))
    assert isinstance(forecaster.model_, SmoothingModel)
    size = forecaster.model_.live.units[:, None]
    width = (found.upper[level] - found.lower[level]) / size
    few = [found.ids.index(name) for name in ("of 1", "of 5")]
    many = np.setdiff1d(np.arange(len(found.ids)), few)
    assert np.isfinite(found.values).all()
    assert (width[few] >= np.median(width[many], axis=0)).all()
    assert "'of 1' (1), 'of 5' (5)" in forecaster.check(source).notes[-1]
    assert len(forecaster.check(forecaster.check(source)).notes) == len(source.notes) + 1
    assert found.rows()[-1].keys() >= {"unique_id", "ds", "forecast"}


def test_data_frames_are_fitted_by_the_names_of_their_columns() -> None:
    frame = table().rename(columns={"id": "unique_id", "month": "ds", "sales": "y"})
    ours = quick().fit(frame[["unique_id", "ds", "y"]]).predict()
    assert ours.ids == panel().ids
    assert ours.to_frame().columns[:3].tolist() == ["unique_id", "ds", "forecast"]


def test_use_before_the_fit_is_refused(tmp_path) -> None:
    for use in (quick().predict, lambda: quick().update([1.0])):
        with pytest.raises(OptionError, match="has not been fitted"):
            use()
    with pytest.raises(OptionError, match="has not been fitted"):
        save(quick(), tmp_path / "model")
    assert repr(quick()).startswith("GlobalForecaster(horizon=4")
    with pytest.raises(OptionError, match="has no parameter 'depth'"):
        quick().set_params(depth=3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ids": ["a", "b"]}, "not sound|different numbers"),
        ({"ends": [["x"], ["x"], ["x"]]}, "not sound|label"),
        ({"counts": [True]}, "not sound|index"),
        ({"passed": -1}, "passed must be a whole number from 0"),
        ({"scaling": {}}, "scaling is not sound"),
        ({"more": 1}, "must have"),
        ({"settings": {}}, "settings must be"),
    ],
)
def test_a_file_that_is_not_sound_is_refused(fitted, tmp_path, change, message) -> None:
    sealed = read_sealed(save(fitted, tmp_path / "good"))
    write_sealed(tmp_path / "bad", sealed.kind, sealed.config | change, sealed.tensors)
    with pytest.raises(FileFormatError, match=message):
        load(tmp_path / "bad")
