"""Numbers that are dates, under the names that columns of dates have."""

from pathlib import Path

import pytest

from gatework.errors import DataError
from gatework.forecast import read_series

NAMES = (
    "Date", "date", "DATE:", "Date (UTC)", "ds", "time", "Timestamp", "period", "Month",
    "Datum", "Tag", "Monat", "Zeitpunkt", "Stichtag", "Buchungsdatum", "fecha", "Período",
    "data", "giorno", "jour", "dato", "tarih", "päivä", "Дата", "日期", "交易日期", "日付",
    "年月日", "날짜", "order_date", "OrderDate", "Invoice Date",
)  # fmt: skip


def read(path: Path, name: str, numbers: list[object]) -> tuple[str, tuple[str, ...]]:
    rows = "".join(f"{number};{3 * n % 5 + 2}\n" for n, number in enumerate(numbers))
    path.write_text(f"{name};faults\n{rows}")
    series = read_series(path)
    return series.name, series.labels


@pytest.mark.parametrize("name", NAMES)
def test_serial_numbers_of_spreadsheets_are_dates_under_the_name_of_one(tmp_path, name) -> None:
    found = read(tmp_path / "t.csv", name, [44927, 44928, 44929, 44930])
    assert found == ("faults", ("2023-01-01", "2023-01-02", "2023-01-03", "2023-01-04"))


def test_they_may_have_a_time_of_day(tmp_path) -> None:
    found = read(tmp_path / "t.csv", "Zeit", [44927.0, 44927.25, 44927.5, 44927.75])
    assert found[1] == tuple(f"2023-01-01 {hour:02d}:00" for hour in (0, 6, 12, 18))


def test_under_other_names_they_are_numbers(tmp_path) -> None:
    with pytest.raises(DataError, match="several columns of numbers: 'update', 'faults'"):
        read(tmp_path / "t.csv", "update", [44927, 44928, 44929])
    assert read(tmp_path / "t.csv", "hour", [44927, 44928, 44929])[1][0] == "44927"
    with pytest.raises(DataError, match="several columns of numbers: 'due_date', 'faults'"):
        read(tmp_path / "t.csv", "due_date", [3, 4, 5])


def test_years_with_a_quarter_behind_them_are_quarters(tmp_path) -> None:
    found = read(tmp_path / "t.csv", "period", [20223, 20224, 20231, 20232])
    assert found[1] == ("2022Q3", "2022Q4", "2023Q1", "2023Q2")
    assert read(tmp_path / "t.csv", "date", [20001, 20002, 20003])[1][0] == "1954-10-04"
    assert read(tmp_path / "t.csv", "period", [20001, 20002, 20003])[1][0] == "20001"
