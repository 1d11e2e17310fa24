"""Long columns: the same values with Arrow and without, from text, Parquet files and frames."""

import sys
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gatework.errors import DataError
from gatework.forecast import Series, read_panel, read_series
from gatework.tabular import parts as parts_module
from gatework.tabular.arrow import cells_of, joined, read_plain
from gatework.tabular.clock import clock_texts
from gatework.tabular.column import Column, is_empty, plain
from gatework.tabular.date_forms import Alike, read_forms
from gatework.tabular.dates import read_dates
from gatework.tabular.parts import different, parts, piecewise
from gatework.tabular.step import find_calendar
from gatework.tabular.table import read_table
from gatework.tabular.texts import Texts, aligned
from gatework.tabular.timeline import lay_out

HOURS = np.datetime64("2005-01-01T00", "us") + np.arange(3000) * np.timedelta64(1, "h")


def saved(tmp_path: Path, cells: list[str], values: list[str]) -> Path:
    """Return the path of a table that is long enough for the quick readers."""
    path = tmp_path / "t.csv"
    path.write_text("time,load\n" + "".join(map("{},{}\n".format, cells, values)))
    assert path.stat().st_size > 50_000
    return path


@pytest.fixture(params=["with Arrow", "without"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "gatework.tabular.arrow", None)
    return request.param


@pytest.mark.parametrize(
    ("form", "frequency"),
    [
        ("%Y-%m-%d %H:%M", "h"),
        ("%Y-%m-%dT%H:%M:%SZ", "h"),
        ("%d.%m.%Y %H:%M", "h"),
        ("%Y%m%d%H%M%S", "h"),
        ("%Y-%m-%d %H:%M:%S.250", "h"),
    ],
)
def test_different_times_of_one_form_are_read_at_once(
    tmp_path: Path, way: str, form: str, frequency: str
) -> None:
    cells = [when.strftime(form) for when in HOURS.tolist()]
    series = read_series(saved(tmp_path, cells, [f"{n}.5" for n in range(3000)]))
    end = ".250000" if form.endswith("250") else ""
    first = "2005-01-01 00:00" + (":00" + end if end else "")
    assert series.frequency == frequency
    assert (series.labels[0][:16], len(series.labels)) == (first[:16], 3000)
    assert series.labels[-1][:16] == "2005-05-05 23:00"
    assert np.array_equal(series.values, np.arange(3000) + 0.5)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("2005-02-30 07:00", "is not a date: its month is shorter"),
        ("2005-01-02 25:00", "is not a date: a day has 24 hours"),
        ("2005-01-02 7am", "is not a date, expected one such as"),
        ("", "the date is empty"),
    ],
)
def test_one_odd_time_among_many_is_named(tmp_path: Path, way: str, cell: str, said: str) -> None:
    cells = [when.strftime("%Y-%m-%d %H:%M") for when in HOURS.tolist()]
    cells[1999] = cell
    with pytest.raises(DataError, match=f"column 'time', row 2001.*{said}"):
        read_series(saved(tmp_path, cells, ["1.5", "2"] * 1500), time_column="time")


def test_rows_that_are_blank_are_left_out_and_counted(tmp_path: Path, way: str) -> None:
    cells = [when.strftime("%Y-%m-%d %H:%M") for when in HOURS.tolist()]
    path = saved(tmp_path, cells, ["1.5", "2"] * 1500)
    lines = path.read_text().split("\n")
    path.write_text("\n".join([*lines[:100], "", *lines[100:]]))
    table = read_table(path)
    assert (len(table.rows), table.rows[98], table.rows[99]) == (3000, 100, 102)


def test_a_header_of_one_letter_that_stands_there_again_is_passed_over(
    tmp_path: Path, way: str
) -> None:
    path = tmp_path / "t.csv"
    rows = [f"2005-01-{day:02d},{day}.25" for day in range(1, 29)] * 300
    path.write_text("\n".join(["T,E", *rows[:50], "T,E", *rows[50:]]) + "\n")
    table = read_table(path)
    assert len(table.rows) == len(rows)
    assert "row 52 is passed over, for the header stands there again" in table.notes


