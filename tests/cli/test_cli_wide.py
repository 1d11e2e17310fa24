"""``gatework forecast`` of keys in several columns, of wide tables, and of series of few values."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from running import run

QUICK = ("--horizon", "2", "--members", "1", "--epochs", "1")
SEARCH = ("--horizon", "2", "--trials", "1", "--workers", "1")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch, brief_training) -> None:
    monkeypatch.chdir(tmp_path)


def months(count: int) -> list[str]:
    return [f"{2018 + n // 12}-{n % 12 + 1:02d}" for n in range(count)]


def write(rows: list[str]) -> str:
    Path("in.csv").write_text("\n".join(rows) + "\n")
    return "in.csv"


def forecast() -> list[dict[str, str]]:
    return list(csv.DictReader(Path("out/forecast.csv").read_text().splitlines()))


@pytest.fixture
def keyed() -> str:
    """Return a table of two stores with two departments each."""
    rows = [
        f"{store},{dept},{month},{10 * store + dept + n % 3}"
        for store in (1, 2)
        for dept in (7, 8)
        for n, month in enumerate(months(30))
    ]
    return write(["Store,Dept,Month,Sales", *rows])


def test_ids_of_two_columns_stay_two_columns(keyed) -> None:
    options = ("--id-column", "Store", "--id-column", "Dept", "--time-column", "Month")
    assert run("forecast", keyed, *options, "--column", "Sales", *QUICK, "--out", "out") == 0
    rows = forecast()
    assert list(rows[0])[:4] == ["unique_id", "Store", "Dept", "ds"]
    found = {(row["unique_id"], row["Store"], row["Dept"]) for row in rows}
    assert found == {(f"{s} / {d}", s, d) for s in "12" for d in "78"}
    assert {row["ds"] for row in rows} == {"2020-07-01", "2020-08-01"}


def test_the_column_that_is_missing_from_a_key_is_proposed(keyed, capsys) -> None:
    named = ("--time-column", "Month", "--column", "Sales")
    assert run("forecast", keyed, "--id-column", "Store", *named) == 2
    told = capsys.readouterr().err
    assert "hint: 'Dept' tells more series apart: --id-column Store --id-column Dept" in told
    assert run("forecast", keyed) == 2
    told = capsys.readouterr().err
    assert "--id-column Store --id-column Dept --time-column Month --column Sales" in told
    assert "--column Store" not in told


@pytest.fixture
def wide() -> str:
    rows = [f"{month},{n % 5 + 3},{100 + n}.5,x" for n, month in enumerate(months(30))]
    return write(["month,faults,hours,note", *rows])


@pytest.mark.parametrize(
    ("columns", "how"), [(("faults", "hours"), SEARCH), (("faults", "hours"), QUICK), ("*", QUICK)]
)
def test_each_column_of_a_wide_table_is_a_series(wide, columns, how) -> None:
    options = [word for name in columns for word in ("--column", name)]
    assert run("forecast", wide, *options, *how, "--out", "out") == 0
    rows = forecast()
    assert [row["unique_id"] for row in rows] == ["faults", "faults", "hours", "hours"]
    assert all(float(row["forecast"]) < 20 for row in rows[:2])
    assert all(float(row["forecast"]) > 80 for row in rows[2:])


def test_columns_called_by_periods_are_read_as_rows(capsys) -> None:
    names = ",".join(map(str, range(1990, 2020)))
    lands = [
        f"{land},{','.join(str(at + n % 4) for n in range(30))}"
        for at, land in ((5, "A"), (9, "B"))
    ]
    file = write([f"land,{names}", *lands])
    assert run("forecast", file, "--id-column", "land", *QUICK, "--out", "out", "--json") == 0
    found = json.loads(capsys.readouterr().out)["forecast"]
    assert [(row["unique_id"], row["ds"]) for row in found[::2]] == [
        ("A", "2020-01-01"),
        ("B", "2020-01-01"),
    ]


def test_a_table_whose_columns_are_periods_needs_no_option() -> None:
    names = ",".join(map(str, range(1990, 2020)))
    file = write([f"land,{names}", *(f"{land}{',5,7,6' * 10}" for land in "AB")])
    assert run("forecast", file, "--horizon", "2", "--out", "out") == 0
    assert [row["unique_id"] for row in forecast()] == [*"AABB"]


@pytest.mark.parametrize("count", [1, 13])
def test_series_of_few_values_are_forecast_beside_others(capsys, count) -> None:
    rows = [f"long,{month},{20 + n % 5}" for n, month in enumerate(months(36))]
    rows += [f"short,{month},{40 + n}" for n, month in enumerate(months(36)[-count:])]
    file = write(["shop,month,v", *rows])
    options = ("--id-column", "shop", "--time-column", "month", "--column", "v", "--out", "out")
    assert run("forecast", file, *options, *QUICK) == 0
    told = capsys.readouterr().out
    assert f"'short' ({count})" in told
    assert run("forecast", file, *options, "--each", *SEARCH, "--overwrite") == 0
    told = capsys.readouterr().out
    assert "series 'short': too short to learn from" in told
    assert f"{count} value" in told
    rows = [row for row in forecast() if row["unique_id"] == "short"]
    assert [row["ds"] for row in rows] == ["2021-01-01", "2021-02-01"]
    for row in rows:
        low, value, high = (float(row[name]) for name in ("lower-90", "forecast", "upper-90"))
        assert 0 <= low < value < high < 100


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_tables_are_written_in_other_formats(wide, kind) -> None:
    options = ("--column", "faults", "--column", "hours", *QUICK, "--format", kind)
    assert run("forecast", wide, *options, "--out", "out") == 0
    read = pd.read_json if kind == "json" else pd.read_parquet
    found = read(f"out/forecast.{kind}")
    assert list(found) == ["unique_id", "ds", "forecast", "lower-90", "upper-90"]
    assert pd.to_datetime(found["ds"]).tolist() == 2 * [
        pd.Timestamp("2020-07-01"),
        pd.Timestamp("2020-08-01"),
    ]
    assert {"unique_id", "model", "rmse"} <= set(read(f"out/scores.{kind}"))


NAMED = ["unique_id,ds,y,promo"] + [
    f"{one},{month}-01,{n % 3 + k},{n % 2}" for k, one in enumerate("ba", 4)
    for n, month in enumerate(months(26))
]  # fmt: skip


def test_a_table_whose_names_say_that_it_has_many_series_is_read_so(capsys) -> None:
    file = write(NAMED)
    assert run("forecast", file, *QUICK, "--out", "out") == 0
    assert "note: column 'unique_id' tells the series apart" in capsys.readouterr().out
    found = [(row["unique_id"], row["ds"]) for row in forecast()]
    assert found == [(one, f"2020-0{month}-01") for one in "ba" for month in (3, 4)]
    file = write([row for row in NAMED if not row.startswith("a")])
    assert run("forecast", file, "--epochs", "1") == 2
    assert "--epochs goes with covariates or --id-column" in capsys.readouterr().err


def test_each_of_them_is_searched_where_a_search_is_asked_for(capsys) -> None:
    file = write([row for row in NAMED if not row.startswith("a,2018-05")])
    assert run("forecast", file, "--column", "y", *SEARCH, "--out", "out") == 0
    told = capsys.readouterr().out
    assert "note: column 'unique_id' tells the series apart" in told
    assert "where each series is learned by itself: 'a' (1, from 2018-05 on)" in told
    assert [row["unique_id"] for row in forecast()] == [*"bbaa"]


def test_a_file_may_hold_what_is_known_of_the_periods_to_come(capsys) -> None:
    columns = ("--id-column", "unique_id", "--future")
    file, coming = write(NAMED), Path("coming.csv")
    rows = [f"{one},2020-{month:02d},{month % 2}" for one in "ab" for month in (3, 4)]
    coming.write_text("\n".join(["unique_id,ds,promo", *rows]))
    assert run("forecast", file, *columns, "coming.csv", *QUICK, "--out", "out") == 0
    told = capsys.readouterr().out
    assert "known in advance of the next 2 periods is read from 'coming.csv': 'promo'" in told
    by_file = forecast()
    write([*NAMED, *(f"{row[:9]}-01,,{row[10:]}" for row in rows)])
    assert run("forecast", file, *columns, "promo", *QUICK, "--out", "out", "--overwrite") == 0
    assert forecast() == by_file
    coming.write_text("\n".join(["unique_id,ds,promo", *rows[:3]]))
    write(NAMED)
    assert run("forecast", file, *columns, "promo", "--future", "coming.csv", *QUICK) == 2
    told = capsys.readouterr().err
    assert "'coming.csv' has no row for series 'b', period 2020-04 in column 'ds'" in told


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("gone.csv",), "--future gone.csv is neither a file nor a column of 'in.csv'"),
        (("in.csv", "--future", "two.csv"), "--future names two files, in.csv and two.csv"),
        (("two.csv",), "--future two.csv has no column of numbers that 'in.csv' has, too"),
    ],
)
def test_what_is_no_file_of_the_future_is_refused(capsys, more, said) -> None:
    file = write(NAMED)
    Path("two.csv").write_text("unique_id,ds,y\na,2020-03,1\n")
    assert run("forecast", file, "--id-column", "unique_id", "--future", *more, *QUICK) == 2
    assert said in capsys.readouterr().err
    named = ("--id-column", "unique_id", "--time-column", "ds", "--column", "y", "--future")
    assert run("backtest", file, *named, *more, *QUICK) == 2


def test_a_backtest_has_no_use_for_a_file_of_the_future(capsys) -> None:
    file = write(NAMED)
    Path("c.csv").write_text("unique_id,ds,promo\na,2020-03,1\n")
    named = ("--id-column", "unique_id", "--time-column", "ds", "--column", "y")
    assert run("backtest", file, *named, "--future", "c.csv", *QUICK) == 2
    assert "is a file of periods to come, of which a backtest has no use" in capsys.readouterr().err


def test_a_backtest_finds_what_names_tell(capsys) -> None:
    options = ("--horizon", "2", "--members", "1", "--epochs", "1", "--json")
    run("backtest", write(NAMED), *options)
    assert json.loads(capsys.readouterr().out)["series"] == 2
    assert run("backtest", write(["month,faults", "2020-01,3", "2020-02,4"]), *options) == 2
    assert "series 'faults' has 2 values" in capsys.readouterr().err  # its columns were found
