"""Numbers as people write them, marks for missing values, and what is said of both."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from gatework.errors import DataError
from gatework.forecast import read_series
from gatework.tabular.alone import read_cell
from gatework.tabular.marks import marks_among
from gatework.tabular.numeric import is_numeric, not_a_number, number
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import Table


def table(cells: Sequence[object], delimiter: str = ",", **style: object) -> Table:
    rows = list(range(2, len(cells) + 2))
    return Table("t.csv", {"v": list(cells)}, rows, delimiter, ReadingStyle(**style))  # type: ignore[arg-type]


FORMS = {
    "percent": (["5 %", "6.5%", "-7 %"], [5, 6.5, -7], "%"),
    "dollars": (["$5.50", "-$1,250.00", "$ 7"], [5.5, -1250, 7], "$"),
    "euros behind": (["1.234,50 €", "2,5 €", "-3 €"], [1234.5, 2.5, -3], "€"),
    "codes before": (["USD 5", "USD 1,234,567", "USD 7"], [5, 1234567, 7], "USD"),
    "codes behind": (["5 EUR", "6 EUR", "7EUR"], [5, 6, 7], "EUR"),
    "dollars of others": (["R$ 5,50", "R$ 1.250,00", "R$ 7"], [5.5, 1250, 7], "R$"),
    "accounts": (["(5)", "(1,250.5)", "7"], [-5, -1250.5, 7], ""),
    "accounts in dollars": (["($5)", "$(6)", "$7"], [-5, -6, 7], "$"),
    "minus behind": (["5-", "1.250,75-", "7"], [-5, -1250.75, 7], ""),
    "full width": (["１２", "－１３", "１，２５０．５"], [12, -13, 1250.5], ""),
    "full width per cent": (["１２％", "１３％"], [12, 13], "%"),
    "eastern arabic": (["١٢٫٥", "١٬٢٣٤٫٢٥"], [12.5, 1234.25], ""),
    "minus of print": (["\u22125", "\u20136", "7"], [-5, -6, 7], ""),
    "spaces": (["1\u00a0234,5", "1\u2009234", "12 345 678"], [1234.5, 1234, 12345678], ""),
    "apostrophes": (["1'234.5", "1’234", "-12'345'678"], [1234.5, 1234, -12345678], ""),
    "indian": (["12,34,567", "1,00,000.50", "7"], [1234567, 100000.5, 7], ""),
    "exponents": (["1e3", "2.5E-1", "-1E+02"], [1000, 0.25, -100], ""),
    "units": (["12 kW", "13.5 kW", "14kW"], [12, 13.5, 14], "kW"),
    "units with digits": (["12 m3/h", "13 m3/h"], [12, 13], "m3/h"),
    "degrees": (["21,5 °C", "22,25 °C"], [21.5, 22.25], "°C"),
    "millions": (["1,5 Mio. €", "2,25 Mio. €"], [1.5, 2.25], "Mio. €"),
    "plus": (["+5", "+6.5"], [5, 6.5], ""),
    "two dots": (["7.129 €", "8.481.112 €"], [7129, 8481112], "€"),
    "zeros": (["0,005", "10,050", "100,000"], [0.005, 10.05, 100], ""),
    "kinds of a frame": (
        [5, 6.5, Decimal("7.25"), None, np.float32(2)],
        [5, 6.5, 7.25, None, 2],
        "",
    ),
    "numbers and texts": ([5, "6,5", None, "7,25"], [5, 6.5, None, 7.25], ""),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_numbers(name: str) -> None:
    cells, expected, unit = FORMS[name]
    one = table(cells)  # type: ignore[arg-type]
    wanted = [np.nan if value is None else value for value in expected]
    np.testing.assert_array_equal(one.numbers("v"), wanted)
    assert one.style.units == ({"v": unit} if unit else {})
    again = (
        table(cells, style=None)
        if False
        else Table(
            "t.csv", {"v": cells}, one.rows, ",", ReadingStyle.from_config(one.style.to_config())
        )
    )
    np.testing.assert_array_equal(again.numbers("v"), wanted)
    assert is_numeric(cells)
    for cell, value in zip(cells, wanted, strict=True):
        np.testing.assert_equal(read_cell(cell, one.style, "v"), value)


def test_units_are_said() -> None:
    for cells, note in (
        (["5 %", "6 %"], "the numbers of column 'v' are per cent"),
        (["$5", "$6"], "the numbers of column 'v' are in $"),
        (["5 kW", "6 kW"], "the numbers of column 'v' are in kW"),
    ):
        one = table(cells)
        one.numbers("v")
        assert one.notes == [note]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["5 kW", "6 MW"], "row 3: '6 MW' has the unit 'MW', expected the unit 'kW' as in row 2"),
        (["5 m2", "6 m3"], "row 3: '6 m3' has the unit 'm3', expected the unit 'm2' as in row 2"),
        (["$5", "6"], "row 3: '6' has no unit, expected the unit '\\$' as in row 2"),
        (["5", "6 €"], "row 3: '6 €' has the unit '€', expected no unit as in row 2"),
    ],
)
def test_units_that_differ_are_refused(cells: list[object], message: str) -> None:
    with pytest.raises(DataError, match=f"column 'v', {message}") as caught:
        table(cells).numbers("v")
    assert caught.value.hint == "write all numbers of the column in one unit"


@pytest.mark.parametrize(
    "cell",
    [
        *("1.2.3", "1,2,3", "1 2", "12 34", "5,-", "(5", "5)", "--5", "-(5)", "-5-", "5²", "½"),
        *("<5", "5/6", "10:30", "2005-03-07", "x5", "5 + 6", "0x1F", "1,2345.6", "0,123,456"),
        *("5 e", "€5 %", "1_000", "12 34 567", "1.234.56", "ten"),
    ],
)
def test_what_is_no_number_is_refused(cell: str) -> None:
    with pytest.raises(DataError, match=r"column 'v', row 3: .* (is not a number|has the unit)"):
        table(["7", cell, "8"]).numbers("v")
    assert number(cell) is None
    assert read_cell(cell, ReadingStyle(), "v") is None


def test_a_number_of_the_right_unit_is_told_by_its_marks() -> None:
    with pytest.raises(
        DataError, match=r"row 3: '1\.5 €' is not a number where ',' begins the dec"
    ):
        table(["2,5 €", "1.5 €"]).numbers("v")


def test_a_comma_before_three_digits_parts_thousands_and_it_is_said() -> None:
    one = table(["1,250", "1,251", "13,000"])
    assert one.numbers("v").tolist() == [1250, 1251, 13000]
    assert one.notes == [
        "the comma parts thousands in column 'v': '1,250' is read as 1250; --decimal comma reads "
        "it as 1.250"
    ]
    sure = table(["1,250", "1,251.5"])
    assert sure.numbers("v").tolist() == [1250, 1251.5]
    assert sure.notes == []
    with pytest.raises(DataError, match=r"'1\.250' may be 1250 or 1\.250") as caught:
        table(["1.250", "1.251"], ";").numbers("v")
    assert caught.value.hint is not None
    assert "--decimal comma reads 1250, --decimal point reads 1.250" in caught.value.hint
    for mark, expected in ((",", [1250, 1251]), (".", [1.25, 1.251])):
        said = table(["1.250", "1.251"], ";", decimals={"": mark})
        assert said.numbers("v").tolist() == expected
        assert read_cell("1.250", said.style, "v") == expected[0]


def test_other_columns_tell_where_one_leaves_decimals_open() -> None:
    columns: dict[str, Sequence[object]] = {
        "v": ["1,250", "1,251"],
        "w": ["3,5", "4"],
        "x": ["a", "b"],
    }
    one = Table("t.csv", columns, [2, 3], ",")
    assert one.numbers("v").tolist() == [1.25, 1.251]
    assert one.notes == ["the comma begins the decimals of column 'v'"]
    columns = {"v": ["1.250", "1.251"], "w": ["3,5", "4"]}
    assert Table("t.csv", columns, [2, 3], "\t").numbers("v").tolist() == [1250, 1251]
    dated: dict[str, Sequence[object]] = {"v": ["1.250", "1.251"], "Datum": ["1.2021", "2.2021"]}
    with pytest.raises(DataError, match="may be 1250"):  # a date tells nothing of numbers
        Table("t.csv", dated, [2, 3], ";").numbers("v")
    columns = {"v": ["1.250", "1.251"], "w": ["2.5", "3"]}
    dotted = Table("t.csv", columns, [2, 3], ";")
    assert dotted.numbers("v").tolist() == [1.25, 1.251]
    assert dotted.notes == [
        "the dot begins the decimals of column 'v': '1.250' is read as 1.250; --decimal comma "
        "reads it as 1250"
    ]


WORDS = ["n/a", "#N/A", "None", "-", "--", ".", "?", "missing", "k.A.", "k. A.", "n.v.", "fehlt",
         "s.o.", "n.d.", "nd", "s/d", "无", "缺失", "空", "暂无", "нет", "nil", "#DIV/0!",
         "#VALUE!", "#REF!", "#NV", "—", "？", "…", "keine Angabe"]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_words_for_missing_are_so_where_gaps_are_filled(word: str) -> None:
    cells: list[object] = ["5", f" {word} ", "7", word]
    with pytest.raises(DataError, match=r"column 'v', row 3: .* is not a number") as caught:
        table(cells).numbers("v")
    assert caught.value.hint == "--missing interpolate"
    one = table(cells)
    np.testing.assert_array_equal(one.numbers("v", fill=True), [5, np.nan, 7, np.nan])
    (note,) = one.notes
    assert note.endswith("in row 3 and row 5 of column 'v' is taken for missing")
    assert np.isnan(read_cell(word, one.style, "v") or 0)
    assert is_numeric(cells)


def test_marks_that_the_user_names_are_missing() -> None:
    cells: list[object] = ["5", "-999.0", "out", "-999", "7"]
    one = table(cells, missing=("-999", "OUT"))
    np.testing.assert_array_equal(one.numbers("v"), [5, np.nan, np.nan, np.nan, 7])
    assert one.notes == [
        "'out' in row 4 of column 'v' is taken for missing",
        "'-999' in row 3 and row 5 of column 'v' is taken for missing",
    ]
    for cell in ("-999", "-999.0", "out", -999.0, "n/a"):
        assert np.isnan(read_cell(cell, one.style, "v") or 0)
    frame = table([5.0, -999.0, 7.0], missing=("-999",))
    np.testing.assert_array_equal(frame.numbers("v"), [5, np.nan, 7])


def test_numbers_that_look_like_marks_are_told_and_kept() -> None:
    cells: list[object] = ["2.5", "-999", "2.75", "3", "-999.0", "2.25", "-999", "1e20"]
    one = table(cells + ["2.5"] * 9)
    assert one.numbers("v")[1] == -999
    far = "lies more than 20 deviations away from the rest and looks like a mark for missing:"
    assert one.notes == [
        f"column 'v': -999 in row 3 and 2 other rows {far} --missing-mark -999 takes it as such",
        f"column 'v': 1e+20 in row 9 {far} --missing-mark 1e+20 takes it as such",
    ]


@pytest.mark.parametrize("mark", [-99, 999, -9999, 99999, 65535, -32768, 1e30, 999.9, -999.25, -1])
def test_which_numbers_look_like_marks(mark: float) -> None:
    values = np.random.default_rng(0).normal(20, 0.5, 100)
    values[[7, 30]] = mark
    assert {one: at.tolist() for one, at in marks_among(values).items()} == {mark: [7, 30]}
    usual = np.linspace(-2 * abs(mark), 2 * abs(mark), 101)
    usual[50] = mark
    assert marks_among(usual) == {}
    assert marks_among(np.append(values[:7], 543.0)) == {}
    constant = np.append(np.full(9, 5.0), mark)
    assert list(marks_among(constant)) == [mark]
    assert marks_among(np.append(np.full(9, mark - 1.5), mark)) == {} or abs(mark) < 99


def test_one_cell_is_read_in_the_style_of_its_column() -> None:
    german, english = (ReadingStyle(decimals={"v": mark}) for mark in (",", "."))
    assert [read_cell(c, german, "v") for c in ("1.240,5", "1.241", "3,5")] == [1240.5, 1241, 3.5]
    assert [read_cell(c, english, "v") for c in ("1,240.5", "1,241", "3.5")] == [1240.5, 1241, 3.5]
    assert read_cell("3.5", german, "v") is None
    assert read_cell("3,5", english, "v") is None
    assert not_a_number("3,5", ".") == "is not a number where '.' begins the decimals"
    unknown = ReadingStyle()
    assert [read_cell(c, unknown, "v") for c in ("3,5", "1.250", "1.250,5")] == [3.5, 1.25, 1250.5]
    assert read_cell("1,250", unknown, "v") is None
    assert read_cell("1,250", unknown, "v", ";") == 1.25
    power = ReadingStyle(units={"v": "kW"})
    assert [read_cell(c, power, "v") for c in ("5 kW", "5 MW", "5", 5.0)] == [5, None, None, 5]
    assert not_a_number("5 MW", None, "kW") == "has the unit 'MW', expected the unit 'kW'"
    with pytest.raises(DataError, match="row 2: '5' has no unit, expected the unit 'kW' as before"):
        table(["5"], units={"v": "kW"}).numbers("v")


def test_what_is_a_column_of_numbers() -> None:
    assert is_numeric(["5 kW", "6 kW"])
    assert is_numeric(["x", "5", "6"])
    assert not is_numeric(["5 kW"])  # a name such as "24 h"
    assert not is_numeric(["3 pumps", "4 valves", "5 bolts", "6 nuts"])
    assert not is_numeric(["2005-03-07", "2005-03-08"])
    assert not is_numeric([True, False])
    assert not is_numeric(["", None])
    assert is_numeric([""] * 9000 + ["5"])


def test_a_negative_count_that_looks_like_a_mark_has_it_as_the_hint(tmp_path: Path) -> None:
    path = tmp_path / "level.csv"
    path.write_text("date,v\n2005-01,5\n2005-02,-999\n2005-03,6\n")
    with pytest.raises(DataError, match="row 3: -999 is negative") as caught:
        read_series(path)
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("--missing-mark -999, if it marks missing values; ")
    style = ReadingStyle(missing=("-999",))
    assert read_series(path, style=style, missing="interpolate").values.tolist() == [5, 5.5, 6]


def test_a_series_is_titled_with_its_unit(tmp_path: Path) -> None:
    path = tmp_path / "price.csv"
    path.write_text("date,v\n2005-01,$5.5\n2005-02,$6.5\n")
    assert read_series(path).title == "v [$]"
    path.write_text("date,v\n2005-01,5.5\n2005-02,6.5\n")
    assert read_series(path).title == "v"
