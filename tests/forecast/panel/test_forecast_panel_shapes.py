"""Panels from tables of other shapes: keys of several columns, wide ones, gaps at the ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatework.errors import DataError, OptionError
from gatework.forecast import read_panel, read_series

MONTHS = ["2020-01", "2020-02", "2020-03", "2020-04"]


def keyed() -> pd.DataFrame:
    rows = [(s, d, m, s * 10.0 + d) for s in (1, 2) for d in (7, 8, 9) for m in MONTHS]
    return pd.DataFrame(rows, columns=["Store", "Dept", "Month", "Sales"])


def test_ids_may_stand_in_several_columns() -> None:
    named: dict[str, Any] = {"time_column": "Month", "column": "Sales"}
    panel = read_panel(keyed(), id_column=["Store", "Dept"], **named)
    assert panel.ids == ("1 / 7", "1 / 8", "1 / 9", "2 / 7", "2 / 8", "2 / 9")
    assert panel.id_columns == ("Store", "Dept")
    assert panel.values[:, 0].tolist() == [17, 18, 19, 27, 28, 29]
    again = read_panel(keyed(), style=panel.style)
    assert again.ids == panel.ids
    with_slash = keyed().assign(Dept="a / b", Floor=keyed()["Dept"])
    three = read_panel(with_slash, id_column=["Store", "Dept", "Floor"], **named)
    assert three.ids[0] == "1 / a/b / 7"


@pytest.mark.parametrize(
    ("ids", "hint"),
    [
        ("Store", "'Dept' tells more series apart: --id-column Store --id-column Dept"),
        (None, "'Store' and 'Dept' tell more series apart: --id-column Store --id-column Dept"),
    ],
)
def test_columns_that_tell_rows_of_one_period_apart_are_proposed(ids, hint) -> None:
    with pytest.raises(DataError, match="'2020-01' is repeated") as caught:
        read_panel(keyed(), id_column=ids, time_column="Month", column="Sales")
    assert caught.value.hint == hint


def test_one_series_is_told_which_columns_are_a_key() -> None:
    told = "--id-column Store --id-column Dept --time-column Month --column Sales"
    with pytest.raises(DataError, match="several columns of numbers") as caught:
        read_series(keyed())
    assert caught.value.hint == told
    with pytest.raises(DataError, match="is repeated") as caught:
        read_series(keyed(), column="Sales")
    assert caught.value.hint == f"a series each: {told}"


@pytest.mark.parametrize("column", [["faults", "hours"], "*", ["*"]])
def test_a_wide_table_has_a_series_a_column(column) -> None:
    table = pd.DataFrame({"month": MONTHS[::-1], "faults": [4, 3, 2, 1], "hours": [1.5, 2, 3, 4]})
    panel = read_panel(table, column=column)
    assert panel.ids == ("faults", "hours")
    assert panel.values.tolist() == [[1, 2, 3, 4], [4, 3, 2, 1.5]]
    assert panel.counts.tolist() == [True, False]
    assert "the rows are sorted by column 'month', oldest first" in panel.notes
    assert read_panel(table, style=panel.style).ids == panel.ids


def test_columns_and_ids_make_series_together() -> None:
    table = keyed().assign(Returns=1.0, size=keyed()["Dept"])
    panel = read_panel(
        table,
        id_column=["Store", "Dept"],
        time_column="Month",
        column=["Sales", "Returns"],
        static=["size"],
    )
    assert panel.ids[:3] == ("1 / 7 / Sales", "1 / 7 / Returns", "1 / 8 / Sales")
    assert panel.values[:3, 0].tolist() == [17, 1, 18]
    assert panel.covariates.static is not None
    assert panel.covariates.static[:3, 0].tolist() == [7, 7, 8]


@pytest.mark.parametrize(
    ("names", "first"),
    [
        ("1990,1991,1992,1993", "1990"),
        ("1990 [YR1990],1991 [YR1991],1992 [YR1992],1993 [YR1993]", "1990"),
        ("X1990,X1991,X1992,X1993", "1990"),
        ("2019-01,2019-02,2019-03,2019-04", "2019-01"),
        ("Jan-2019,Feb-2019,Mar-2019,Apr-2019", "2019-01"),
        ("2019Q1,2019Q2,2019Q3,2019Q4", "2019Q1"),
        ("1/22/20,1/23/20,1/24/20,1/25/20", "2020-01-22"),
    ],
)
def test_periods_may_be_the_names_of_columns(tmp_path: Path, names: str, first: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(f"country,code,{names}\nGermany,DEU,1,2,..,4\nFrance,FRA,,5.5,6,7\n")
    panel = read_panel(path, id_column="country")
    assert panel.ids == ("Germany", "France")
    assert panel.labels(0)[0] == first
    np.testing.assert_array_equal(panel.values[0], [1, 2, np.nan, 4])
    np.testing.assert_array_equal(panel.values[1], [5.5, 6, 7, np.nan])  # from its first value on
    assert panel.lengths.tolist() == [4, 3]
    assert any("are read as 4 periods, a row a series" in note for note in panel.notes)
    assert read_panel(path).ids == panel.ids
    assert read_panel(path, style=panel.style).ids == panel.ids
    with pytest.raises(OptionError, match="are called by periods, and hold the values"):
        read_panel(path, column="code")


def test_a_series_of_one_row_takes_the_frequency_of_the_others() -> None:
    table = pd.DataFrame({"id": [*"aaab"], "month": [*MONTHS[:3], "2020-03"], "v": [1, 2, 3, 9]})
    panel = read_panel(table, id_column="id", time_column="month", column="v")
    assert (panel.frequency, panel.lengths.tolist()) == ("MS", [3, 1])
    assert panel.future_labels(1, 2) == ["2020-04", "2020-05"]


def test_gaps_at_the_ends_of_series_are_left_out_with_a_note() -> None:
    values = [np.nan, 2, 3, np.nan, 1, 2, 3, 4]
    table = pd.DataFrame({"id": [*"aaaabbbb"], "month": MONTHS * 2, "v": values})
    named: dict[str, Any] = {"id_column": "id", "time_column": "month", "column": "v"}
    masked = read_panel(table, **named)
    assert masked.labels(0) == MONTHS[1:]  # b has a value in the last month, so a's is missing
    filled = read_panel(table, **named, missing="interpolate")
    assert filled.labels(0) == MONTHS[1:3]
    assert filled.future_labels(0, 1) == ["2020-04"]
    told = "are left out: series 'a' begins with 2020-02"
    assert any(told in note for note in masked.notes)
    assert any("of series 'a' begins with 2020-04" in note for note in filled.notes)


def test_series_that_stand_still_are_named() -> None:
    table = pd.DataFrame({"id": [*"aaaabbbb"], "month": MONTHS * 2, "v": [0] * 4 + [1, 2, 3, 4]})
    panel = read_panel(table, id_column="id", time_column="month", column="v")
    assert "constant, so that MASE is undefined: 'a'" in panel.notes


def test_a_column_is_not_two_things() -> None:
    table = pd.DataFrame({"month": MONTHS, "v": [1, 2, 3, 4]})
    with pytest.raises(OptionError, match="column 'month' cannot be both the periods and the ids"):
        read_panel(table, id_column="month", time_column="month", column="v")
    with pytest.raises(OptionError, match="column 'v' cannot be both the ids and the values"):
        read_panel(table, id_column="v", time_column="month", column="v")
