"""statsforecast's models: what is done with them, and what is said where it is not there."""

import importlib.util
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from gatework.errors import MissingDependencyError
from gatework.forecast.backtest import forecast_errors
from gatework.forecast.baselines import CannotForecastError, baseline_forecasts
from gatework.forecast.baselines.automatic import AutomaticModel, automatic_models

NAMES = ("AutoETS", "AutoARIMA", "AutoTheta")


def series(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    time = np.arange(n)
    return 50 + 0.2 * time + 6 * np.sin(2 * np.pi * time / 12) + rng.normal(size=n)


def test_where_it_is_not_installed_the_reason_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsforecast", None)
    with pytest.raises(MissingDependencyError, match="AutoETS needs statsforecast") as caught:
        AutomaticModel("AutoETS", 12).prepare(series(60), 3)
    assert caught.value.hint == "pip install 'gatework[classics]'"
    result = baseline_forecasts(series(60), 48, 3, automatic_models(12))
    assert not result.forecasts
    assert list(result.left_out) == list(NAMES)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stand in for statsforecast: remembers its season and the training part's mean."""

    class Model:
        def __init__(self, season_length: int) -> None:
            self.season = season_length

        def fit(self, y: np.ndarray) -> "Model":
            if y[0] < 0:
                raise Exception("no model able to be fitted")  # as statsforecast does
            self.mean = y.mean()
            return self

        def forward(self, y: np.ndarray, h: int) -> dict[str, np.ndarray]:
            if y[-1] < 0:
                raise ZeroDivisionError("division by zero")
            return {"mean": np.full(h, self.mean)}

    models = SimpleNamespace(**dict.fromkeys(NAMES, Model))
    module = ModuleType("statsforecast")
    module.models = models  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "statsforecast", module)
    return models


@pytest.mark.usefixtures("library")
def test_a_model_is_fitted_once_and_then_run_over_the_history() -> None:
    values = series(60)
    result = baseline_forecasts(values, 48, 2, automatic_models(12))
    for name in NAMES:
        assert result.forecasts[name][[0, 5], 0] == pytest.approx(values[:48].mean())


@pytest.mark.usefixtures("library")
def test_failures_become_reasons() -> None:
    with pytest.raises(CannotForecastError, match="could not be fitted to 20 values: no model"):
        AutomaticModel("AutoETS", 1).prepare(np.r_[-1.0, np.arange(19.0)], 3)
    model = AutomaticModel("AutoETS", 1)
    with pytest.raises(CannotForecastError, match="AutoETS must be prepared"):
        model.forecast(np.arange(20.0), 3)
    model.prepare(np.arange(20.0), 3)
    with pytest.raises(CannotForecastError, match="failed during the test part: division by zero"):
        model.forecast(np.r_[np.arange(20.0), -1.0], 3)
    with pytest.raises(CannotForecastError, match="are all the same"):
        model.prepare(np.ones(20), 3)


def test_ets_and_arima_take_no_season_longer_than_24() -> None:
    assert [model.season for model in automatic_models(52)] == [1, 1, 52]
    assert [model.season for model in automatic_models(24)] == [24, 24, 24]


@pytest.mark.skipif(
    importlib.util.find_spec("statsforecast") is None,
    reason="statsforecast is not installed (it works with pandas 2 only): make test-classics",
)
@pytest.mark.parametrize("name", NAMES)
def test_the_real_ones_keep_their_parameters_over_the_history(name: str) -> None:
    values = series(150)
    model = AutomaticModel(name, 12)
    model.prepare(values[:120], 12)
    fitted = _parameters(model)
    forecasts = baseline_forecasts(values, 120, 12, [model]).forecasts[name]
    errors = forecast_errors(forecasts, values, 120)
    assert _parameters(model) == fitted
    assert np.sqrt(np.nanmean(errors**2)) < 1.8  # the noise is 1
    # One more value moves the forecast by what the fitted smoothing says, and a refit would not.
    once, again = model.forecast(values[:130], 3), model.forecast(values[:130], 3)
    np.testing.assert_array_equal(once, again)


def _parameters(model: AutomaticModel) -> str:
    fitted = model._model.model_
    return repr({key: fitted[key] for key in ("par", "coef", "arma") if key in fitted})
