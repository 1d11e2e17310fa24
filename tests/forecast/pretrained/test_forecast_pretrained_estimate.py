"""How the effect of covariates is estimated from errors one step ahead."""

from __future__ import annotations

import numpy as np
import pytest

from gatework.forecast.pretrained.estimate import SeenSeries
from gatework.forecast.pretrained.model import shipped
from gatework.forecast.pretrained.one_ahead import one_ahead


@pytest.mark.parametrize(("season", "counts"), [(1, False), (4, True)])
def test_forecasts_one_ahead_are_those_of_a_stream(season: int, counts: bool) -> None:
    draw = np.random.default_rng(season)
    values = draw.poisson(2.0, (3, 30)).astype(float) if counts else draw.normal(3, 2, (3, 30))
    values[0, :4], values[1, 11], values[2, 20:] = np.nan, np.nan, np.nan
    expected = np.full(values.shape, np.nan)
    for known, found in shipped().rolling(values, np.array([30, 30, 20]), season, 1, 1):
        if known < 30:
            expected[:, known] = found.location[:, 0]
    found = one_ahead(shipped(), values, season)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def seen(values: np.ndarray, covariates: np.ndarray) -> SeenSeries:
    lengths = np.full(len(values), values.shape[1])
    return SeenSeries.of(values, covariates, lengths, 1)


def test_changes_know_neither_unit_nor_level() -> None:
    draw = np.random.default_rng(0)
    noise, nothing = 0.3 * draw.normal(size=(1, 80)), np.zeros((1, 80, 0))
    usual = np.abs(np.diff(noise)).mean()
    for level in (0.0, 1013.0):
        for unit in (1.0, 1e-12, 1e9):
            found = seen(unit * (level + noise), nothing).changes()
            np.testing.assert_allclose(found, unit * usual, rtol=1e-3)
    np.testing.assert_array_equal(seen(0 * noise, nothing).changes(), 1.0)
