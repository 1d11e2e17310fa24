"""Tables as people have them: every form that is read, with the numbers that come out."""

import datetime
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatework.errors import GateworkError
from gatework.forecast.reading import read_series
from gatework.forecast.series import Series
from gatework.tabular.table import read_table


def read(folder: Path, text: str | bytes, **options: object) -> Series:
    path = folder / "faults.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_series(path, **options)  # type: ignore[arg-type]


def rows(dates: list[str], delimiter: str = ",") -> str:
    body = "".join(f"{date}{delimiter}{number}\n" for number, date in enumerate(dates, 3))
    return f"date{delimiter}faults\n{body}"


PLAIN = "date,faults\n2005-01,3\n2005-02,4\n2005-03,5\n"


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode("utf-16"),
        PLAIN.replace(",", "|").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.rstrip().encode(),
        (PLAIN + "\n,\n\n").encode(),
        PLAIN.replace("\n", ",,\n").encode(),
        ("sep=;\r\n" + PLAIN.replace(",", ";")).encode(),
        b'"date","faults"\n"2005-01","3"\n"2005-02"," 4 "\n2005-03,5.0\n',
        b",date,faults\n0,2005-01,3\n1,2005-02,4\n2,2005-03,5\n",
        b'date,note,faults\n2005-01,"a, ""b""\nc",3\n2005-02,,4\n2005-03,x,5\n',
    ],
)
def test_every_way_to_write_the_same_table(tmp_path: Path, data: bytes) -> None:
    series = read(tmp_path, data)
    assert series.name == "faults"
    assert series.labels == ("2005-01", "2005-02", "2005-03")
    assert series.values.tolist() == [3, 4, 5]
    assert (series.frequency, series.season, series.counts) == ("MS", 12, True)
    assert series.notes == ()


@pytest.mark.parametrize(
    ("dates", "frequency", "labels"),
    [
        (["2005-03-07", "2005-03-14", "2005-03-21"], "W-MON", ("2005-03-07", "2005-03-21")),
        (["2004-W52", "2004-W53", "2005-W01"], "W-MON", ("2004-W52", "2005-W01")),
        (["2005-02-28", "2005-03-01", "2005-03-02"], "D", ("2005-02-28", "2005-03-02")),
        (["20050228", "20050301", "20050302"], "D", ("2005-02-28", "2005-03-02")),
        (["2005/1/31", "2005/2/28", "2005/3/31"], "MS", ("2005-01", "2005-03")),
        (["Jan 2005", "Feb 2005", "March 2005"], "MS", ("2005-01", "2005-03")),
        (["2005 Jan", "2005 Feb", "2005 Mar"], "MS", ("2005-01", "2005-03")),
        (["1 Jan 2005", "1 Feb 2005", "1 Mar 2005"], "MS", ("2005-01", "2005-03")),
        (["01/2005", "02/2005", "03/2005"], "MS", ("2005-01", "2005-03")),
        (["2005Q3", "2005Q4", "2006Q1"], "QS", ("2005Q3", "2006Q1")),
        (["Q3 2005", "Q4 2005", "Q1 2006"], "QS", ("2005Q3", "2006Q1")),
        (["2005-03-31", "2005-06-30", "2005-09-30"], "QS", ("2005Q1", "2005Q3")),
        (["2005-02-01", "2005-05-01", "2005-08-01"], "3MS", ("2005-02", "2005-08")),
        (["2003", "2004", "2005"], "YS", ("2003", "2005")),
        (["2003-12-31", "2004-12-31", "2005-12-31"], "YS", ("2003", "2005")),
        (["2001", "2003", "2005"], "2YS", ("2001", "2005")),
        (["2005-03-07 22:00", "2005-03-07 23:00", "2005-03-08"], "h", None),
        (["2005-03-07T22:00:00Z", "2005-03-07T23:00:00Z", "2005-03-08T00:00:00Z"], "h", None),
        (["3/7/2005 10:30 PM", "3/7/2005 11:30 PM", "3/8/2005 12:30 AM"], "h", None),
        (["2005-03-07 22:00", "2005-03-07 22:15", "2005-03-07 22:30"], "15min", None),
        (["13.12.2005", "14.12.2005", "15.12.2005"], "D", ("2005-12-13", "2005-12-15")),
        (["01.02.2005", "01.03.2005", "01.04.2005"], "MS", ("2005-02", "2005-04")),
        (["12/30/2005", "12/31/2005", "1/1/2006"], "D", ("2005-12-30", "2006-01-01")),
        (["30/12/2005", "31/12/2005", "1/1/2006"], "D", ("2005-12-30", "2006-01-01")),
        (["1995.0", "1995.0833", "1995.1667"], "MS", ("1995-01", "1995-03")),
        (["10", "20", "30"], None, ("10", "30")),
    ],
)
def test_every_form_of_dates(
    tmp_path: Path, dates: list[str], frequency: str | None, labels: tuple[str, str] | None
) -> None:
    series = read(tmp_path, rows(dates))
    assert series.frequency == frequency
    assert series.values.tolist() == [3, 4, 5]
    expected = labels or {"h": ("22:00", "00:00"), "15min": ("22:00", "22:30")}[frequency or ""]
    if dates[0].endswith("PM"):
        expected = ("22:30", "00:30")
    assert series.labels[0].endswith(expected[0])
    assert series.labels[-1].endswith(expected[1])


