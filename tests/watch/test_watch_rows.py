"""Rows out of lines, in every format, with what may be wrong in them."""

import math

import pytest

from gatework.errors import DataError, OptionError
from gatework.watch.rows import Row, RowReader


def rows(text: str | bytes, **options):
    reader = RowReader(**options)
    data = text.encode() if isinstance(text, str) else text
    found = [reader.read(line) for line in data.splitlines(keepends=True)]
    return [row for row in found if row is not None]


def test_bare_numbers() -> None:
    found = rows("3\n\n 4.5 \r\n-1e3\nNaN\nn/a\n7")
    assert [row.value for row in found[:3]] == [3, 4.5, -1000]
    assert [row.line for row in found] == [1, 3, 4, 5, 6, 7]
    assert all(math.isnan(row.value) and row.problem is None for row in found[3:5])
    assert all(row.period is None for row in found)


def one(reader: RowReader, line: bytes) -> Row:
    row = reader.read(line)
    assert row is not None
    return row


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("date,faults\n2005-01,3\n", {}),
        ("\ufeffdate;faults\n2005-01;3,0\n", {}),
        ("faults\tMonth\n3\t2005-01\n", {}),
        ("a,b,when\n1,3,2005-01\n", {"column": "b", "time_column": "when"}),
        ("date,load,faults\n2005-01,9,3\n", {"series": "faults"}),
        ('date,faults,"a note, quoted"\n2005-01,"3","x, y"\n', {"column": "faults"}),
        ('{"date": "2005-01", "faults": 3}\n', {}),
        ('{"t": "2005-01", "v": "3", "w": 1}\n', {"column": "v", "time_column": "t"}),
    ],
)
def test_formats(text, options) -> None:
    (row,) = rows(text, **options)
    assert (row.value, row.period, row.problem) == (3.0, "2005-01", None)


@pytest.mark.parametrize(
    ("text", "problem", "period"),
    [
        ("d\n2\nten\n", "row 3: 'ten' is not a number", None),
        ("date,v\n2005-01,ten\n", "row 2: 'ten' is not a number", "2005-01"),
        ("date,v\n2005-01,inf\n", "row 2: 'inf' is beyond 1e30", "2005-01"),
        ("date,v\n2005-01,1e31\n", "row 2: '1e31' is beyond 1e30", "2005-01"),
        ("date,v\n2005-01\n", "row 2: it has 1 field, the header has 2", "2005-01"),
        ("date,v\n,3\n", "row 2: the period is empty", ""),
        ('date,v\n2005-01,"3\n', "row 2: a quoted field does not end", None),
        (b"date,v\n2005-01,\xff\n", "row 2: byte 0xff fits no character of UTF-8", None),
        (b"date,v\n2005-01,3\x004\n", "row 2: '3\\x004' is not a number", "2005-01"),
        ('{"v": 1}\n{"v": \n', "row 2: '{\"v\": ' is not JSON", None),
        (
            '{"v": 1}\n{"v": 2, "v": 7}\n',
            "row 2: '{\"v\": 2, \"v\": 7}' is not JSON: the key 'v'",
            None,
        ),
        ('{"v": 1}\n[1]\n', "row 2: '[1]' is not a JSON object", None),
        ('{"v": 1}\n{"w": 1}\n', "row 2: it lacks 'v'", None),
        ('{"v": 1}\n{"v": true}\n', "row 2: 'True' is not a number", None),
        ('{"v": 1}\n{"v": 1' + "0" * 400 + "}\n", "row 2: ", None),
        ('{"v": 1}\n{"v": ' + "[" * 100_000 + "\n", "row 2: ", None),
    ],
)
def test_rows_that_cannot_be_read_are_missing_with_a_reason(text, problem, period) -> None:
    last = rows(text)[-1]
    assert math.isnan(last.value)
    assert (last.problem or "").startswith(problem)
    assert last.period == period


@pytest.mark.parametrize(
    ("text", "options", "message", "hint"),
    [
        (
            "date,a,b\n2005-01,1,2\n",
            {},
            "the values may be in any of the columns a, b",
            "--column a",
        ),
        ("date\n", {}, "the values may be in any of the columns of none", "--column NAME"),
        (
            "date,faults\n",
            {"column": "fautls"},
            "column 'fautls' is not in the first row, which has 'date'",
            "--column faults",
        ),
        (
            "date,v\n",
            {"time_column": "dat"},
            "column 'dat' is not in the first row, which has 'date'",
            "--time-column date",
        ),
        ("2005-01,3\n", {}, "the first row has numbers, 2005-01, 3", "a first row such as"),
        ("3\n", {"column": "v"}, "'3', is a bare number: it has no columns", "leave --column"),
        (b"\xff\xfe\n", {}, "row 1 is no text: expected a number, the header", "as UTF-8"),
        ("\n\0\n", {}, "row 2 is no text", "as UTF-8"),
        ('{"a": 1, "b": 2}\n', {}, "any of the columns a, b", "--column a"),
    ],
)
def test_a_first_row_that_leaves_the_column_open(text, options, message, hint) -> None:
    with pytest.raises(DataError) as caught:
        rows(text, **options)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_another_file_may_repeat_the_header_or_not() -> None:
    reader = RowReader()
    assert reader.read(b"date,v\n") is None
    assert one(reader, b"2005-01,1\n").value == 1
    reader.begin_file()
    assert reader.read(b"date,v\n") is None
    assert one(reader, b"2005-02,2\n").value == 2
    reader.begin_file()
    assert one(reader, b"2005-03,3\n").value == 3
    reader.begin_file()
    assert reader.read(b"note,v,date\n") is None
    row = one(reader, b"x,4,2005-04\n")
    assert (row.value, row.period) == (4, "2005-04")


def test_what_is_known_of_the_rows_is_kept() -> None:
    reader = RowReader()
    assert reader.read(b"when;on;v\n") is None
    with pytest.raises(DataError, match="several columns of dates: 'when', 'on'"):
        reader.read(b"2005-01;2005-02;2,5\n")
    reader = RowReader("v", "when")
    assert reader.read(b"when;day;v\n") is None
    again = RowReader()
    again.restore(reader.to_config())
    assert one(again, b"2005-01;1;2,5\n").value == 2.5
    for wrong in (
        None,
        {},
        reader.to_config() | {"form": "xml"},
        reader.to_config() | {"line": ""},
    ):
        with pytest.raises(OptionError, match="what is known of the rows must be column"):
            again.restore(wrong)