def test_rows_are_laid_out_in_parts_as_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{one},2005-01-{day:02d},{day * one}" for one in (1, 2, 3) for day in range(1, 29)]
    source = pd.DataFrame(
        [row.split(",") for row in rows], columns=["unique_id", "ds", "y"]
    ).sample(frac=0.9, random_state=1)
    whole = read_panel(source)
    monkeypatch.setattr(parts_module, "PART", 7)
    monkeypatch.setattr(parts, "__defaults__", (7,))
    again = read_panel(source)
    assert again.ids == whole.ids
    assert np.array_equal(again.values, whole.values, equal_nan=True)
    assert np.isnan(whole.values).any()


@pytest.mark.parametrize("step", [7, 28])
def test_parts_of_columns_make_the_whole(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "PART", step)
    values = np.arange(24.0).reshape(12, 2)
    assert np.array_equal(piecewise(np.sqrt, values), np.sqrt(values))
    assert different(np.array([3, 1, 3, 2])).tolist() == [1, 2, 3]
    months = np.array(["2005-02", "2005-01", "2005-02"], "datetime64[us]")
    assert different(months).astype("datetime64[M]").astype(str).tolist() == ["2005-01", "2005-02"]


def test_the_step_of_very_many_dates_is_found_in_runs_of_them() -> None:
    starts = np.datetime64("2005-01-01", "us") + np.arange(1_100_000) * np.timedelta64(15, "m")
    found = find_calendar(starts)
    assert found is not None
    assert found.alias == "15min"


@pytest.mark.parametrize("unit", ["m", "s", "ms", "us"])
def test_times_are_written_as_numpy_does(unit: Any) -> None:
    whens = np.random.default_rng(0).integers(-(10**14), 10**14, 3000).astype("datetime64[us]")
    for some in (
        whens,
        whens[:5],
        whens[:0],
        np.array(["1969-12-31T23:59:59.999999"] * 200, "M8[us]"),
    ):
        told = [text.replace("T", " ") for text in np.datetime_as_string(some, unit).tolist()]
        assert clock_texts(some, unit) == told


def test_texts_that_differ_in_digits_only_are_alike() -> None:
    coded = Texts(pa.array(["a", "b", "a"]).dictionary_encode())
    assert [aligned(cells) for cells in (["1", "22"], ["é1"], [1, 2], [], coded)] == [None] * 5
    texts = Texts(pa.array(["x", "2005-01-31", "2005-02-31"]))[1:]
    whole = Alike.all_of(texts)
    assert whole is not None
    assert whole.digits[3].tolist() == [5, 5]
    (read,) = read_forms(texts)
    assert np.isnat(read.starts).tolist() == [False, True]
    assert Alike.all_of(["2005-01-31", "2005/01/31"]) is None


def test_text_in_chunks_becomes_one_array() -> None:
    chunks = [pa.array(["x", "a", ""])[1:], pa.array([], pa.string()), pa.array(["bc"])]
    array = joined(chunks)
    assert array is not None
    assert (array.to_pylist(), chunks) == (["a", "", "bc"], [])
    quoted = read_plain(b'"a\n\nx",1\nb,2\n', 0, 2, ",")
    assert quoted is not None
    assert [list(cells) for cells in quoted] == [["a\n\nx", "b"], ["1", "2"]]
    assert read_plain(b"a,1\n\nb,2\n", 0, 2, ",") is None


