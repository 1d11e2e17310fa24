"""Rows are read as the series was: their numbers, their columns, and what stands around them."""

import math

import pytest

from gatework.errors import DataError, OptionError
from gatework.tabular.style import ReadingStyle
from gatework.watch.records import Records
from gatework.watch.rows import Row, RowReader

GERMAN = ReadingStyle(time_column="Tag", column="Last", decimals={"Last": ","})


def read(data: bytes | str, reader: RowReader, piece: int = 7) -> list[Row]:
    """Return the rows of data that come in small pieces."""
    data = data.encode() if isinstance(data, str) else data
    records, rows = Records(reader), []
    for at in range(0, len(data), piece):
        records.feed(data[at : at + piece])
        rows += [reader.read(one) for one in records.whole()]
    rows += [reader.read(one) for one in records.whole(last=True)]
    return [row for row in rows if row is not None]


def pairs(data: bytes | str, reader: RowReader, piece: int = 7) -> list[tuple[str | None, float]]:
    return [(row.period, row.value) for row in read(data, reader, piece)]


@pytest.mark.parametrize(
    ("style", "text", "values"),
    [
        (GERMAN, "Tag;Last\n1;1.240,5\n2;1.241\n3;1.239,0\n", [1240.5, 1241, 1239]),
        (GERMAN, 'tag,last\n1,1.241\n2,"1.241,5"\n', [1241, 1241.5]),
        (GERMAN, '{"Tag": "1", "Last": "1.241"}\n{"Tag": "2", "Last": 1.5}\n', [1241, 1.5]),
        (GERMAN, "1.241\n1.242,5\n", [1241, 1242.5]),
        (ReadingStyle(column="v", units={"v": "%"}), "t,v\n1,12 %\n2,13%\n", [12, 13]),
        (ReadingStyle(column="v", missing=("-999", "aus")), "t,v\n1,-999.0\n2,aus\n3,4\n", [4]),
        (ReadingStyle(column="v"), 't,v\n1,"3,5"\n', [3.5]),
    ],
)
def test_numbers_are_written_as_those_of_the_series(style, text, values) -> None:
    found = read(text, RowReader(style=style))
    assert [row.value for row in found if not math.isnan(row.value)] == values
    assert all(row.problem is None for row in found)


@pytest.mark.parametrize(
    ("style", "cell", "problem"),
    [
        (GERMAN, "1.5", "row 2: '1.5' is not a number where ',' begins the decimals"),
        (ReadingStyle(decimals={"Last": "."}), "1,5", "row 2: '1,5' is not a number where '.'"),
        (ReadingStyle(column="Last", units={"Last": "kW"}), "5 MW", "row 2: '5 MW' has the unit"),
    ],
)
def test_a_number_that_contradicts_the_series_is_none(style, cell, problem) -> None:
    (row,) = read(f"Tag;Last\n1;{cell}\n", RowReader(style=style))
    assert math.isnan(row.value)
    assert (row.problem or "").startswith(problem)


@pytest.mark.parametrize(
    ("style", "options", "text"),
    [
        ({}, {}, "ds,y\n2005-01,3\n"),
        ({}, {}, "note;when;y\nx;Jan 2005;3\n"),
        ({"time_column": "B", "column": "C"}, {}, "A,B,C\n2004-01,2005-01,3\n"),
        ({"time_column": "b", "column": "c"}, {}, "A,C,B\n2004-01,3,2005-01\n"),
        ({}, {"column": "FAULTS"}, "date,faults,rate\n2005-01,3,4\n"),
        ({"time_column": "gone", "column": "lost"}, {}, "ds,y\n2005-01,3\n"),
    ],
)
def test_columns_are_found_as_for_a_forecast(style, options, text) -> None:
    reader = RowReader(style=ReadingStyle(**style), **options)
    (row,) = read(text, reader)
    assert row.value == 3
    assert row.period in ("2005-01", "Jan 2005")


