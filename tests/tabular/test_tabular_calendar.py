"""Calendars: which period follows which, and how long a season is."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from gatework.errors import OptionError
from gatework.tabular.calendar import OFF, Calendar, labels_from, read_label


@pytest.mark.parametrize(
    "alias",
    [
        "YS",
        "QS",
        "MS",
        "3MS",
        "W-MON",
        "W-SAT",
        "2W-MON",
        "D",
        "B",
        "h",
        "6h",
        "15min",
        "BME",
        "100ms",
    ],
)
def test_periods_follow_each_other_as_in_pandas(alias: str) -> None:
    calendar = Calendar.from_alias(alias)
    dates = pd.date_range("2003-12-01", periods=200, freq=alias).to_numpy().astype("M8[us]")
    assert calendar.shift(dates[0], np.arange(200)).tolist() == dates.tolist()
    assert calendar.between(dates[0], dates).tolist() == list(range(200))
    labels = calendar.labels(dates)
    assert [calendar.label(read_label(label)) for label in labels] == labels
    assert len(set(labels)) == 200


def test_dates_off_the_calendar_have_no_number() -> None:
    monday = datetime(2005, 3, 7)
    assert Calendar.from_alias("W-MON").between(monday, monday + timedelta(days=8)) == OFF
    assert Calendar.from_alias("B").between(monday, monday + timedelta(days=5)) == OFF
    assert Calendar.from_alias("2MS").between(datetime(2005, 1, 1), datetime(2005, 2, 1)) == OFF


@pytest.mark.parametrize(
    ("alias", "season"),
    [
        *[("YS", 1), ("QS", 4), ("MS", 12), ("5MS", 1), ("W-MON", 52), ("2W-MON", 26)],
        *[("5W-MON", 1), ("D", 7), ("2D", 1), ("B", 5), ("h", 24), ("6h", 4), ("7h", 1)],
        ("15min", 96),
    ],
)
def test_season_of_a_calendar(alias: str, season: int) -> None:
    assert Calendar.from_alias(alias).season == season


def test_labels_from_refuses_an_unknown_alias() -> None:
    with pytest.raises(OptionError, match="got '0D'"):
        labels_from("2005-03-07", "0D", [1])


@pytest.mark.parametrize(
    ("alias", "start"),
    [
        *[("YS", "2005-01-01"), ("QS", "2005-04-01"), ("MS", "2005-05-01"), ("D", "2005-05-18")],
        *[("W-MON", "2005-05-16"), ("W-THU", "2005-05-12"), ("h", "2005-05-18 10:00")],
        *[("15min", "2005-05-18 10:45"), ("6h", "2005-05-18 06:00")],
    ],
)
def test_when_the_period_of_a_time_begins(alias: str, start: str) -> None:
    found = Calendar.from_alias(alias).floor(datetime(2005, 5, 18, 10, 59))
    assert found.astype(datetime) == datetime.fromisoformat(start)
