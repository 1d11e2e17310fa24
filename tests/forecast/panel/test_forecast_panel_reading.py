"""Panels from files and frames: what comes in, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from gatework.errors import DataError, OptionError
from gatework.forecast import Panel, Series, read_panel


def frame(**changes: object) -> pd.DataFrame:
    """Return two monthly series, b shorter and later, its rows shuffled."""
    rows = [("a", f"2000-{month:02d}", 10.0 + month, month % 2, "big") for month in range(1, 13)]
    rows += [("b", f"2000-{month:02d}", float(month), 1, "small") for month in (9, 7, 8, 10)]
    table = pd.DataFrame(rows, columns=["id", "month", "sales", "promotion", "kind"])
    return table.assign(**changes)


def read(source: object, **options: object) -> Panel:
    settings = {"id_column": "id", "time_column": "month", "column": "sales"}
    return read_panel(source, **settings | options)  # type: ignore[arg-type]


def test_rows_find_their_series_and_periods() -> None:
    panel = read(frame())
    assert panel.ids == ("a", "b")
    assert panel.lengths.tolist() == [12, 4]
    assert panel.values[1, :4].tolist() == [7.0, 8.0, 9.0, 10.0]
    assert np.isnan(panel.values[1, 4:]).all()
    assert panel.labels(1) == ["2000-07", "2000-08", "2000-09", "2000-10"]
    assert panel.future_labels(1, 2) == ["2000-11", "2000-12"]
    assert (panel.frequency, panel.season, panel.counts.tolist()) == ("MS", 12, [True, True])


def test_every_source_gives_the_same_panel(tmp_path: Path) -> None:
    table = frame()
    csv, parquet = tmp_path / "sales.csv", tmp_path / "sales.parquet"
    table.to_csv(csv, index=False)
    table.to_parquet(parquet)
    dated = table.assign(month=pd.to_datetime(table["month"]))
    expected = read(table)
    sources = (csv, str(parquet), pa.Table.from_pandas(table), dated)
    for source in sources:
        panel = read(source)
        assert panel.ids == expected.ids
        np.testing.assert_array_equal(panel.values, expected.values)
        assert panel.labels(0) == expected.labels(0)


def test_gaps_are_masked_or_filled_or_refused() -> None:
    table = frame().drop(index=4)
    table.loc[2, "sales"] = np.nan
    panel = read(table)
    assert np.flatnonzero(np.isnan(panel.values[0])).tolist() == [2, 4]
    assert panel.lengths[0] == 12
    assert read(table, missing="previous").values[0, 2] == 12.0
    with pytest.raises(DataError, match="'a' has no value for 2000-03 and 1 other"):
        read(table, missing="error")
    with pytest.raises(DataError, match="'a' has no value for 2000-03, and a Series must have all"):
        panel.series("a")
    assert read(frame()).series("b").values.tolist() == [7.0, 8.0, 9.0, 10.0]


def test_rows_for_covariates_to_come_are_no_gaps_where_these_are_not_used() -> None:
    rows = [
        (shop, f"2000-{m:02d}", 2.0 * m if m < 9 else np.nan) for shop in "ab" for m in range(1, 13)
    ]
    rows[7] = ("a", "2000-08", np.nan)
    table = pd.DataFrame(rows, columns=["id", "month", "sales"])
    panel = read(table)
    assert panel.lengths.tolist() == [8, 8]
    assert np.isnan(panel.values[0, 7])  # b has a value there, so a's is missing
    assert read(table, missing="previous").values[0].tolist() == [
        2,
        4,
        6,
        8,
        10,
        12,
        14,
        14,
    ]


def test_covariates_stand_where_their_values_do() -> None:
    table = frame()
    ahead = pd.DataFrame(
        [("a", "2001-01", np.nan, 1, "big"), ("b", "2000-11", np.nan, 0, "small")],
        columns=table.columns,
    )
    panel = read(
        pd.concat([table, ahead]), future=["promotion"], static=["kind"], calendar=["month"]
    )
    known = panel.covariates
    assert panel.lengths.tolist() == [12, 4]
    assert known.future_names == ("promotion", "month sine", "month cosine")
    assert known.future is not None
    assert known.static is not None
    assert known.future[0, :13, 0].tolist() == [m % 2 for m in range(1, 13)] + [1]
    assert known.future[1, :5, 0].tolist() == [1, 1, 1, 1, 0]
    assert known.static_names == ("kind=big", "kind=small")
    assert known.static.tolist() == [[1, 0], [0, 1]]
    july = known.future[1, 0, 1:]
    np.testing.assert_allclose(july, [0, -1], atol=1e-12)
    past = read(table, past=["promotion"]).covariates.past
    assert past is not None
    assert past[1, :4, 0].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (frame(id="a"), {}, r"series 'a': column 'month', row \d+: .* is repeated"),
        (frame(id=""), {}, "column 'id', row 1: the id is empty"),
        (frame(sales=np.nan), {}, "series 'a' has no value at all"),
        (frame(sales="many"), {}, "column 'sales', row 1: 'many' is not a number"),
        (frame(sales=-1), {}, "series 'a', period 2000-01: -1 is negative"),
        (frame(), {"static": ["promotion"]}, "series 'a': 'promotion' says '0' and '1'"),
        (frame(promotion=np.nan), {"future": ["promotion"]}, "'a': 'promotion' is known in adv"),
        (frame(), {"column": "sale"}, "column 'sale' is not in 'the data frame'"),
        (frame().head(0), {}, "the data frame has no rows"),
    ],
)
def test_what_cannot_be_used_is_named(table, options, message) -> None:
    with pytest.raises(DataError, match=message):
        read(table, **options)


def test_arguments_that_cannot_be_are_refused() -> None:
    with pytest.raises(OptionError, match="missing must be one of mask, error"):
        read(frame(), missing="guess")
    with pytest.raises(OptionError, match=r"calendar must be of month, .* got 'moon'"):
        read(frame(), calendar=["moon"])
    with pytest.raises(OptionError, match="source must be a path or a data frame"):
        read([1, 2, 3])
    numbered = frame(month=[*range(1, 13), 9, 7, 8, 10])
    with pytest.raises(OptionError, match="calendar features need dates"):
        read(numbered, calendar=["month"])


def test_frequencies_must_agree() -> None:
    table = frame()
    table["month"] = table["month"] + "-01"
    table.loc[table["id"] == "b", "month"] = [f"2000-07-{day:02d}" for day in (3, 1, 2, 4)]
    with pytest.raises(DataError, match="'b' has the frequency D, 'a' has MS"):
        read(table)


def test_negative_whole_numbers_can_be_allowed() -> None:
    assert not read(frame(sales=-1), allow_negative=True).counts.any()


def test_subsets_cuts_and_sums() -> None:
    panel = read(frame(), calendar=["month"])
    part = panel.subset(["b"])
    assert part.ids == ("b",)
    assert part.values.shape == (1, 4)
    assert part.covariates.future is not None
    assert part.covariates.future.shape[1] > 4
    shorter = panel.cut(np.array([6, 4]))
    assert shorter.labels(0)[-1] == "2000-06"
    assert np.isnan(shorter.values[0, 6:]).all()
    both = panel.cut(np.array([10, 4])).aggregate({"all": ["a", "b"]})
    assert both.values[0].tolist() == [24.0, 26.0, 28.0, 30.0]
    assert both.labels(0)[0] == "2000-07"
    with pytest.raises(DataError, match="group 'all' end at 2000-10 and 2000-12"):
        panel.aggregate({"all": ["a", "b"]})
    with pytest.raises(OptionError, match="group 'none' has no members"):
        panel.aggregate({"none": []})
    with pytest.raises(DataError, match="there is no series 'c'"):
        panel.subset(["c"])


def test_panels_of_series_must_fit_together() -> None:
    one = Series("a", np.arange(3.0), ("1", "2", "3"))
    other = Series("b", np.arange(2.0), ("2000", "2001"), "YS")
    with pytest.raises(DataError, match="series 'b' has the frequency YS"):
        Panel.from_series([one, other])
    with pytest.raises(DataError, match="series 'a' is in the panel twice"):
        Panel.from_series([one, one])
    with pytest.raises(DataError, match="at least one series"):
        Panel.from_series([])
    assert Panel.from_series([one]).labels(0) == ["1", "2", "3"]
