"""Covariates with the pretrained network: a quick correction, and nothing is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatework import GlobalForecaster, load, save
from gatework.errors import DataError, FileFormatError
from gatework.forecast import Panel, Series, read_panel
from gatework.forecast.across.corrected import CorrectedModel
from gatework.forecast.panel.panel import Covariates
from gatework.storage import read_sealed, write_sealed

STEPS, AHEAD = 72, 12


def table(
    ids: str = "a", effect: float = 6.0, late: float = 0.0, seed: int = 1, times: bool = False
) -> pd.DataFrame:
    """Return monthly sales that promotions raise by ``effect``, and visits some periods later.

    The promotions of the periods to come are known; noise says nothing. With ``times`` an effect is
    that in 100 of the level, which differs from series to series.
    """
    draw, rows = np.random.default_rng(seed), []
    for number, name in enumerate(ids):
        size = STEPS + AHEAD
        promotion = (draw.random(size) < 0.25).astype(float)
        noise, visits = draw.normal(size=(2, size))
        level = 30 * (1 + number) + np.cumsum(draw.normal(0, 0.5, size))
        unit = level / 100 if times else 1.0
        sales = level + effect * unit * promotion + draw.normal(0, 1, size) * unit
        sales[3:] += late * visits[:-3]
        for step, month in enumerate(pd.date_range("2015-01-01", periods=size, freq="MS")):
            rows.append((name, month, sales[step], promotion[step], noise[step], visits[step]))
    found = pd.DataFrame(rows, columns=["id", "month", "sales", "promotion", "noise", "visits"])
    return found


def read(source: pd.DataFrame, known: int = STEPS, **covariates: object) -> Panel:
    source = source.copy()
    later = source.groupby("id").cumcount() >= known
    source.loc[later, "sales"] = np.nan
    return read_panel(
        source,
        id_column="id",
        time_column="month",
        column="sales",
        **covariates,  # type: ignore[arg-type]
    )


def errors(source: pd.DataFrame, found: np.ndarray) -> np.ndarray:
    actual = source["sales"].to_numpy().reshape(-1, STEPS + AHEAD)[:, STEPS:]
    return np.abs(found - actual)


def coming_of(forecaster: GlobalForecaster) -> np.ndarray:
    future = forecaster.panel_.covariates.future
    assert future is not None
    return future


@pytest.fixture(scope="module")
def informed() -> GlobalForecaster:
    """Return a forecaster of three series that knows what is promoted, and the visits before."""
    source = table("abc", late=3.0)
    panel = read(source, future=["promotion"], past=["visits"])
    return GlobalForecaster(horizon=AHEAD).fit(panel)


@pytest.mark.parametrize(("ids", "times"), [("a", False), ("abcd", False), ("abcd", True)])
def test_a_known_effect_is_found_and_forecasts_are_better_for_it(ids, times) -> None:
    source = table(ids, times=times)
    panel = read(source, future=["promotion", "noise"])
    forecaster = GlobalForecaster(horizon=AHEAD).fit(panel)
    promotion, noise = forecaster.covariates_
    assert (promotion.kept, noise.kept) == (True, False)
    assert promotion.share > 0.2
    assert "'promotion' is taken into account" in str(promotion)
    assert str(noise) == "'noise' explains no more than chance would, and is left out"
    future = np.zeros((len(ids), AHEAD, 2))
    plain = forecaster.predict(future=future).values
    raised = forecaster.predict(future=future + np.array([1.0, 0.0])).values - plain
    expected = 0.06 * plain if times else 6.0
    np.testing.assert_allclose(raised, np.broadcast_to(expected, raised.shape), rtol=0.25)
    alone = GlobalForecaster(horizon=AHEAD).fit(read(source))
    theirs, ours = (errors(source, one.predict().values).mean(1) for one in (alone, forecaster))
    assert (ours / theirs).mean() < 0.7


def test_intervals_are_as_wide_as_the_errors_that_remain() -> None:
    source = table("abcd", effect=12.0)
    panel = read(source, STEPS + AHEAD, future=["promotion"])
    found = GlobalForecaster(horizon=1, levels=(0.8,)).backtest(panel)
    alone = GlobalForecaster(horizon=1, levels=(0.8,)).backtest(read(source, STEPS + AHEAD))
    width, before = (np.nanmean(one.upper[0.8] - one.lower[0.8]) for one in (found, alone))
    assert width < 0.6 * before
    assert 0.6 < found.scores()[1]["coverage 0.8"] < 0.95


def test_intervals_hold_where_few_values_leave_the_effects_uncertain() -> None:
    held, months = [], [str(month) for month in range(1, 41)]
    for seed in range(16):
        draw = np.random.default_rng(seed)
        known = draw.normal(size=(1, 52, 3))
        values = 50 + draw.normal(size=52) + 6 * known[0].sum(axis=1)
        panel = Panel.from_series([Series("a", values[:40], months)])
        panel = replace(panel, covariates=Covariates(future=known, future_names=("x", "y", "z")))
        forecaster = GlobalForecaster(horizon=12, levels=(0.9,)).fit(panel)
        found, usual = forecaster.predict(), forecaster.predict(future=0 * known[:, :12])
        held.append((found.lower[0.9] <= values[40:]) & (values[40:] <= found.upper[0.9]))
        far = forecaster.predict(future=0 * known[:, :12] + 4.0)
        far_width, width = (one.upper[0.9] - one.lower[0.9] for one in (far, usual))
        assert (far_width > 1.05 * width).all()
    assert 0.87 < np.mean(held) < 0.93


def test_noise_makes_forecasts_no_worse() -> None:
    source = table("abcdef", effect=0.0, seed=3)
    known = read(source, STEPS + AHEAD, future=["promotion", "noise"], past=["visits"])
    alone = GlobalForecaster(horizon=3).backtest(read(source, STEPS + AHEAD))
    found = GlobalForecaster(horizon=3).backtest(known)
    for steps, scores in alone.scores().items():
        assert found.scores()[steps]["mae"] < 1.02 * scores["mae"]


def test_each_series_departs_from_the_common_effect() -> None:
    up, down = table("ab"), table("cd", effect=-6.0, seed=2)
    panel = read(pd.concat([up, down]), future=["promotion"])
    forecaster, coming = GlobalForecaster(horizon=3).fit(panel), np.zeros((4, 3, 1))
    plain, raised = (forecaster.predict(future=coming + one).values[:, 0] for one in (0, 1))
    np.testing.assert_allclose(raised - plain, [6, 6, -6, -6], atol=2.0)


def test_what_was_past_has_its_effect_later(informed) -> None:
    visits = {one.name: one for one in informed.covariates_}["visits"]
    assert (visits.kept, visits.lags) == (True, (3,))
    assert "'visits' with a lag of 3 is taken into account" in str(visits)
    source = table("abc", late=3.0)
    only = GlobalForecaster(horizon=AHEAD).fit(read(source, future=["promotion"]))
    ours, theirs = (errors(source, one.predict().values)[:, :3] for one in (informed, only))
    assert ours.mean() < 0.7 * theirs.mean()


def test_it_goes_on_as_a_longer_table_would(informed, tmp_path) -> None:
    source = table("abc", late=3.0)
    again = load(save(informed, tmp_path / "model"))
    assert again.covariates_ == informed.covariates_
    np.testing.assert_array_equal(again.predict().values, informed.predict().values)
    for step in range(STEPS, STEPS + 5):
        rows = source.loc[source.groupby("id").cumcount() == step, ["sales", "visits"]].to_numpy()
        again.update(rows[:, 0], past=rows[:, 1:])
    again = load(save(again, tmp_path / "later"))
    longer = read(source, STEPS + 5, future=["promotion"], past=["visits"])
    scaling, learned = informed.scaling_, informed.model_.learned
    network = informed.model_.standing.network
    told = CorrectedModel.corrected(longer, scaling, network, learned)
    coming = coming_of(again)[:, 5:8]
    expected = told.predicted(3, [0.9], (coming - scaling.future[0]) / scaling.future[1])[0]
    np.testing.assert_allclose(again.predict(3).values, expected, rtol=1e-5)
    given = coming[:, :1] + 1
    again.update([30.0, 60.0, 90.0], past=np.zeros((3, 1)), future=given)
    with pytest.raises(DataError, match="past must give 'visits' of each series"):
        again.update([30.0, 60.0, 90.0])


def test_a_backtest_knows_only_what_came_before() -> None:
    source = table("ab", late=3.0)
    starts = np.array([60, 60])
    told = {"future": ["promotion"], "past": ["visits"]}
    forecaster = GlobalForecaster(horizon=3)
    before = forecaster.backtest(read(source, STEPS, **told), starts)
    changed = source.copy()
    changed.loc[changed.groupby("id").cumcount() >= 61, "sales"] += 50.0
    after = forecaster.backtest(read(changed, STEPS, **told), starts)
    np.testing.assert_array_equal(before.forecasts[:, :2], after.forecasts[:, :2])
    fitted = GlobalForecaster(horizon=3).fit(read(source, 60, **told))
    np.testing.assert_allclose(before.forecasts[:, 0], fitted.predict().values, rtol=0.02)


def test_what_is_not_known_of_the_periods_to_come_is_named(informed) -> None:
    with pytest.raises(DataError, match=r"series 'a': 'promotion' is known for 12 of 13 periods"):
        informed.predict(13)
    assert informed.predict(13, future=np.ones((3, 13, 1))).values.shape == (3, 13)
    with pytest.raises(DataError, match="'promotion' is known for 12 of 13 periods ahead, but not"):
        informed.predict_total(13)
    with pytest.raises(DataError, match=r"future must have the shape \(3, 2, 1\), got"):
        informed.predict(2, future=np.ones((3, 3, 1)))


def test_totals_and_other_series_are_corrected_too(informed) -> None:
    coming = np.zeros((3, AHEAD, 1))
    none, all_of_them = (informed.predict_total(future=coming + one).values for one in (0, 1))
    np.testing.assert_allclose(all_of_them - none, 6.0 * AHEAD, rtol=0.2)
    other = read(table("xy", late=3.0, seed=5), future=["promotion"], past=["visits"])
    assert informed.predict_total(panel=other).values.shape == (2,)
    assert informed.examine(other).names == ("x",)


def test_other_series_are_forecast_with_the_effects_that_were_fitted(informed) -> None:
    def raised(forecaster: GlobalForecaster, panel: Panel) -> np.ndarray:
        future = np.zeros((len(panel), 3, len(panel.covariates.future_names)))
        plain, more = (forecaster.predict(3, panel=panel, future=future + n) for n in (0, 1))
        told.extend(more.notes)
        return more.values - plain.values

    told: list[str] = []
    names: dict[str, Any] = {"future": ["promotion"], "past": ["visits"]}
    found = raised(informed, read(table("bx", late=3.0, seed=5), **names))
    coming = np.zeros((3, 3, 1))
    own = [informed.predict(3, future=coming + one).values[1] for one in (0, 1)]
    np.testing.assert_allclose(found[0], own[1] - own[0], rtol=1e-6)
    np.testing.assert_allclose(found[1], 6.0, rtol=0.35)
    flat = table("bx", effect=0.0, seed=5)
    assert told[0] == "the effect of 'promotion', 'visits' is the one that was fitted"
    assert (raised(GlobalForecaster(horizon=3), read(flat, **names)) == 0).all()
    assert told[-3] == "the effects of covariates are estimated from the series given"
    raised(informed, read(table("x"), future=["promotion", "noise"]))
    assert any("as those fitted had others: 'visits', 'promotion'" in one for one in told)
    alone = informed.predict(3, panel=read(flat))
    assert alone.notes == ("'promotion', 'visits' is not in the series given, and is left out",)


def test_counts_stay_counts() -> None:
    source = table("ab", effect=0.0)
    draw = np.random.default_rng(0)
    source["sales"] = draw.poisson(1.0 + 4.0 * source["promotion"]).astype(float)
    forecaster = GlobalForecaster(horizon=AHEAD).fit(read(source, future=["promotion"]))
    found = forecaster.predict()
    assert forecaster.covariates_[0].kept
    assert found.lower[0.95].min() >= 0
    promoted = coming_of(forecaster)[:, :AHEAD, 0] == 1
    assert 3 < found.values[promoted].mean() < 7
    assert found.values[~promoted].mean() < 2.5
    total = forecaster.predict_total(levels=[0.9])
    np.testing.assert_array_equal(total.lower[0.9], np.round(total.lower[0.9]))


def test_what_says_nothing_is_left_aside() -> None:
    source = table("a").assign(always=1.0, size=3.0)
    source["gaps"] = source["promotion"].where(np.arange(len(source)) % 9 != 4)
    panel = read(source, future=["promotion", "always"], past=["gaps"], static=["size"])
    forecaster = GlobalForecaster(horizon=3, train=False).fit(panel)
    assert [one.name for one in forecaster.covariates_ if one.kept] == ["promotion"]
    assert (
        "'size' is used where networks are trained, and not here" in forecaster.check(panel).notes
    )
    few = read(source, 8, future=["promotion"])
    assert not GlobalForecaster(horizon=3).fit(few).covariates_[0].kept


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda said: said["terms"].append([3, 0]), "the term \\[3, 0\\] is of no covariate"),
        (lambda said: said.update(past=None), "past covariates must be of each series"),
        (lambda said: said.update(ahead=2), "the correction and the names are of different"),
    ],
)
def test_a_file_that_is_not_sound_is_refused(informed, tmp_path, change, message) -> None:
    sealed = read_sealed(save(informed, tmp_path / "model"), kinds={"global_forecaster"})
    change(sealed.config["corrected"])
    broken = tmp_path / "broken.safetensors"
    write_sealed(broken, "global_forecaster", sealed.config, sealed.tensors)
    with pytest.raises(FileFormatError, match=message):
        load(broken)
