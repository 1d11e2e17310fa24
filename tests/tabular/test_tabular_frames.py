"""Frames of pandas and pyarrow as they come, and ids of which some are empty."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gatework.errors import DataError
from gatework.forecast import read_panel, read_series

FRAME = pd.DataFrame(
    {"unique_id": [*"aabb"], "ds": pd.to_datetime(["2020-01-01", "2020-01-02"] * 2), "y": range(4)}
)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME.assign(unique_id=FRAME.unique_id.astype("category"), y=FRAME.y.astype("Int64")),
        FRAME.convert_dtypes(),
        FRAME.convert_dtypes(dtype_backend="pyarrow"),
        FRAME.set_index(["unique_id", "ds"])["y"],
        FRAME.assign(ds=pd.PeriodIndex(FRAME.ds, freq="D")),
        FRAME.rename(columns=str.upper),
        pa.Table.from_pandas(FRAME),
    ],
    ids=["nullable", "converted", "arrow", "indexed", "periods", "upper", "pyarrow"],
)
def test_every_kind_of_frame_is_the_same_panel(frame: Any) -> None:
    panel = read_panel(frame)
    assert (panel.ids, panel.labels(1)) == (("a", "b"), ["2020-01-01", "2020-01-02"])
    assert panel.values.tolist() == [[0, 1], [2, 3]]
    assert panel.notes[0].endswith("tells the series apart")


def test_a_nullable_number_may_be_missing() -> None:
    panel = read_panel(FRAME.assign(y=pd.array([1, None, 3, 4], dtype="Int64")))
    np.testing.assert_array_equal(panel.values, [[1, np.nan], [3, 4]])


def test_words_in_an_index_without_a_name_are_a_column() -> None:
    wide = pd.DataFrame([[1, 2, 3.0], [4, 5, 6]], index=["x", "y"], columns=[2001, 2002, 2003])
    panel = read_panel(wide)
    assert (panel.ids, panel.values.tolist()) == (("x", "y"), [[1, 2, 3], [4, 5, 6]])
    series = read_series(pd.Series([1.0, 2.0, 4.0], index=["2020-03", "2020-04", "2020-05"]))
    assert (series.labels[0], series.values.tolist()) == ("2020-03", [1, 2, 4])


def test_the_zone_of_a_column_of_times_is_the_one_they_are_shown_in(tmp_path: Path) -> None:
    times = pd.date_range("2020-03-29", periods=4, freq="h", tz="Europe/Berlin")
    labels = [f"2020-03-29 {hour}" for hour in ("00:00+01", "01:00+01", "03:00+02", "04:00+02")]
    frame = pd.DataFrame({"time": times, "load": [1.0, 2, 3, 4]})
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "t.parquet")
    for source in (frame, pa.Table.from_pandas(frame), tmp_path / "t.parquet"):
        series = read_series(source)
        assert series.labels == tuple(f"{label}:00" for label in labels)
        assert series.frequency == "h@Europe/Berlin"
    days = pd.date_range("2020-03-27", periods=4, freq="D", tz="Europe/Berlin")
    series = read_series(pd.Series([1.0, 2, 3, 4], index=days))
    assert (series.labels[-1], series.frequency) == ("2020-03-30", "D")


JHU = (
    "Province/State,Country/Region,Lat,Long,1/30/20,1/31/20,2/1/20",
    ",Austria,47.5,14.5,1,2,3",
    "Hubei,China,30.9,112.2,4,5,6",
    "Hunan,China,27.6,111.7,7,8,9",
)


def test_one_of_several_ids_may_be_empty(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\n".join(JHU) + "\n")
    panel = read_panel(path)
    assert panel.ids == ("Austria", "Hubei / China", "Hunan / China")
    assert panel.values.tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    said = "column 'Province/State' is empty in row 2: 'Country/Region' tells the series there"
    assert said in panel.notes
    path.write_text("Store,Dept,day,v\n1,,2020-01-01,1\n1,,2020-01-02,2\n,,2020-01-01,3\n")
    with pytest.raises(DataError, match="column 'Store', row 4: the id is empty"):
        read_panel(path, id_column=["Store", "Dept"], time_column="day", column="v")


def test_many_columns_of_periods_are_not_told_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    years = [str(year) for year in range(2000, 2012)]
    cells = [f"{n},5" for n in range(12)]
    path.write_text(";".join(["land", *years]) + "\n" + ";".join(["A", *cells]) + "\n")
    notes = read_panel(path).notes
    assert notes[:2] == (
        "the comma begins the decimals of column '2000'",
        "11 more notes of this kind are left out, for other columns",
    )


def test_a_column_that_numbers_the_rows_is_no_series(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",month,v,id\n0,2020-01,3,4\n1,2020-02,9,3\n2,2020-03,4,7\n")
    panel = read_panel(path, column="*")
    assert panel.ids == ("v", "id")
    assert panel.notes == ("column 'column 1' numbers the rows, and is left out",)


def test_a_column_that_tells_pairs_of_rows_apart_is_proposed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "land,what,year,v\nDE,gdp,2001,1\nDE,gdp,2002,2\nDE,pop,2001,8\nDE,pop,2002,9\n"
    )
    with pytest.raises(DataError, match="'2001' is repeated") as found:
        read_panel(path, id_column="land", time_column="year", column="v")
    assert "--id-column land --id-column what" in str(found.value.hint)