def test_business_days_skip_weekends(tmp_path: Path) -> None:
    days = [f"{day.date()}" for day in pd.bdate_range("2005-03-07", periods=15)]
    assert read(tmp_path, rows(days)).frequency == "B"


def test_days_and_months_are_told_apart_where_only_one_reading_follows_on(tmp_path: Path) -> None:
    months = [f"01/{month:02d}/{year}" for year in (2004, 2005) for month in range(1, 13)]
    series = read(tmp_path, rows(months))
    assert (series.labels[1], series.frequency) == ("2004-02", "MS")
    assert series.notes == (
        "the dates of column 'date' are read as day/month/year: only so they follow on",
    )
    with pytest.raises(GateworkError, match="row 2: '01/02/2004' may be day/month or month/day"):
        read(tmp_path, rows(months[1:9]))


def test_times_in_several_zones_are_shown_in_utc(tmp_path: Path) -> None:
    series = read(tmp_path, rows(["2005-03-27T01:00+01:00", "2005-03-27T03:00+02:00"]))
    assert series.labels == ("2005-03-27 00:00", "2005-03-27 01:00")
    assert "several time zones" in series.notes[0]
    with pytest.raises(GateworkError, match=r"row 3: .* must both have a time zone, or neither"):
        read(tmp_path, rows(["2005-03-27T01:00Z", "2005-03-27T02:00"]))


@pytest.mark.parametrize(
    ("cells", "delimiter", "expected"),
    [
        (["3,5", "4,25", "1"], ";", [3.5, 4.25, 1]),
        (["1.234,5", "1.234.567", "7"], ";", [1234.5, 1234567, 7]),
        (["1.234", "2,5", "7"], "\t", [1234, 2.5, 7]),
        (["1,234", "2,345", "7"], ";", [1.234, 2.345, 7]),
        (["1,234", "12,345,678", "7.5"], "\t", [1234, 12345678, 7.5]),
        (['"1,234"', '"2,345"', "7"], ",", [1234, 2345, 7]),
        (['"3,5"', '"4,25"', "1"], ",", [3.5, 4.25, 1]),
        (["1.234", "0.500", "7"], ",", [1.234, 0.5, 7]),
        (["1.234", "0.500", "7"], ";", [1.234, 0.5, 7]),
        (["1 234", "1\u202f234 567", "1\u00a0234,5"], ";", [1234, 1234567, 1234.5]),
        (["1'234", "-5.5", "\u22125"], ",", [1234, -5.5, -5]),
        (["1e3", "+2.5E-1", ".5"], ",", [1000, 0.25, 0.5]),
    ],
)
def test_every_way_to_write_numbers(
    tmp_path: Path, cells: list[str], delimiter: str, expected: list[float]
) -> None:
    lines = [f"date{delimiter}load"]
    lines += [f"2005-0{month}{delimiter}{cell}" for month, cell in enumerate(cells, 1)]
    assert read(tmp_path, "\n".join(lines)).values.tolist() == expected


