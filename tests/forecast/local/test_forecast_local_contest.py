"""Other networks serve a series only where they are surely better than the pretrained ones."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from brief_training import shorten_fits
from gatework import Forecaster, load, save
from gatework.errors import MissingDependencyError, OptionError
from gatework.forecast import verdict
from gatework.forecast.backtest import split
from gatework.forecast.local import contest, refit
from gatework.search import read_ledger, read_start


@pytest.fixture(scope="module", autouse=True)
def brief_fits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        shorten_fits(patch)
        patch.setattr(refit, "MEMBERS", 1)
        yield


@pytest.fixture
def always(monkeypatch) -> None:
    """Let every challenger that can be judged be kept."""
    monkeypatch.setattr(verdict, "SURE", 1.1)


@pytest.fixture
def never(monkeypatch) -> None:
    monkeypatch.setattr(verdict, "SURE", 0.0)


def waves(n: int = 60) -> np.ndarray:
    return 10 + 3 * np.sin(np.arange(n)) + np.random.default_rng(0).normal(size=n)


def test_a_tuned_network_that_is_kept_forecasts_and_is_in_the_file(tmp_path: Path, always) -> None:
    forecaster = Forecaster(horizon=1, tune=True).fit(waves())
    again = Forecaster(horizon=1, tune=True).fit(waves())
    assert forecaster.predict() == again.predict() != Forecaster(horizon=1).fit(waves()).predict()
    result = forecaster.result_
    assert result.tuned
    assert result.to_json()["judged"]["kept"] is True
    assert any(note.endswith("tuned on what is forecast") for note in result.notes)
    said = (
        "  # tuned: the tuned network serves: on 10 origins of the validation part the scaled error"
    )
    assert said in repr(forecaster)
    kept = load(save(forecaster, tmp_path / "model"))
    assert kept.predict() == forecaster.predict()
    assert repr(kept) == repr(forecaster)


def test_a_tuned_network_that_is_not_kept_changes_nothing(never) -> None:
    plain = Forecaster(horizon=1).fit(waves())
    forecaster = Forecaster(horizon=1, tune=True).fit(waves())
    assert forecaster.predict() == plain.predict()
    assert forecaster.result_.scores == plain.result_.scores
    assert "the pretrained network serves, not the tuned network: on 10" in repr(forecaster)


def test_a_series_too_short_to_be_judged_is_not_tuned(monkeypatch) -> None:
    monkeypatch.setattr(contest.TunedMethod, "fit", None)
    for n in (1, 23, 60):
        forecaster = Forecaster(horizon=12, tune=True).fit(waves(n))
        assert "tell nothing for sure; it takes 24" in forecaster.judged_


def test_what_a_search_found_serves_only_where_it_is_surely_better(tmp_path: Path, never) -> None:
    searched: dict[str, Any] = {"horizon": 1, "trials": 1, "workers": 1}
    forecaster = Forecaster(**searched, ledger=tmp_path / "ledger").fit(waves())
    plain = Forecaster(horizon=1).fit(waves())
    assert forecaster.predict() == plain.predict()
    result = forecaster.result_
    assert result.method == "pretrained"
    assert len(result.trials) == len(read_ledger(tmp_path / "ledger")) == 1
    assert result.start == read_start(tmp_path / "ledger")
    assert result.start is not None
    said = f"began with the pretrained network, whose RMSE is {result.start.error:.4g} on the 5"
    assert any(said in note for note in result.notes)
    assert set(result.best_parameters) > {"hidden_sizes", "epochs"}
    assert result.judged is not None
    assert result.judged.origins == 5


def test_what_a_search_found_and_is_kept_is_in_the_file(tmp_path: Path, always) -> None:
    forecaster = Forecaster(horizon=1, trials=1, workers=1).fit(waves())
    again = load(save(forecaster, tmp_path / "model"))
    assert again.method == forecaster.result_.method == "es-lstm"
    assert again.predict() == forecaster.predict()


def test_a_search_chooses_by_one_half_and_is_judged_on_the_other(tmp_path: Path, never) -> None:
    values, later = waves(), waves()
    cut = split(60)
    half = contest.choosing(cut).test_start
    assert cut.train_end < half < cut.test_start
    later[half:] += 100
    chosen = [
        Forecaster(horizon=1, trials=1, workers=1).fit(one).result_.trials[0].error
        for one in (values, later)
    ]
    assert chosen[0] == chosen[1]


def test_a_named_method_serves_as_it_is_named(never) -> None:
    result = Forecaster(horizon=1, trials=1, workers=1, method="es-lstm").fit(waves()).result_
    assert result.method == "es-lstm"
    assert result.judged is None


def test_what_contradicts_a_tuning_is_refused() -> None:
    many: list[dict[str, Any]] = [{"trials": 1}, {"method": "recursive"}]
    for more in many:
        with pytest.raises(OptionError, match="tune is for the method 'pretrained' without"):
            Forecaster(tune=True, **more).fit(waves())
    with pytest.raises(OptionError, match="checkpoint is for tune=True"):
        Forecaster(checkpoint="there").fit(waves())


def test_without_torch_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "gatework.forecast.pretrained.tune")
    with pytest.raises(MissingDependencyError, match="tuning needs torch") as caught:
        Forecaster(horizon=1, tune=True).fit(waves())
    assert "gatework[train]" in str(caught.value.hint)
