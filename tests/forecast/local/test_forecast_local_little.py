"""Forecasts of series that are too short to learn from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gatework.forecast import Series
from gatework.forecast.local.little import forecast_little, usual_error


def series(values: list[float], *, season: int = 1, counts: bool = False) -> Series:
    labels = tuple(str(number) for number in range(1, len(values) + 1))
    return Series("a", np.array(values), labels, season=season, counts=counts)


@pytest.mark.parametrize(
    ("values", "season", "name", "forecast"),
    [
        ([4.0], 1, "mean", [4, 4, 4]),
        ([4.0, 6, 5, 5], 1, "mean", [5, 5, 5]),
        ([1.0, 2, 3, 4, 5], 1, "last value", [5, 5, 5]),
        ([1.0, 9, 1, 9, 1, 9], 2, "seasonal naive", [1, 9, 1]),
    ],
)
def test_the_nearest_of_simple_models_forecasts(values, season, name, forecast) -> None:
    found = forecast_little(series(values, season=season), 3, 0.9, usual=0.1)
    assert found["method"] == name
    assert [point["value"] for point in found["forecast"]] == forecast
    widths = [point["upper"] - point["lower"] for point in found["forecast"]]
    assert all(np.diff(widths) > -1e-9)
    assert widths[0] > 0
    assert f"of {len(values)} value" in found["notes"][-1]


def test_intervals_hold_about_as_often_as_they_say() -> None:
    """Of five values of noise around a level."""
    draw = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        values = 100 + 10 * draw.normal(size=6)
        (point,) = forecast_little(series(values[:5].tolist()), 1, 0.9, usual=0.14)["forecast"]
        held += point["lower"] <= values[5] <= point["upper"]
    assert 0.85 < held / 400 < 0.99


def test_counts_stay_above_0_and_nothing_is_made_up_without_others() -> None:
    found = forecast_little(series([0.0, 1, 0], counts=True), 2, 0.9, usual=math.nan)
    assert all(point["lower"] == 0 for point in found["forecast"])
    assert all(math.isfinite(point["upper"]) for point in found["forecast"])
    assert "other series" not in found["notes"][-1]
    assert math.isnan(usual_error([series([3.0]), series([0.0, 0.0])]))
    assert usual_error([series([1.0, 3.0])]) == 1.0