def test_periods_in_two_columns() -> None:
    for style in (ReadingStyle(), ReadingStyle(time_column="Day + Clock", column="v")):
        reader = RowReader(style=style)
        found = pairs("day,clock,v\n2005-01-01,00:30,3\n2005-01-01,01:30,4\n", reader)
        assert found == [("2005-01-01 00:30", 3), ("2005-01-01 01:30", 4)]
    assert pairs("year,month,v\n2005,3,7\n", RowReader()) == [("2005-03", 7)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_line_ends_and_encodings(end, encoding, piece) -> None:
    text = end.join(["date,v,Größe", "2005-01,3,ä", '2005-02,4,"a', 'b"', "2005-03,5,"])
    found = read(text.encode(encoding), RowReader(), piece)
    expected = [("2005-01", 3), ("2005-02", 4), ("2005-03", 5)]
    assert [(row.period, row.value) for row in found] == expected
    assert [row.line for row in found] == [2, 3, 4]


def test_an_encoding_that_is_said_or_that_of_the_series() -> None:
    data = "datum;größe\n2005-01;3\n".encode("cp1252")
    for reader in (
        RowReader(said=ReadingStyle(encoding="cp1252")),
        RowReader(style=ReadingStyle(encoding="cp1252")),
        RowReader(),
    ):
        assert pairs(data, reader) == [("2005-01", 3)]
        assert reader.header == ["datum", "größe"]
    assert reader.notes == ["the text is read as cp1252; --encoding names another"]
    with pytest.raises(OptionError, match="encoding 'cp125x' is not known"):
        RowReader(said=ReadingStyle(encoding="cp125x"))


def test_what_stands_around_the_rows_is_passed_over() -> None:
    text = (
        "sep=;\n# by hand\nStation Nord\ndate;v\n;[kW]\n2005-01;3\n# checked\n2005-02;4\n"
        "date;v\n2005-03;5\n"
    )
    reader = RowReader(style=ReadingStyle(column="v"))
    assert pairs(text, reader) == [("2005-01", 3), ("2005-02", 4), ("2005-03", 5)]
    said = ["a remark: '# by hand'", "a remark: 'Station Nord'", "units: ';[kW]'"]
    said += ["a remark: '# checked'", "the header, which stands there again: 'date;v'"]
    assert reader.notes == [f"passed over as {one}" for one in said]


def test_names_that_are_not_known_follow_remarks_of_another_width() -> None:
    assert pairs("Report\nwhen;load\n2005-01;3\n", RowReader()) == [("2005-01", 3)]


def test_remarks_of_a_name_and_a_number_are_no_rows() -> None:
    style = ReadingStyle(time_column="time", column="temp")
    text = "Station,Berlin\nHeight,34\ntime,temp\n2024-01-01,3\n"
    assert pairs(text, RowReader(style=style)) == [("2024-01-01", 3)]


def test_an_empty_first_period_does_not_hide_the_others() -> None:
    style = ReadingStyle(time_column="time", column="temp")
    found = read("when,v\n,3\n2024-01-01,4\n", RowReader(style=style))
    assert [(row.period, row.value) for row in found[1:]] == [("2024-01-01", 4)]
    assert (found[0].period, found[0].problem) == ("", "row 2: the period is empty")
    found = read("when,v,unit\n2024-01-01,NA,kW\n2024-01-02,3,kW\n", RowReader())
    assert math.isnan(found[0].value)
    assert found[1].value == 3


def test_a_column_alone_may_have_decimal_commas() -> None:
    style = ReadingStyle(column="v", decimals={"v": ","})
    assert pairs("v\n1,5\n2,5\n", RowReader(style=style)) == [(None, 1.5), (None, 2.5)]


def test_a_rotated_file_begins_with_the_same_lines() -> None:
    reader = RowReader()
    assert pairs("sep=;\ndate;v\n2005-01;3\n", reader) == [("2005-01", 3)]
    reader.begin_file()
    assert pairs("sep=,\n# new\nv,date\n4,2005-02\n", reader) == [("2005-02", 4)]


def test_a_stray_quotation_mark_costs_its_own_row_alone() -> None:
    found = read('date,v,note\n2005-01,3,"x\n2005-02,4,y\n2005-03,5,z\n', RowReader())
    assert [row.value for row in found[1:]] == [4, 5]
    assert found[0].problem == "row 2: a quoted field does not end"
    found = read('date,v\n2005-01,"3"x\n2005-02,4\n', RowReader())
    assert found[1].value == 4


def test_text_without_a_row_is_an_error() -> None:
    for text, said in (("date,v\n", "a header, date, v, and"), ("Report\n\n", "a header, Report")):
        reader = RowReader()
        assert read(text, reader) == []
        with pytest.raises(DataError, match=f"there is {said}.* no row of values"):
            reader.finish()


def test_states_of_before_are_taken_up() -> None:
    reader = RowReader()
    read("date,v\n2005-01,3\n", reader)
    older = {n: v for n, v in reader.to_config().items() if n not in ("encoding", "chosen")}
    again = RowReader()
    again.restore(older)
    assert pairs("2005-02,4\n", again) == [("2005-02", 4)]