def test_cells_of_arrow_are_arrays_where_they_can_be() -> None:
    table = pa.table(
        {
            "text": ["a", None],
            "code": pa.array(["x", "y"]).dictionary_encode(),
            "number": pa.array([1.5, None], pa.float32()),
            "whole": pa.array([1, 2], pa.int16()),
            "day": pa.array([date(2005, 3, 7), None]),
            "time": pa.array(["2005-03-07", "2005-03-08"]).cast(pa.timestamp("ns")),
        }
    )
    cells = {name: cells_of(table[name]) for name in table.column_names}
    assert (list(cells["text"]), list(cells["code"])) == (["a", ""], ["x", "y"])
    assert [one.dtype for one in list(cells.values())[2:]] == ["f8", "i2", "M8[D]", "M8[us]"]
    assert [plain(cells[name][0]) for name in ("number", "day")] == [1.5, date(2005, 3, 7)]
    assert [is_empty(cells[name][1]) for name in ("text", "number", "day")] == [True] * 3
    mixed = pa.chunked_array([pa.array([1, None])])
    assert cells_of(mixed) == [1, None]


@pytest.mark.parametrize("kind", ["frame", "arrow", "parquet", "objects"])
def test_tables_of_types_are_the_panel_of_their_text(tmp_path: Path, kind: str) -> None:
    frame = pd.DataFrame(
        {
            "shop": [*"aab", "b"],
            "store": [1, 1, 2, 2],
            "day": pd.to_datetime(["2005-03-07", "2005-03-08"] * 2),
            "sales": [1.5, np.nan, 3, 4],
        }
    )
    frame.to_csv(tmp_path / "t.csv", index=False)
    source: Any = frame if kind == "frame" else pa.Table.from_pandas(frame)
    if kind == "parquet":
        pq.write_table(source, source := tmp_path / "t.parquet")
    if kind == "objects":
        source = frame.astype(object)
    options = {"id_column": ["shop", "store"], "time_column": "day", "column": "sales"}
    panel, other = read_panel(source, **options), read_panel(tmp_path / "t.csv", **options)
    assert panel.ids == other.ids == ("a / 1", "b / 2")
    assert panel.ends == other.ends == (("2005-03-07", "2005-03-08"),) * 2
    assert np.array_equal(panel.values, other.values, equal_nan=True)


def test_dates_of_an_array_are_judged_like_others() -> None:
    def read(*cells: str) -> np.ndarray:
        column = Column("day", np.array(cells, "datetime64[D]"), range(1, 3))  # type: ignore[arg-type]
        return read_dates(column, lambda _: 1.0).starts

    assert read("2005-03-07", "2005-03-08").astype("datetime64[D]").astype(str)[1] == "2005-03-08"
    with pytest.raises(DataError, match="column 'day', row 2: the date is empty"):
        read("2005-03-07", "NaT")
    with pytest.raises(DataError, match=r"row 2: '9999-12-31' is not a date"):
        read("2005-03-07", "9999-12-31")
    frame = pd.DataFrame({"day": pd.to_datetime(["2005-03-07", *["2005-03-08"] * 2]), "faults": 1})
    with pytest.raises(DataError, match="row 3: '2005-03-08 00:00:00' is repeated"):
        read_series(frame)


def test_names_of_periods_are_written_when_they_are_asked_for(tmp_path: Path) -> None:
    cells = [when.strftime("%Y-%m-%d %H:%M") for when in HOURS.tolist()]
    series = read_series(saved(tmp_path, cells, ["1.5", "2"] * 1500))
    known = series.__dict__["labels"]
    assert not isinstance(known, tuple)
    assert (len(known), len(known.timeline.positions)) == (3000, 0)
    copied = deepcopy(series)
    assert copied.labels == series.labels == tuple(cells)
    assert series.labels is series.labels
    assert series.first(2).labels == ("2005-01-01 00:00", "2005-01-01 01:00")
    with pytest.raises(TypeError, match="labels"):
        Series("faults", np.array([1.0]))  # type: ignore[call-arg]


def test_rows_in_order_need_no_order_of_their_own() -> None:
    times = read_table(pd.DataFrame({"n": [2, 1, 4]})).times("n", lambda _: 1.0)
    assert list(lay_out(times).order) == [1, 0, 2]
    ordered = read_table(pd.DataFrame({"n": [1, 2, 4]})).times("n", lambda _: 1.0)
    assert lay_out(ordered).order == range(3)
    assert lay_out(ordered).spread(np.array([1.0, 2, 3]))[0, [0, 1, 3]].tolist() == [1, 2, 3]
