"""A forecaster in the runtime: its networks with their heads, averaged, in the series' units."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="it compares with torch, which is not installed")

import torch

from gatework import runtime, save
from gatework.errors import OptionError
from gatework.examine import run_of
from gatework.forecast import Forecaster, Series
from gatework.forecast.recursive.fitted import FittedRecursive
from gatework.forecast.recursive.network import ForecastNetwork
from gatework.forecast.recursive.windows import Scaler
from tolerances import FLOAT32


def forecaster(scaler: Scaler, *, counts: bool, networks: int = 3) -> Forecaster:
    """Return a forecaster as after a fit, with networks that have learned nothing."""
    torch.manual_seed(0)
    months = tuple(f"2005-{month:02d}" for month in range(1, 9))
    tail = Series("faults", np.arange(8.0), months, "MS", 12, counts=counts)
    made = tuple(ForecastNetwork([7, 4], 0.1).eval() for _ in range(networks))
    interval = np.array([1.0, 1.5, 2.0])
    result = Forecaster(horizon=3, trials=5, method="recursive")
    result.fitted_ = FittedRecursive(made, scaler, tail, (7, 4), 0.1, -interval, interval)
    return result


def recursive(made: Forecaster) -> FittedRecursive:
    """Return the fitted networks, which a forecaster may hold of several methods."""
    assert isinstance(made.fitted_, FittedRecursive)
    return made.fitted_


@torch.no_grad()
def expected(fitted: FittedRecursive, x: np.ndarray, lowest: float) -> np.ndarray:
    """Return what the networks forecast after each step of x (B, T, 1), by torch."""
    scaled = torch.from_numpy(fitted.scaler.scale(x)).float()
    each = [fitted.scaler.restore(net(scaled)[0].double().numpy()) for net in fitted.networks]
    return np.maximum(np.mean(each, axis=0), lowest)


@pytest.mark.parametrize("storage", [None, "float64"])
@pytest.mark.parametrize(
    ("scaler", "counts"),
    [(Scaler(4.0, 2.5), False), (Scaler(1.3, 0.6, log=True), True), (Scaler(-1.0, 1.0), True)],
    ids=["plain", "logarithm", "none below 0"],
)
def test_each_step_forecasts_the_next_value(loaded, scaler, counts, storage) -> None:
    made = forecaster(scaler, counts=counts)
    model = loaded(made, storage)
    assert (model.kind, model.input_size, model.output_size) == ("forecaster", 1, 1)
    x = np.random.default_rng(0).uniform(0, 9, (2, 12, 1))
    truth = expected(recursive(made), x, 0.0 if counts else -np.inf)
    output, _ = model(x)
    np.testing.assert_allclose(output, truth, **FLOAT32._asdict())
    stepper = model.stepper(batch=2)
    stepped = np.stack([stepper.step(x[:, t].copy()) for t in range(12)], axis=1)
    np.testing.assert_array_equal(stepped, output)


def test_the_first_value_after_the_series_is_the_forecast(loaded) -> None:
    made = forecaster(Scaler(4.0, 2.5), counts=False)
    tail = made.fitted_.tail.values
    output, _ = loaded(made)(tail[:, None])
    assert output[-1, 0] == pytest.approx(made.predict()[0].value, rel=1e-5)


def test_padding_is_zero_and_a_missing_value_stays_missing(loaded) -> None:
    model = loaded(forecaster(Scaler(4.0, 2.5), counts=True))
    x = np.ones((2, 5, 1))
    output, _ = model(x, lengths=[5, 3])
    assert (output[0] != 0).all()
    assert not output[1, 3:].any()
    x[0, 2] = np.nan
    np.testing.assert_array_equal(np.isnan(model(x)[0][..., 0]), [[0, 0, 1, 1, 1], [0] * 5])


def test_the_state_names_the_networks(loaded) -> None:
    model = loaded(forecaster(Scaler(4.0, 2.5), counts=True, networks=2))
    names = ["0.forward.hidden", "0.forward.cell", "1.forward.hidden", "1.forward.cell"]
    assert list(model.initial_state(3)) == [
        f"networks.{number}.{name}" for number in range(2) for name in names
    ]


@pytest.mark.parametrize(
    ("settings", "cure"),
    [
        ({"method": "es-lstm", "trials": 1, "workers": 1}, "method='recursive'"),
        ({"method": "pretrained"}, "gatework.load(path), which reads it without torch, too"),
    ],
)
def test_a_forecaster_of_another_method_is_refused_by_name(
    tmp_path, brief_training, settings, cure
) -> None:
    values = 10 + 4 * np.sin(np.arange(40) / 2.5)
    path = save(Forecaster(horizon=2, **settings).fit(values), tmp_path / "model")
    with pytest.raises(OptionError, match=f"of the method '{settings['method']}'") as caught:
        runtime.load(path)
    assert cure in str(caught.value.hint)


def test_it_is_looked_into_as_an_estimator(loaded) -> None:
    model = loaded(forecaster(Scaler(4.0, 2.5), counts=True))
    with pytest.raises(OptionError, match="a forecaster of the runtime cannot be looked") as caught:
        run_of(model, [1.0])
    assert caught.value.hint == "gatework.load(path)"
