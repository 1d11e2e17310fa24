"""Forecasts, backtests and scores as tables that other programs take."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from gatework.errors import OptionError
from gatework.forecast import Backtest, Panel, PanelForecast, Series, scores_frame
from gatework.forecast.frames import date_texts, dates
from gatework.forecast.panel.backtest import last_share
from gatework.forecast.result import ForecastPoint, ForecastPoints


@pytest.mark.parametrize(
    ("frequency", "label", "text"),
    [
        ("MS", "2005-03", "2005-03-01"),
        ("QS", "2005Q2", "2005-04-01"),
        ("YS", "2005", "2005-01-01"),
        ("W-MON", "2005-W10", "2005-03-07"),
        ("W-MON", "2005-03-07", "2005-03-07"),
        ("h", "2005-03-07 12:00", "2005-03-07 12:00"),
        ("h@Europe/Berlin", "2025-10-26 02:00+01:00", "2025-10-26 02:00+01:00"),
        (None, "41", 41),
    ],
)
def test_periods_are_dates_that_every_program_takes(frequency, label, text) -> None:
    assert date_texts([label], frequency) == [text]
    (found,) = dates([label], frequency)
    if frequency is None:
        assert found == 41
    else:
        assert found.replace(tzinfo=None) == pd.Timestamp(text).replace(tzinfo=None)


def test_dates_of_a_zone_stay_in_it() -> None:
    twice = ["2025-10-26 02:00+02:00", "2025-10-26 02:00+01:00"]
    first, second = dates(twice, "h@Europe/Berlin")
    assert str(first.tzinfo) == "Europe/Berlin"
    assert second.timestamp() - first.timestamp() == 3600


def made(**more) -> PanelForecast:
    values = np.arange(4.0).reshape(2, 2)
    periods = (("2005-01", "2005-02"), ("2005-03", "2005-04"))
    ends = {0.9: values - 1}, {0.9: values + 1}
    return PanelForecast(("1 / a", "2 / b"), periods, values, *ends, "MS", **more)


def test_keys_of_several_columns_stand_beside_the_id() -> None:
    frame = made(id_columns=("Store", "Dept")).to_frame()
    columns = ["unique_id", "Store", "Dept", "ds", "forecast", "lower-90", "upper-90"]
    assert list(frame) == columns
    assert frame["Dept"].tolist() == ["a", "a", "b", "b"]
    assert frame["ds"].tolist()[2] == pd.Timestamp(2005, 3, 1)
    assert list(made(id_columns=("shop",)).rows()[0]) == [columns[0], *columns[3:]]


def test_one_series_has_the_same_columns() -> None:
    series = Series("faults", np.ones(1), ("2004-12",), "MS", 12)
    points = ForecastPoints.of([ForecastPoint("2005-01", 2.0, 1.0, 3.0)], series, 0.95)
    assert points == (ForecastPoint("2005-01", 2.0, 1.0, 3.0),)
    table = points.to_frame("pyarrow")
    assert isinstance(table, pa.Table)
    (row,) = table.to_pylist()
    when = datetime.datetime(2005, 1, 1)
    told = {"unique_id": "faults", "ds": when, "forecast": 2.0, "lower-95": 1.0, "upper-95": 3.0}
    assert row == told
    with pytest.raises(OptionError, match="library must be"):
        points.to_frame("excel")  # type: ignore[arg-type]


def test_a_backtest_tells_what_was_known_and_what_came() -> None:
    labels = tuple(f"2004-{month:02d}" for month in range(1, 6))
    panel = Panel.from_series([Series("a", np.arange(5.0), labels, "MS", 12)])
    forecasts = np.array([[[2.5, 3.5], [3.5, 4.5], [4.5, 5.5]]])
    found = Backtest.of(panel, np.array([2]), forecasts, {0.8: forecasts - 1}, {0.8: forecasts + 1})
    frame = found.to_frame()
    assert list(frame) == ["unique_id", "cutoff", "ds", "y", "forecast", "lower-80", "upper-80"]
    assert [(row["cutoff"][:7], row["ds"][:7], row["y"]) for row in found.rows()] == [
        ("2004-02", "2004-03", 2.0),
        ("2004-02", "2004-04", 3.0),
        ("2004-03", "2004-04", 3.0),
        ("2004-03", "2004-05", 4.0),
        ("2004-04", "2004-05", 4.0),
    ]
    assert (frame["forecast"] - frame["y"]).tolist() == [0.5] * 5
    scores = scores_frame(found)
    assert scores["rmse"].tolist() == [0.5, 0.5]
    assert scores["steps"].tolist() == [1, 2]


def test_series_too_short_for_a_backtest_have_no_last_share() -> None:
    assert last_share(np.array([60, 13]), 0.2, 12).tolist() == [48, 13]
