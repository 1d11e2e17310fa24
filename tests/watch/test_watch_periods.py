"""Periods of rows against the expected one: in the series' zone, and those that it knows."""

import math

import numpy as np
import pytest

from gatework import load, save
from gatework.forecast import Forecaster, Series
from gatework.tabular.style import ReadingStyle
from gatework.watch import Watch
from gatework.watch.periods import Place, place
from gatework.watch.rows import RowReader
from gatework.watch.session import Session

UTC = ReadingStyle(zone="UTC", offsets=True)
BERLIN = ReadingStyle(zone="Europe/Berlin", offsets=False)


@pytest.mark.parametrize(
    ("label", "expected", "frequency", "style", "ahead", "called"),
    [
        ("2025-10-26T04:00+01:00", "2025-10-26 03:00", "h", UTC, 0, "2025-10-26 03:00"),
        ("2025-10-26T04:00+02:00", "2025-10-26 03:00", "h", UTC, -1, "2025-10-26 02:00"),
        ("2025-10-26T05:00:00Z", "2025-10-26 03:00", "h", UTC, 2, "2025-10-26 05:00"),
        ("3/7/2005", "2005-07-03", "D", ReadingStyle(day_first=True), 0, "2005-07-03"),
        ("3/7/2005", "2005-03-07", "D", ReadingStyle(day_first=False), 0, "2005-03-07"),
        ("2005-03-07 00:00:01", "2005-03-07 00:00", "h", ReadingStyle(tolerance=2.0), 0, None),
        ("March 2005", "2005-01", "MS", ReadingStyle(), 2, "2005-03"),
    ],
)
def test_a_time_is_read_as_the_series_was(label, expected, frequency, style, ahead, called) -> None:
    found = place(label, expected, frequency, style=style)
    assert (found.ahead, found.label) == (ahead, called or expected)


def test_the_hour_that_comes_twice_is_taken_in_turn() -> None:
    expected = ["2025-10-26 02:00+02:00", "2025-10-26 02:00+01:00"]
    for one in expected:
        found = place("2025-10-26 02:00", one, "h@Europe/Berlin", style=BERLIN)
        assert found == Place(0, None, one)


@pytest.mark.parametrize(
    ("label", "style"),
    [
        ("2025-10-26T03:00+01:00", ReadingStyle(offsets=False)),
        ("2025-10-26T03:00Z", BERLIN),
        ("2025-10-26 03:00", UTC),
    ],
)
def test_an_offset_where_there_was_none_is_refused_and_the_other_way_round(label, style) -> None:
    found = place(label, "2025-10-26 03:00", "h", style=style, written=True)
    assert "must both have a time zone, or neither" in (found.problem or "")
    assert found.label is None


pytestmark = pytest.mark.usefixtures("brief_training")


@pytest.fixture(scope="module", params=["recursive", "es-lstm"])
def fitted(request) -> Forecaster:
    """A forecaster of daily values 1 to 40 and so on; 2005-02-10 comes next."""
    labels = tuple(str(np.datetime64("2005-01-01") + day) for day in range(40))
    series = Series("load", np.arange(1.0, 41.0) + 0.5, labels, "D", 7)
    settings = {"trials": 1, "workers": 1, "method": request.param}
    return Forecaster(1, **settings).fit(series)


def seen(watch: Watch, text: str) -> tuple[list[str], list[str]]:
    """Return the lines that a session writes of a table, and what it tells beside."""
    lines: list[str] = []
    told: list[str] = []
    session = Session(watch, RowReader(), lines.append, model="", source=None, tell=told.append)
    from gatework.watch.follow import Line

    for line in text.encode().splitlines(keepends=True):
        session.take(Line(line))
    session.finish()
    return lines, told


def test_rows_that_the_model_was_fitted_to_are_told_once(fitted, tmp_path) -> None:
    watch = Watch(load(save(fitted, tmp_path / "model")))
    table = "day,load\n2005-02-07,38.5\n2005-02-08,39.5\n09.02.2005,40.5\n2005-02-10,41\n"
    lines, told = seen(watch, table + "2005-02-09,40.5\n")
    assert told == ["3 rows are already known to the model: 2005-02-07 to 2005-02-09"]
    assert [line.partition("  ")[0] for line in lines] == ["2005-02-10", "2005-02-09"]
    assert "ALARM" not in lines[0].replace("ALARM outside", "")
    assert "ALARM order: row 6: '2005-02-09' comes again or too late" in lines[1]


def test_other_values_than_those_it_was_fitted_to_are_counted(fitted, tmp_path) -> None:
    watch = Watch(load(save(fitted, tmp_path / "model")))
    _, told = seen(watch, "day,load\n2005-02-08,39.4\n2005-02-09,\n")
    said = "2 rows are already known to the model: 2005-02-08 to 2005-02-09"
    assert told == [said + "; 1 has another value than it was fitted to"]


def test_a_state_knows_whether_a_new_row_came(fitted, tmp_path) -> None:
    watch = Watch(load(save(fitted, tmp_path / "model")))
    label, value = watch.known("2005-02-09") or ("", math.nan)
    assert (label, value) == ("2005-02-09", 40.5)
    again = load(save(watch, tmp_path / "early"))
    assert again.known("2005-02-09") == (label, value)
    again.observe(41.0)
    assert load(save(again, tmp_path / "late")).known("2005-02-09") is None
