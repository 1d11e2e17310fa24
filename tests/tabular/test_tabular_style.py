"""The reading style: found in one table, it decides how another is read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gatework.errors import DataError, OptionError
from gatework.forecast import Panel, Series, count_events, read_panel, read_series
from gatework.life import read_fleet
from gatework.tabular.style import ReadingStyle


def series(folder: Path, text: str, **options: object) -> Series:
    path = folder / "faults.csv"
    path.write_text(text)
    return read_series(path, **options)  # type: ignore[arg-type]


def panel(folder: Path, text: str, **options: object) -> Panel:
    path = folder / "sales.csv"
    path.write_text(text)
    return read_panel(path, **options)  # type: ignore[arg-type]


def kept(style: ReadingStyle) -> ReadingStyle:
    """Return a style as a file brings it back."""
    return ReadingStyle.from_config(json.loads(json.dumps(style.to_config())))


TABLES = {
    "months": "date,faults\n2005-01,3\n2005-02,4\n2005-03,5\n",
    "german": "Datum;Last;Fehler\n01.02.2005;1.234,5;1\n01.03.2005;2,5;2\n01.04.2005;3;3\n",
    "thousands": 'date\tload\n2005-01\t1,234\n2005-02\t"12,345,678"\n2005-03\t7.5\n',
    "american": "date,load\n12/30/2005,1\n12/31/2005,2\n1/1/2006,3\n",
    "british": "date,load\n30/12/2005,1\n31/12/2005,2\n1/1/2006,3\n",
    "zone": "time,load\n2005-03-07T22:00+01:00,1\n2005-03-07T23:00+01:00,2\n",
    "zones": "time,load\n2005-03-27T01:00+01:00,1\n2005-03-27T03:00+02:00,2\n",
    "weeks": "week,load\n2004-W52,1\n2004-W53,2\n2005-W01,3\n",
    "half hours": "t,load\n2005-03-07 22:30,1\n2005-03-07 23:30,2\n2005-03-08 00:30,3\n",
    "fridays": "date,load\n2005-03-04,1\n2005-03-11,2\n2005-03-25,4\n",
    "numbers": "step,load\n10,1\n20,2\n40,3\n",
    "no dates": "load,note\n3,a\n1,b\n",
    "decimal years": "time,load\n1995.0,1\n1995.0833,2\n1995.1667,3\n",
    "marks": "date,faults\n2005-01,1\n2005-02,n/a\n2005-03,3\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_the_same_way_in_its_own_style(tmp_path: Path, name: str) -> None:
    options = {"missing": "zero", "column": "Last"} if name == "german" else {"missing": "zero"}
    first = series(tmp_path, TABLES[name], **options)
    again = series(tmp_path, TABLES[name], missing="zero", style=kept(first.style))
    assert again.style == first.style
    assert (again.name, again.labels, again.frequency) == (
        first.name,
        first.labels,
        first.frequency,
    )
    assert again.values.tolist() == first.values.tolist()


def test_what_is_found_is_kept_and_nothing_else(tmp_path: Path) -> None:
    found = series(tmp_path, TABLES["german"], column="last").style
    assert found.to_config() == {
        "time_column": "Datum",
        "column": "Last",
        "decimals": {"Last": ","},
        "day_first": True,
        "frequency": "MS",
    }
    assert series(tmp_path, TABLES["months"]).style.to_config() == {
        "time_column": "date",
        "column": "faults",
        "frequency": "MS",
    }
    assert series(tmp_path, TABLES["american"]).style.day_first is False
    assert series(tmp_path, TABLES["british"]).style.day_first is True
    assert series(tmp_path, TABLES["zone"]).style.zone == "UTC"
    assert series(tmp_path, TABLES["zones"]).style.zone == "UTC"
    assert series(tmp_path, TABLES["marks"], missing="zero").style.missing == ("n/a",)


def test_decimals_that_could_be_thousands_are_read_as_before(tmp_path: Path) -> None:
    german = series(tmp_path, TABLES["german"], column="Last").style
    english = series(tmp_path, TABLES["thousands"]).style
    text = "date\tload\n2005-01\t1,234\n2005-02\t2,345\n"
    with pytest.raises(DataError, match=r"may be 1234 or 1\.234"):
        series(tmp_path, text)
    assert series(tmp_path, text, column="load", time_column="date", style=german).values[0] == (
        1.234
    )
    assert series(tmp_path, text, style=english).values.tolist() == [1234, 2345]
    dots = text.replace(",", ".")
    named = {"column": "load", "time_column": "date"}
    assert series(tmp_path, dots, style=german, **named).values.tolist() == [1234, 2345]
    assert series(tmp_path, dots, style=english).values.tolist() == [1.234, 2.345]


@pytest.mark.parametrize(
    ("name", "column", "cell"), [("german", "Last", "1.5"), ("thousands", "load", "3,5")]
)
def test_a_number_against_the_style_is_refused(
    tmp_path: Path, name: str, column: str, cell: str
) -> None:
    first = series(tmp_path, TABLES[name], column=column)
    text = f"date\tload\n2005-01\t7\n2005-02\t{cell}\n"
    with pytest.raises(DataError, match=rf"column 'load', row 3: '{cell}' is not a number"):
        series(tmp_path, text, column="load", time_column="date", style=first.style)


def test_dates_that_could_be_read_in_two_ways_are_read_as_before(tmp_path: Path) -> None:
    text = "date,load\n01/02/2005,1\n05/02/2005,2\n09/02/2005,3\n"
    british = ReadingStyle(day_first=True)
    with pytest.raises(DataError, match="may be day/month or month/day"):
        series(tmp_path, "date,load\n01/02/2005,1\n02/02/2005,2\n04/02/2005,3\n")
    assert series(tmp_path, text, style=british).labels[0] == "2005-02-01"
    log = tmp_path / "log.csv"
    log.write_text("when\n01/02/2005\n05/02/2005\n")
    with pytest.raises(DataError, match="may be day/month or month/day"):
        count_events(log, date_column="when", period="day")
    counted = count_events(log, date_column="when", period="day", style=british)
    assert counted.labels == ("2005-02-01", *(f"2005-02-0{day}" for day in range(2, 6)))
    with pytest.raises(DataError, match="row 3: '12/31/2005' is not a date"):
        series(tmp_path, "date,load\n1/12/2005,1\n12/31/2005,2\n2/1/2006,3\n", style=british)


def test_times_are_converted_to_the_zone_of_the_style(tmp_path: Path) -> None:
    style = series(tmp_path, TABLES["zone"]).style
    found = series(
        tmp_path, "time,load\n2005-03-27T22:00Z,1\n2005-03-28T01:00+02:00,2\n", style=style
    )
    assert found.labels == ("2005-03-27 22:00", "2005-03-27 23:00")
    assert found.notes == ()
    text = "time,load\n2005-03-27 22:00,1\n2005-03-27 23:00,2\n"
    with pytest.raises(DataError, match=r"row 2: '2005-03-27 22:00' and the times before, in UTC"):
        series(tmp_path, text, style=style)


def test_the_frequency_of_the_style_holds_where_few_rows_tell_none(tmp_path: Path) -> None:
    style = series(tmp_path, TABLES["months"]).style
    assert series(tmp_path, "date,faults\n2005-04,6\n", style=style).labels == ("2005-04",)
    every_second = "date,faults\n2005-04,6\n2005-06,6\n2005-08,1\n"
    assert series(tmp_path, every_second).frequency == "2MS"
    with pytest.raises(DataError, match="no row for '2005-05'"):
        series(tmp_path, every_second, style=style)
    weekly = "date,faults\n2005-04-04,6\n2005-04-11,6\n"
    with pytest.raises(DataError, match=r"row 3: .* does not follow .* steps of 'MS'"):
        series(tmp_path, weekly, style=style)
    fridays = series(tmp_path, TABLES["fridays"], missing="zero").style
    assert fridays.frequency == "W-FRI"
    with pytest.raises(DataError, match="row 2: '2005-04-04' is no period of 'W-FRI'"):
        series(tmp_path, weekly, column="faults", style=fridays)


def test_marks_that_were_missing_stay_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="row 3: 'n/a' is not a number"):
        series(tmp_path, TABLES["marks"])
    style = series(tmp_path, TABLES["marks"], missing="zero").style
    with pytest.raises(DataError, match="row 3: the value is empty"):
        series(tmp_path, TABLES["marks"], style=style)


def test_columns_are_those_of_the_style_unless_others_are_named(tmp_path: Path) -> None:
    style = series(tmp_path, "start,end,a,b\n2005-01,2005-02,1,5\n", column="b", time_column="end",
                   style=ReadingStyle(frequency="MS")).style  # fmt: skip
    text = "A,B,START,END\n3,7,2005-03,2005-04\n4,8,2005-04,2005-05\n"
    found = series(tmp_path, text, style=style)
    assert (found.name, found.labels) == ("B", ("2005-04", "2005-05"))
    assert series(tmp_path, text, column="a", style=style).name == "A"
    other = series(tmp_path, "a,end\n1,2005-02\n", style=style)
    assert other.name == "a"
    assert "there is no column 'b', as there was before: another one is looked for" in other.notes


def test_a_panel_is_read_in_the_style_of_another(tmp_path: Path) -> None:
    text = (
        "shop;day;sales;price\na;30/1/2005;1,5;2\na;31/1/2005;2;2\nb;1/2/2005;3;2\nb;2/2/2005;4;2\n"
    )
    names = {"id_column": "shop", "time_column": "day", "column": "sales"}
    first = panel(tmp_path, text, **names)
    assert first.style == ReadingStyle(
        time_column="day",
        column="sales",
        id_column="shop",
        decimals={"sales": ","},
        day_first=True,
        frequency="D",
    )
    later = panel(tmp_path, "Shop\tday\tsales\nc\t3/2/2005\t1,234\n", style=kept(first.style))
    assert (later.ids, later.labels(0), later.values[0, 0]) == (("c",), ["2005-02-03"], 1.234)
    with pytest.raises(DataError, match="several columns of numbers: 'sales', 'price'"):
        panel(tmp_path, text)


def test_days_and_months_of_a_panel_are_decided_by_all_its_series(tmp_path: Path) -> None:
    text = "shop,day,sales\na,3/2/2005,1\na,4/2/2005,2\nb,30/1/2005,3\nb,31/1/2005,4\n"
    found = panel(tmp_path, text, id_column="shop", time_column="day", column="sales")
    assert found.labels(0) == ["2005-02-03", "2005-02-04"]


def test_a_fleet_is_read_in_the_style_of_another(tmp_path: Path) -> None:
    (tmp_path / "failed.csv").write_text("Nr;Tag;heat\na;1;1,5\na;2;2\n")
    first = read_fleet(tmp_path / "failed.csv", unit_column="nr", cycle_column="tag")
    (tmp_path / "running.csv").write_text("Nr\tTag\theat\nb\t7\t1,234\n")
    later = read_fleet(tmp_path / "running.csv", style=kept(first.style))
    assert (later.units, later.histories[0].tolist()) == (("b",), [[1.234]])
    assert later.rows([0]).until([1]).style == later.style


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("red", "this is no reading style, .* mapping.*: 'red'"),
        ({"colour": "red"}, "this is no reading style, .*: {'colour': 'red'}"),
        ({"decimals": {"a": ";"}}, "decimals of a reading style cannot be"),
        ({"decimals": ["a"]}, "decimals of a reading style cannot be"),
        ({"day_first": 1}, "day_first of a reading style cannot be 1"),
        ({"column": 3}, "column of a reading style cannot be 3"),
        ({"missing": [3]}, "missing of a reading style cannot be"),
        ({"units": {"load": 3}}, "units of a reading style cannot be"),
        ({"repeats": "both"}, "repeats of a reading style cannot be 'both'"),
        ({"tolerance": -1.0}, "tolerance of a reading style cannot be -1.0"),
        ({"missing": 3}, "missing of a reading style cannot be 3"),
        ({"zone": "Mars"}, "there is no time zone 'Mars'"),
        ({"frequency": "fortnight"}, "frequency must be an alias such as 'D'"),
    ],
)
def test_what_is_no_style_is_refused(config: object, message: str) -> None:
    with pytest.raises(OptionError, match=message):
        ReadingStyle.from_config(config)


def test_a_source_that_is_none_is_refused_without_naming_another_reader() -> None:
    for read in (read_series, read_panel, read_fleet):
        with pytest.raises(OptionError, match="source must be a path or a data frame") as caught:
            read([1, 2, 3])
        assert "read_" not in str(caught.value)


def test_reading_needs_neither_torch_nor_pandas_nor_pyarrow() -> None:
    code = """
import pkgutil, sys
import gatework.tabular as tabular
for module in pkgutil.iter_modules(tabular.__path__, "gatework.tabular."):
    if not module.name.endswith((".arrow", ".workbook")):
        __import__(module.name)
unwanted = {"torch", "pandas", "pyarrow", "narwhals", "polars", "scipy"} & set(sys.modules)
sys.exit(f"imported: {unwanted}" if unwanted else 0)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