@pytest.mark.parametrize("cells", [["1,234", "2,345"], ["1.234", "2.345"]])
def test_numbers_that_can_be_read_in_two_ways_are_not_guessed(
    tmp_path: Path, cells: list[str]
) -> None:
    text = "date\tload\n2005-01\t7\n" + "".join(f"2005-0{i}\t{c}\n" for i, c in enumerate(cells, 2))
    with pytest.raises(GateworkError, match=r"'load', row 3: '1.234' may be 1234 or 1\.234"):
        read(tmp_path, text)


GAPPY = "date,faults\n2005-01,1\n2005-02,NA\n2005-04,4\n2005-05,\n"


@pytest.mark.parametrize(
    ("missing", "expected", "note"),
    [
        ("zero", [1, 0, 0, 4, 0], "with 0"),
        ("previous", [1, 1, 1, 4, 4], "with the value before"),
        ("mean", [1, 2.5, 2.5, 4, 2.5], "with the mean of the known values"),
    ],
)
def test_every_way_to_fill(tmp_path: Path, missing: str, expected: list[float], note: str) -> None:
    series = read(tmp_path, GAPPY, missing=missing)
    assert series.values.tolist() == expected
    assert series.labels == ("2005-01", "2005-02", "2005-03", "2005-04", "2005-05")
    assert series.notes == (f"3 missing values were filled {note}, the first in period 2005-02",)
    assert series.counts


def test_empty_periods_at_the_ends_are_left_out(tmp_path: Path) -> None:
    """No end is invented: a forecast begins with the first period that is empty."""
    text = "date,faults\n2004-12,\n2005-01,1\n2005-02,NA\n2005-04,4\n2005-05,\n2005-06,\n"
    series = read(tmp_path, text, missing="interpolate")
    assert series.labels == ("2005-01", "2005-02", "2005-03", "2005-04")
    assert series.values.tolist() == [1, 2, 3, 4]
    assert series.future_labels(1) == ["2005-05"]
    assert series.notes == (
        "1 empty period before the first value is left out: the series begins with 2005-01, "
        "not 2004-12",
        "the last 2 periods are empty: the forecast begins with 2005-05",
        "2 missing values were filled by interpolation, the first in period 2005-02",
    )
    assert read(tmp_path, "date,faults\n2005-01,1\n2005-02,2\n2005-03,\n").values.tolist() == [1, 2]


@pytest.mark.parametrize("marker", ["", "NA", "nan", "NULL", "n/a", "#N/A", "-", "None"])
def test_what_stands_for_a_missing_value(tmp_path: Path, marker: str) -> None:
    series = read(
        tmp_path, f"date,faults\n2005-01,1\n2005-02,{marker}\n2005-03,3\n", missing="zero"
    )
    assert series.values.tolist() == [1, 0, 3]


def test_without_dates_the_rows_are_numbered(tmp_path: Path) -> None:
    for text in ("faults\n3\n1\n", "3\n1\n", "faults,note\n3,a\n1,b\n"):
        series = read(tmp_path, text)
        assert (series.labels, series.frequency, series.season) == (("1", "2"), None, 1)
        assert series.values.tolist() == [3, 1]
        assert series.notes == ("no column of dates was found: the rows are numbered from 1",)


def test_columns_may_be_named(tmp_path: Path) -> None:
    text = "start,end,a,b\n2005-01,2005-02,1,5\n2005-02,2005-03,2,6\n"
    series = read(tmp_path, text, column="B", time_column="end")
    assert (series.name, series.values.tolist(), series.labels[0]) == ("b", [5, 6], "2005-02")


def test_a_constant_series_works_with_a_note(tmp_path: Path) -> None:
    series = read(tmp_path, "date,faults\n2005-01,3\n2005-02,3\n")
    assert series.notes == ("the series is constant: every value is 3",)
    notes = read(tmp_path, "date,faults\n2005-01,3\n").notes
    assert not any("constant" in note for note in notes)  # of one value it says nothing


def test_negative_values_make_no_counts(tmp_path: Path) -> None:
    assert not read(tmp_path, "date,t\n2005-01,-3\n2005-02,3\n", allow_negative=True).counts
    assert not read(tmp_path, "date,t\n2005-01,-3.5\n2005-02,3\n").counts
    assert not read(tmp_path, "date,t\n2005-01,3.5\n2005-02,3\n").counts


