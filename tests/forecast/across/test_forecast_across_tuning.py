"""A panel is forecast by the tuned network only where that is surely better."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from brief_training import shorten_fits
from gatework import GlobalForecaster, load, save
from gatework.errors import OptionError
from gatework.forecast import Panel, Series, verdict
from gatework.forecast.across import tuning


@pytest.fixture(scope="module", autouse=True)
def brief_fits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        shorten_fits(patch)
        yield


@pytest.fixture(scope="module")
def panel() -> Panel:
    draw = np.random.default_rng(0)
    lengths = {"a": 40, "b": 50, "short": 8}
    return Panel.from_series(
        [
            Series(name, 10 + draw.normal(size=n), tuple(map(str, range(1, n + 1))))
            for name, n in lengths.items()
        ]
    )


def test_a_tuned_network_that_is_kept_is_scored_without_what_it_had_seen(
    panel, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(verdict, "SURE", 1.1)
    seen = []
    real = tuning.tuned_to

    def tuned_to(forecaster, part, network, name):
        seen.append((name, part.lengths.tolist()))
        return real(forecaster, part, network, name)

    monkeypatch.setattr(tuning, "tuned_to", tuned_to)
    forecaster = GlobalForecaster(horizon=2, levels=(0.9,), tune=True, checkpoint=tmp_path / "kept")
    forecaster.fit(panel)
    assert seen == [
        ("validation", [26, 32, 8]),
        ("test", [32, 40, 8]),
        ("all", [40, 50, 8]),
    ]
    assert forecaster.served_ == "tuned"
    assert "over the means of 2 series" in forecaster.judged_
    assert forecaster.verdict_ is not None
    assert forecaster.verdict_["origins"] == 14
    assert forecaster.held_out_.forecasts.shape == (3, 10, 2)
    assert "# tuned: the tuned network serves: on 14 origins" in repr(forecaster)
    again = load(save(forecaster, tmp_path / "model"))
    np.testing.assert_array_equal(again.predict().values, forecaster.predict().values)
    assert repr(again).endswith(forecaster.judged_)
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [
        "all",
        "test",
        "validation",
    ]


def test_a_tuned_network_that_is_not_kept_changes_nothing(panel, monkeypatch) -> None:
    monkeypatch.setattr(verdict, "SURE", 0.0)
    forecaster = GlobalForecaster(horizon=2, tune=True).fit(panel)
    plain = GlobalForecaster(horizon=2).fit(panel)
    assert forecaster.served_ == "pretrained"
    np.testing.assert_array_equal(forecaster.predict().values, plain.predict().values)
    assert forecaster.held_out_.scores() == plain.held_out_.scores()
    assert "the pretrained network serves, not the tuned network: on" in repr(forecaster)


def test_series_too_short_to_be_judged_are_not_tuned_on(panel, monkeypatch) -> None:
    monkeypatch.setattr(tuning, "tuned_to", None)
    short = GlobalForecaster(horizon=2, tune=True).fit(panel.subset(["short"]))
    assert "only from 24 values on has a series a validation part" in short.judged_
    single = GlobalForecaster(horizon=6, tune=True).fit(panel.subset(["a", "short"]))
    assert "the 6 origins of the validation part tell nothing for sure; it takes 12" in (
        single.judged_
    )


def test_a_backtest_judges_by_what_comes_before_it(panel, monkeypatch) -> None:
    monkeypatch.setattr(verdict, "SURE", 1.1)
    changed = panel.values.copy()
    changed[:, 45:] += 100
    later = Panel.from_series(
        [
            Series(name, changed[row, :n], tuple(map(str, range(1, n + 1))))
            for row, (name, n) in enumerate(zip(panel.ids, panel.lengths, strict=True))
        ]
    )
    starts = np.array([40, 44, 8])
    first, second = (
        GlobalForecaster(horizon=1, tune=True).backtest(one, starts) for one in (panel, later)
    )
    np.testing.assert_array_equal(first.forecasts[1, :2], second.forecasts[1, :2])
    untuned = GlobalForecaster(horizon=1).backtest(panel, starts)
    assert (first.forecasts[1, :2] != untuned.forecasts[1, :2]).all()


def test_what_contradicts_a_tuning_is_refused(panel) -> None:
    with pytest.raises(OptionError, match="tune tunes networks that are trained already"):
        GlobalForecaster(tune=True, epochs=3).fit(panel)
    with pytest.raises(OptionError, match="so that train=True says nothing"):
        GlobalForecaster(tune=True, train=True).fit(panel)
