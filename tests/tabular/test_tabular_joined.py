"""Periods in several columns: their parts are no values."""

from gatework.forecast import read_series


def test_the_parts_of_the_periods_are_not_taken_for_values(tmp_path) -> None:
    path = tmp_path / "parts.csv"
    path.write_text("Year,Month,sold\n2020,11,5\n2020,12,7\n2021,1,6\n")
    series = read_series(path)
    assert (series.name, series.style.time_column) == ("sold", "Year + Month")
    assert series.labels == ("2020-11", "2020-12", "2021-01")
    path.write_text("date,hour,load\n2020-02-28,22,5\n2020-02-28,23,7\n2020-02-29,0,6\n")
    series = read_series(path)
    assert series.values.tolist() == [5, 7, 6]
    assert series.labels[-1] == "2020-02-29 00:00"