def test_ten_thousand_rows_with_a_gap(tmp_path: Path) -> None:
    hours = pd.date_range("2005-03-07", periods=10_001, freq="h").delete(5000)
    lines = [f"{when},{index % 7}" for index, when in enumerate(hours)]
    series = read(tmp_path, "when,load\n" + "\n".join(lines), missing="previous")
    assert len(series) == 10_001
    assert series.values[4999] == series.values[5000]
    assert series.labels[-1] == f"{hours[-1]:%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("dates", "label"),
    [
        (pa.array([datetime.date(2005, 3, 7), datetime.date(2005, 3, 14)]), "2005-03-07"),
        (pa.array(pd.to_datetime(["2005-03-07 01:00", "2005-03-07 02:00"])), "2005-03-07 01:00"),
        (pa.array(["2005-01", "2005-02"]).dictionary_encode(), "2005-01"),
        (pa.array([2005, 2006]), "2005"),
    ],
)
@pytest.mark.parametrize(
    "values", [pa.array([3, 4]), pa.array([3.0, 4.0]), pa.array([Decimal("3.0"), Decimal("4.0")])]
)
def test_parquet(tmp_path: Path, dates: pa.Array, label: str, values: pa.Array) -> None:
    path = tmp_path / "faults.parquet"
    pq.write_table(pa.table({"date": dates, "faults": values}), path)
    series = read_series(path)
    assert series.values.tolist() == [3, 4]
    assert series.labels[0] == label
    assert list(read_table(path).rows) == [1, 2]


def test_parquet_written_by_pandas_keeps_its_index_of_dates(tmp_path: Path) -> None:
    index = pd.date_range("2005-01-01", periods=4, freq="MS")
    frame = pd.DataFrame({"faults": [3, 1, 4, 1]}, index=index)
    frame.to_parquet(tmp_path / "faults.parquet")
    series = read_series(tmp_path / "faults.parquet")
    assert series.labels == ("2005-01", "2005-02", "2005-03", "2005-04")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_a_damaged_table_is_read_or_refused_but_never_breaks(
    tmp_path: Path, data: st.DataObject
) -> None:
    whole = bytearray(PLAIN.encode() + b'2005-04,"6"\n2005-05,7.5\n')
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        piece = data.draw(st.binary(max_size=3) | st.sampled_from([b'"', b",", b"\n", b";", b"-"]))
        whole[place : place + data.draw(st.integers(0, 3))] = piece
    with suppress(GateworkError):
        assert np.isfinite(read(tmp_path, bytes(whole)).values).all()


def test_a_parquet_file_with_text_that_is_no_unicode_is_refused(tmp_path: Path) -> None:
    table = pa.table({"month": ["2000-01", "2000-0X"], "faults": [1, 2]})
    pq.write_table(table, tmp_path / "t.parquet", compression="none", use_dictionary=False)
    content = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(content.replace(b"2000-0X", b"2000-0\xd4"))
    with pytest.raises(GateworkError, match=r"'t\.parquet' is no readable Parquet file: .*UTF8"):
        read_table(tmp_path / "t.parquet")


def test_a_damaged_parquet_file_is_read_or_refused_but_never_breaks(tmp_path: Path) -> None:
    path = tmp_path / "faults.parquet"
    pq.write_table(pa.table({"date": ["2005-01", "2005-02"], "faults": [3, 4]}), path)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(whole[: random.integers(4, len(whole) + 1)])
        damaged[random.integers(4, max(len(damaged), 5)) - 1] ^= 1 << random.integers(8)
        path.write_bytes(bytes(damaged))
        with suppress(GateworkError):
            assert np.isfinite(read_series(path).values).all()


def test_a_data_frame_gives_the_series_that_its_file_gives(tmp_path) -> None:
    table = pd.DataFrame({"month": ["2000-01", "2000-02", "2000-03"], "faults": [3, 0, 4]})
    table.to_csv(tmp_path / "faults.csv", index=False)
    expected = read_series(tmp_path / "faults.csv", column="faults")
    dated = table.assign(month=pd.to_datetime(table["month"]))
    for source in (table, dated, pa.Table.from_pandas(table)):
        found = read_series(source, column="faults")
        assert (found.labels, found.values.tolist()) == (expected.labels, [3, 0, 4])
