"""Classical models beside a backtest of many series."""

import numpy as np

from gatework.forecast import Panel, Series
from gatework.forecast.baselines.compare import rolling_forecasts
from gatework.forecast.baselines.panel_classic import MOST_SERIES, backtest_classics
from gatework.forecast.baselines.theta import Theta
from gatework.forecast.panel.backtest import Backtest, scales_of


def made(count: int) -> tuple[Panel, Backtest]:
    draw = np.random.default_rng(0)
    lengths = [30 + 2 * (n % 2) for n in range(count)]
    series = [
        Series(f"s{n}", 20 + draw.normal(size=length), tuple(map(str, range(1, length + 1))))
        for n, length in enumerate(lengths)
    ]
    forecasts = np.full((count, 6, 3), np.nan)
    forecasts[:, :5] = 0.0
    panel = Panel.from_series(series)
    scales = scales_of(panel, panel.lengths - 5)
    return panel, Backtest(panel.ids, forecasts, forecasts, {}, {}, scales)


def test_forecasts_are_those_of_the_model_on_each_series() -> None:
    panel, like = made(2)
    found = backtest_classics(panel, like)
    assert set(found) == {"Holt-Winters", "Theta"}
    values = panel.values[1, :32]
    own = rolling_forecasts(Theta(1), values, 27, 3)
    known = ~np.isnan(found["Theta"].forecasts[1, :5])
    np.testing.assert_allclose(found["Theta"].forecasts[1, :5][known], own[known])
    assert known.sum() == 5 + 4 + 3  # as far as there are outcomes
    assert np.isnan(found["Theta"].forecasts[1, 5]).all()


def test_thousands_of_series_do_without_them() -> None:
    panel, like = made(MOST_SERIES + 1)
    assert backtest_classics(panel, like) == {}
