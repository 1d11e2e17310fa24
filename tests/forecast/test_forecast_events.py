"""Counting events: which periods are there, which are left out, and what the notes say."""

from pathlib import Path

import pytest

from gatework.errors import DataError, OptionError
from gatework.forecast.events import Period, count_events, count_events_of_many


def log(folder: Path, *dates: str) -> Path:
    path = folder / "log.csv"
    path.write_text("when,what\n" + "".join(f"{date},fault\n" for date in dates))
    return path


def test_weeks_without_events_count_zero_and_order_does_not_matter(tmp_path: Path) -> None:
    dates = ["2005-03-27", "2005-03-07", "2005-03-08", "2005-03-08"]
    counted = count_events(log(tmp_path, *dates), date_column="when", period="week")
    assert counted.labels == ("2005-03-07", "2005-03-14", "2005-03-21")
    assert counted.values.tolist() == [3, 0, 1]
    assert (counted.frequency, counted.season, counted.counts) == ("W-MON", 52, True)
    assert counted.notes == ()


def test_a_last_week_that_may_not_be_over_is_left_out_and_noted(tmp_path: Path) -> None:
    dates = ["2005-03-09", "2005-03-15", "2005-03-25"]
    counted = count_events(log(tmp_path, *dates), date_column="when", period="week")
    assert counted.labels == ("2005-03-07", "2005-03-14")
    assert counted.notes == (
        "the first event is on 2005-03-09: the first week, 2005-03-07, may be counted in part",
        "the last event is on 2005-03-25: the last week, 2005-03-21, may not be over and is "
        "left out",
    )


@pytest.mark.parametrize(
    ("period", "dates", "labels"),
    [
        (
            "hour",
            ["2005-03-07 01:10", "2005-03-07 03:59"],
            ("2005-03-07 01:00", "2005-03-07 02:00"),
        ),
        ("day", ["2005-03-07", "2005-03-08"], ("2005-03-07", "2005-03-08")),
        ("day", ["2005-03-07 00:30", "2005-03-08 23:10"], ("2005-03-07", "2005-03-08")),
        (
            "day",
            ["2005-03-07 00:30", "2005-03-08 10:00", "2005-03-09 22:00"],
            ("2005-03-07", "2005-03-08"),
        ),
        ("week", ["2005-W10", "2005-W11"], ("2005-03-07", "2005-03-14")),
        ("month", ["2005-01-02", "2005-02-28"], ("2005-01", "2005-02")),
        ("month", ["2005-01", "2005-02"], ("2005-01", "2005-02")),
        ("quarter", ["2005-01-02", "2005-04-01", "2005-08-01"], ("2005Q1", "2005Q2")),
        ("quarter", ["2005-01", "2005-06"], ("2005Q1", "2005Q2")),
        ("year", ["2003-01-02", "2004-04-01", "2005-12-31 08:00"], ("2003", "2004", "2005")),
        ("year", ["2003", "2004"], ("2003", "2004")),
    ],
)
def test_every_period(
    tmp_path: Path, period: Period, dates: list[str], labels: tuple[str, ...]
) -> None:
    counted = count_events(log(tmp_path, *dates), date_column="when", period=period)
    assert counted.labels == labels


def test_days_and_months_are_told_apart_by_the_order_of_the_log(tmp_path: Path) -> None:
    dates = ["01/02/2005", "05/02/2005", "03/03/2005", "01/04/2005"]
    counted = count_events(log(tmp_path, *dates), date_column="when", period="month")
    assert counted.labels == ("2005-02", "2005-03")
    assert "read as day/month/year" in counted.notes[0]
    with pytest.raises(DataError, match=r"row 2: '01/02/2005' may be day/month or month/day"):
        count_events(log(tmp_path, "01/02/2005", "05/02/2005"), date_column="when", period="month")


def test_what_counting_refuses(tmp_path: Path) -> None:
    def count(*dates: str, period: str = "week", column: str = "when") -> None:
        count_events(log(tmp_path, *dates), date_column=column, period=period)  # type: ignore[arg-type]

    with pytest.raises(OptionError, match=r"period must be one of hour, day.*, got 'decade'"):
        count("2005-03-07", period="decade")
    with pytest.raises(DataError, match=r"column 'wen' is not in 'log.csv'.*\n.*--events when"):
        count("2005-03-07", column="wen")
    with pytest.raises(DataError, match="column 'when', row 3: 'soon' is not a date"):
        count("2005-03-07", "soon", "2005-04-01")
    with pytest.raises(DataError, match="column 'when', row 3: the date is empty"):
        count("2005-03-07", "", "2005-04-01")
    with pytest.raises(DataError, match="row 2: '17' is not a date"):
        count("17", "18")
    with pytest.raises(OptionError, match="dates by the month, too coarse to count by the week"):
        count("2005-03", "2005-04")
    with pytest.raises(OptionError, match="dates by the day, too coarse to count by the hour"):
        count("2005-03-07", "2005-03-08", period="hour")
    with pytest.raises(
        DataError, match="in 0 whole weeks, expected at least 2\nhint: --period day"
    ):
        count("2005-03-07", "2005-03-08")
    with pytest.raises(DataError, match="spans 8765857 periods, from 1005-03-07"):
        count("1005-03-07 10:00", "2005-03-08 10:00", period="hour")


def units(folder: Path, *rows: str) -> Path:
    path = folder / "units.csv"
    path.write_text("when,unit\n" + "".join(f"{row}\n" for row in rows))
    return path


def test_events_of_many_units_are_counted_over_the_same_periods(tmp_path: Path) -> None:
    rows = ["2005-01-31,b", "2005-03-02,a", "2005-03-30,a", "2005-04-30,b", "2005-01-05,b"]
    panel = count_events_of_many(
        units(tmp_path, *rows), id_column="unit", date_column="when", period="month"
    )
    assert panel.ids == ("b", "a")
    assert panel.values.tolist() == [[2, 0, 0, 1], [0, 0, 2, 0]]
    assert panel.labels(0) == panel.labels(1) == ["2005-01", "2005-02", "2005-03", "2005-04"]
    assert panel.counts.all()
    assert len(panel.notes) == 1
    assert "may be counted in part" in panel.notes[0]
    totals = count_events(units(tmp_path, *rows), date_column="when", period="month")
    assert panel.values.sum(axis=0).tolist() == totals.values.tolist()


def test_an_event_without_a_unit_is_named(tmp_path: Path) -> None:
    path = units(tmp_path, "2005-01-31,b", "2005-03-02,")
    with pytest.raises(
        DataError, match="column 'unit', row 3: the id is empty\nhint: write the unit"
    ):
        count_events_of_many(path, id_column="unit", date_column="when", period="month")
    with pytest.raises(OptionError, match="period must be one of"):
        count_events_of_many(path, id_column="unit", date_column="when", period="aeon")  # pyright: ignore[reportArgumentType]
