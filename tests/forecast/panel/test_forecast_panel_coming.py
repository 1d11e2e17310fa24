"""What is known in advance of the periods to come, read from a table of its own."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatework.errors import DataError, OptionError
from gatework.forecast import Panel, read_panel
from gatework.forecast.panel.coming import read_coming, with_coming
from gatework.forecast.panel.periods import calendar_features


def table(path: Path, rows: list[str]) -> Path:
    path.write_text("\n".join(rows) + "\n")
    return path


def months(count: int, first: int = 0) -> list[str]:
    return [f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(first, first + count)]


@pytest.fixture
def panel(tmp_path) -> Panel:
    rows = [f'{shop};{m};{n};"{n},5"' for shop in "ab" for n, m in enumerate(months(12))]
    path = table(tmp_path / "sales.csv", ["shop;month;sales;Price", *rows])
    columns: dict[str, Any] = {"id_column": "shop", "time_column": "month", "column": "sales"}
    return read_panel(path, **columns, future=["Price"], calendar=["month"])


def test_periods_are_matched_by_series_and_name_in_the_style_of_the_panel(panel, tmp_path) -> None:
    rows = [
        f'{m};x;{shop};"1.{n}0{i},25"'
        for n, m in enumerate(months(4, 11))
        for i, shop in enumerate("cba")
    ]
    coming = read_coming(table(tmp_path / "c.csv", ["MONTH;more;Shop;price", *rows]), panel, 3)
    assert coming.shape == (2, 3, 3)
    assert coming[..., 0].tolist() == [[1102.25, 1202.25, 1302.25], [1101.25, 1201.25, 1301.25]]
    cycle = calendar_features("2021-03", 3, 0, "MS", ("month",))
    np.testing.assert_allclose(coming[0, :, 1:], cycle)
    frame = pd.DataFrame({"month": pd.period_range("2021-01", periods=3, freq="M"), "shop": "a"})
    frame = pd.concat([frame, frame.assign(shop="b")]).assign(Price=[1, 2, 3, 4, 5, 6])
    assert read_coming(frame, panel, 2)[..., 0].tolist() == [[1, 2], [4, 5]]


def test_a_panel_takes_them_behind_each_of_its_series(panel, tmp_path) -> None:
    rows = [f"{shop};{m};{n}" for shop in "ab" for n, m in enumerate(months(3, 12), 20)]
    found = with_coming(panel, table(tmp_path / "c.csv", ["shop;month;Price", *rows]), 3)
    assert found.covariates.future is not None
    assert found.covariates.future[1, 10:15, 0].tolist() == [10.5, 11.5, 20, 21, 22]
    assert found.notes[-1] == (
        "what is known in advance of the next 3 periods is read from 'c.csv': 'Price'"
    )


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["shop;month;Price", "a;2021-01;1", "b;2021-01;1", "a;2021-02;1"],
         r"'c\.csv' has no row for series 'b', period 2021-02 in column 'month'"),
        (["shop;month;Price", "a;2020-12;1"],
         r"series 'a', period 2021-01 \(the first of 4 that are missing\)"),
        (["shop;month;Price", "a;2021-01;1", "a;2021-02;"],
         r"no row for series 'b', period 2021-01 \(the first of 2"),
        (["shop;month;Price", "a;2021-01;1", "b;2021-01;1", "a;2021-02;1", "b;2021-02;"],
         r"column 'Price', row 5: .* known in advance, but not for series 'b', period 2021-02"),
        (["shop;month;Price", "a;2021-01;1", "a;2021-01;2"], r"series 'a'.* '2021-01' is repeated"),
        (["shop;month;cost", "a;2021-01;1"], r"'c\.csv' has no column 'Price', which is known in"),
        (["month;Price", "2021-01;1"], r"column 'shop' is not in 'c\.csv'"),
        (["shop;month;Price", "a;2021-01;1.5", "b;2021-01;1"], r"column 'Price', row 2: '1\.5'"),
    ],
)  # fmt: skip
def test_what_is_missing_or_contradicts_is_named(panel, tmp_path, rows, said) -> None:
    with pytest.raises(DataError, match=said):
        read_coming(table(tmp_path / "c.csv", rows), panel, 2)


def test_a_panel_without_such_columns_has_no_use_for_a_table(panel, tmp_path) -> None:
    with pytest.raises(OptionError, match="nothing that is known in advance"):
        read_coming(tmp_path / "c.csv", panel.with_names((), ("month sine", "month cosine")), 2)


@pytest.mark.parametrize(
    ("times", "ahead"),
    [
        (["1", "2", "3"], ["4", "5"]),
        (["2020-W52", "2020-W53", "2021-W01"], ["2021-W02", "2021-W03"]),
        (["31.03.2020", "30.06.2020", "30.09.2020"], ["31.12.2020", "31.03.2021"]),
        (["2020-01-02", "2020-01-09", "2020-01-16"], ["2020-01-23", "2020-01-30"]),
        (["2020-01-01T00:00+01:00", "2020-01-01T01:00+01:00", "2020-01-01T02:00+01:00"],
         ["2020-01-01T02:00+00:00", "2020-01-01T03:00+00:00"]),
    ],
)  # fmt: skip
def test_periods_of_every_kind_are_found(tmp_path, times, ahead) -> None:
    rows = [f"{when},{n},{10 * n}" for n, when in enumerate(times)]
    path = table(tmp_path / "t.csv", ["when,load,heat", *rows])
    panel = read_panel(path, time_column="when", column="load", future=["heat"])
    rows = [f"{when},{n}" for n, when in enumerate(reversed(ahead))]
    coming = read_coming(table(tmp_path / "c.csv", ["when,heat", *rows]), panel, 2)
    assert coming[0, :, 0].tolist() == [1, 0]


def test_columns_of_values_share_what_is_known(tmp_path) -> None:
    rows = [f"{unit},{m},{n},{n + 5},{n % 2}" for unit in "xy" for n, m in enumerate(months(6))]
    path = table(tmp_path / "t.csv", ["unit,month,faults,hours,tour", *rows])
    columns: dict[str, Any] = {
        "id_column": "unit",
        "time_column": "month",
        "column": ["faults", "hours"],
    }
    panel = read_panel(path, **columns, future=["tour"])
    rows = ["unit,month,tour", "x,2020-07,7", "y,2020-07,8"]
    coming = read_coming(table(tmp_path / "c.csv", rows), panel, 1)
    assert dict(zip(panel.ids, coming[:, 0, 0].tolist(), strict=True)) == {
        "x / faults": 7, "x / hours": 7, "y / faults": 8, "y / hours": 8,
    }  # fmt: skip
