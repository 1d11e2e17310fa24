"""Windows, scaling and the recursion."""

import numpy as np
import pytest
import torch
from torch import nn

from gatework.forecast.recursive.fit import average_forecasts, fit_network, mean_rmse
from gatework.forecast.recursive.network import ForecastNetwork, forecast_recursively
from gatework.forecast.recursive.windows import Scaler, origin_windows, training_windows

PARAMETERS = {
    "window": 4,
    "hidden_sizes": (6,),
    "learning_rate": 0.02,
    "dropout": 0.0,
    "transform": "none",
}


class AddOne(nn.Module):
    """A network that forecasts the last value plus one tenth of the window's first value."""

    def forward(self, x):
        return x + 0.1 * x[:, :1], None


def test_the_window_moves_on_with_each_prediction() -> None:
    found = forecast_recursively(AddOne(), np.array([[1.0, 2.0, 3.0]]), 3)
    # 3 + 0.1 * 1 = 3.1; the window is then [2, 3, 3.1], and [3, 3.1, 3.3] after that.
    assert found == pytest.approx(np.array([[3.1, 3.3, 3.6]]))


def test_each_origin_sees_what_lies_before_it_and_nothing_else() -> None:
    values = np.arange(10.0)
    windows = origin_windows(values, 3, 5, 10)
    assert windows.shape == (5, 3)
    assert windows[0].tolist() == [2.0, 3.0, 4.0]
    assert windows[-1].tolist() == [6.0, 7.0, 8.0]


def test_targets_follow_every_step() -> None:
    inputs, targets = training_windows(np.arange(12.0), 5)
    assert inputs.shape == (7, 5, 1)
    assert (targets == inputs + 1).all()
    assert targets[-1, -1, 0] == 11.0


def test_a_long_series_is_thinned_out_but_keeps_its_end() -> None:
    inputs, targets = training_windows(np.arange(50_000.0), 30)
    assert len(inputs) * 30 < 2 * 2**15
    assert len(inputs) > 1000
    assert targets[-1, -1, 0] == 49_999.0
    assert np.diff(inputs[:, 0, 0]).max() <= 30  # nothing between two windows is left out


@pytest.mark.parametrize("log", [False, True])
def test_scaling_and_back(log) -> None:
    values = np.array([0.0, 3.0, 100.0, 7.0])
    scaler = Scaler.of(values, log=log)
    scaled = scaler.scale(values)
    assert scaled.mean() == pytest.approx(0.0, abs=1e-12)
    assert scaled.std() == pytest.approx(1.0)
    assert scaler.restore(scaled) == pytest.approx(values)


def test_whatever_a_network_makes_of_a_constant_series_it_stays_constant() -> None:
    scaler = Scaler.of(np.full(5, 3.0))
    assert scaler.scale(np.array([3.0])).tolist() == [0.0]
    assert scaler.restore(np.array([-2.0, 2.0])) == pytest.approx([3.0, 3.0], abs=1e-4)


def test_what_lies_behind_the_end_changes_nothing() -> None:
    """Neither scaling nor weights may know the validation or test part."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=80)
    changed = values.copy()
    changed[50:] = 1e6

    def weights(series: np.ndarray) -> list[torch.Tensor]:
        fitted = fit_network(series, 50, PARAMETERS, 3, epochs=3)
        assert fitted.scaler == Scaler.of(values[:50])
        return list(fitted.network.state_dict().values())

    for one, other in zip(weights(values), weights(changed), strict=True):
        assert torch.equal(one, other)


def test_a_network_learns_a_sine_and_forecasts_it() -> None:
    values = np.sin(np.arange(160) / 3)
    fitted = fit_network(
        values,
        110,
        PARAMETERS | {"window": 12, "hidden_sizes": (16,)},
        1,
        validate_to=150,
        horizon=6,
    )
    found = average_forecasts([fitted], values, 12, 150, 155, 6, None)
    expected = np.array([values[origin : origin + 6] for origin in range(150, 155)])
    assert np.abs(found - expected).max() < 0.25
    assert np.abs(expected).max() > 0.9


def test_averages_end_at_the_lowest_value() -> None:
    values = np.linspace(-5, -9, 40)
    fitted = fit_network(values, 30, PARAMETERS, 1, epochs=1)
    assert (average_forecasts([fitted], values, 4, 30, 35, 2, 0.0) == 0).all()


def test_mean_rmse_is_over_the_horizons_of_the_tables() -> None:
    errors = np.zeros((4, 5))
    errors[:, 3] = 100.0  # four steps ahead is not in the tables
    errors[:, 2] = 3.0
    assert mean_rmse(errors) == pytest.approx(1.0)  # (0 + 0 + 3) / 3


def test_dropout_acts_in_a_single_layer_too() -> None:
    torch.manual_seed(0)
    network = ForecastNetwork((8,), 0.5)
    x = torch.randn(2, 5, 1)
    assert not torch.equal(network(x)[0], network(x)[0])
    network.eval()
    assert torch.equal(network(x)[0], network(x)[0])


def test_the_summary_ends_with_the_head_and_counts_every_parameter() -> None:
    network = ForecastNetwork((8, 4), 0.1)
    summary = network.layer_summary()
    assert [layer.kind for layer in summary] == ["lstm", "lstm", "linear"]
    assert sum(layer.parameters for layer in summary) == sum(
        p.numel() for p in network.parameters()
    )
