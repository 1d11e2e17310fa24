"""Shapes of text tables: what stands around the data, what is passed over, what is refused."""

import csv
import gzip
import zipfile
from time import process_time

import pytest

from gatework.errors import DataError, OptionError
from gatework.forecast.reading import read_series
from gatework.storage import limits
from gatework.tabular import sources
from gatework.tabular.delimited import find_delimiter, read_delimited
from gatework.tabular.grid import Grid
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import read_table

DATA = [("2021-01", "5"), ("2021-02", "6"), ("2021-03", "7")]
BODY = "".join(f"{month},{number}\n" for month, number in DATA)
PLAIN = "date,count\n" + BODY


def read(text: str, **style) -> Grid:
    return read_delimited(text.encode(), "x.csv", ReadingStyle(**style))


def holds_the_data(grid: Grid) -> bool:
    return list(zip(*grid.columns[:2], strict=True)) == DATA and grid.header[:2] == [
        "date",
        "count",
    ]


@pytest.mark.parametrize(
    ("before", "note"),
    [
        ("# exported by Grafana 10\n", "line 1 is passed over as a remark: '# exported by Grafana"),
        ("Sales of 2021\n\n", "line 1 is passed over as a remark: 'Sales of 2021'"),
        ("Sales of 2021,\n,\n", "line 1 is passed over as a remark: 'Sales of 2021'"),
        ("Station: Hamburg\nHeight: 11 m\n", "lines 1 and 2 are passed over as remarks: 'Station:"),
        ("Station,Hamburg\nid,10147\n", "lines 1 and 2 are passed over as remarks: 'Station'"),
        ("// a\n// b\n// c\n", "lines 1 to 3 are passed over as remarks: '// a'"),
    ],
)
def test_what_stands_before_the_header_is_passed_over_with_a_note(before: str, note: str) -> None:
    grid = read(before + PLAIN)
    assert holds_the_data(grid)
    assert len(grid.notes) == 1
    assert grid.notes[0].startswith(note)
    first = before.count("\n") + 2
    assert list(grid.rows) == [first, first + 1, first + 2]


def test_a_wider_header_ends_the_lines_before_it() -> None:
    grid = read("Station: X\nFrom,2021\ndate,count,wind,sun\n2021-01,5,3,1\n2021-02,6,4,1\n")
    assert grid.header == ["date", "count", "wind", "sun"]
    assert list(grid.rows) == [4, 5]
    grid = read("Report, of 2021\nregion,date,count\nnorth,2021-01,5\nsouth,2021-02,6\n")
    assert grid.header == ["region", "date", "count"]


def test_a_header_that_is_a_comment_is_the_header() -> None:
    assert holds_the_data(read("# made by hand\n# date,count\n" + BODY))
    assert holds_the_data(read("#date,count\n" + BODY))


@pytest.mark.parametrize("units", [",(count)", "[month],[1]", ",pcs", "yyyy-mm-dd,%"])
def test_a_row_of_units_is_passed_over_with_a_note(units: str) -> None:
    grid = read(f"date,count\n{units}\n{BODY}")
    assert holds_the_data(grid)
    assert grid.notes[0].startswith("row 2 is passed over as units: ")
    assert list(grid.rows) == [3, 4, 5]


def test_the_four_lines_before_a_loggers_data_are_told_apart() -> None:
    text = (
        '"TOA5","st1","CR1000","12"\n"TIMESTAMP","RECORD","BattV"\n"TS","RN","Volts"\n"","","Smp"\n'
    )
    grid = read(
        text + "".join(f'"2021-01-01 00:0{minute}:00",{minute},12.5\n' for minute in range(9))
    )
    assert grid.header == ["TIMESTAMP", "RECORD", "BattV"]
    assert grid.columns[0][0] == "2021-01-01 00:00:00"
    assert list(grid.rows) == list(range(5, 14))
    assert grid.notes == [
        "line 1 is passed over as a remark: 'TOA5'",
        "rows 3 and 4 are passed over as units: 'TS, RN, Volts'",
    ]


def test_a_report_with_delimiters_to_its_full_width() -> None:
    above = "Report;;\nMade on;01.02.2023;\n\n"
    grid = read(above + "Datum;n;\n01.01.2021;1,5;\n01.02.2021;2,5;\nSource: us;;\n")
    assert grid.header == ["Datum", "n"]
    assert grid.columns == [["01.01.2021", "01.02.2021"], ["1,5", "2,5"]]
    assert list(grid.rows) == [5, 6]


@pytest.mark.parametrize("first", ["2021-01,", "2021-01,n/a", "2021-01,-", "2021-01,none"])
def test_a_first_row_without_a_value_is_no_row_of_units(first: str) -> None:
    grid = read(f"date,count\n{first}\n2021-02,6\n2021-03,7\n")
    assert grid.columns[0] == ["2021-01", "2021-02", "2021-03"]
    assert grid.notes == []


@pytest.mark.parametrize(
    "text",
    [
        "name,count\nA,\nB,5\n",
        "country,2019,2020\nChad,1,2\nMali,3,4\n",
        "shop,city,note\nA,Rome,x\nB,Bonn,y\n",
        "date,state,count\n2021-01,open,\n2021-02,shut,3\n",
        "a\nx\ny\n3\n",
    ],
)
def test_plain_tables_lose_no_row(text: str) -> None:
    rows = list(csv.reader(text.splitlines()))
    grid = read(text)
    assert grid.header == rows[0]
    assert list(map(list, zip(*grid.columns, strict=True))) == rows[1:]
    assert grid.notes == []


@pytest.mark.parametrize(
    "word",
    [
        "Total",
        "total:",
        "Summe",
        "Gesamt",
        "合计",
        "Итого",
        "Durchschnitt",
        "Grand Total",
        "TOTAL 2021",
    ],
)
def test_a_row_of_totals_is_named_and_left_out_on_request(word: str) -> None:
    text = f"{PLAIN}{word},18\n"
    with pytest.raises(DataError, match=rf"'x.csv', row 5 is a total: '{word}'") as said:
        read(text)
    assert said.value.hint == "--drop-totals, to leave such rows out"
    grid = read(text, totals=True)
    assert holds_the_data(grid)
    assert grid.notes == [f"row 5 is left out as a total: {word!r}"]
    assert len(read(text, totals=False).rows) == 4


def test_totals_between_and_beside_an_empty_date_are_found() -> None:
    text = "shop,date,n\nA,2021-01,1\nA,2021-02,2\nA total,,3\nB,2021-01,1\nTotal,,4\n"
    with pytest.raises(DataError, match="row 4 is a total, and 1 more are: 'A total'"):
        read(text)
    grid = read(text, totals=True)
    assert list(grid.rows) == [2, 3, 5]
    grid = read("date,n\n2021-01,1\nTotal,1\n2021-02,2\nTotal,3\n", totals=True)
    assert grid.columns == [["2021-01", "2021-02"], ["1", "2"]]


def test_a_series_may_be_called_total() -> None:
    text = "region,date,n\nnorth,2021-01,1\nTotal,2021-01,1\nnorth,2021-02,2\nTotal,2021-02,2\n"
    assert read(text).columns[0] == ["north", "Total", "north", "Total"]


@pytest.mark.parametrize(
    "below",
    [
        "\nSource: Eurostat\n",
        "Source: Eurostat, table nrg_cb_em\n",
        "Preliminary figures\n",
        "* estimated,\n",
        "\n\n数据来源：统计局\n\n",
        "(c) 2021 the office\n# end\n",
    ],
)
def test_what_stands_below_is_passed_over_with_a_note(below: str) -> None:
    grid = read(PLAIN + below)
    assert holds_the_data(grid)
    assert "passed over as" in grid.notes[0]


def test_a_header_and_remarks_inside_are_passed_over() -> None:
    grid = read("date,count\n2021-01,5\ndate, count \n2021-02,6\n# moved\n2021-03,7\n")
    assert holds_the_data(grid)
    assert list(grid.rows) == [2, 4, 6]
    assert grid.notes == [
        "line 5 is passed over as a remark: '# moved'",
        "row 3 is passed over, for the header stands there again",
    ]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_of_every_system_and_breaks_in_quotes(end: str) -> None:
    text = f'date,count,note{end}2021-01,5,"a{end}b"{end}2021-02,6,c{end}2021-03,7,{end}'
    grid = read(text)
    assert holds_the_data(grid)
    assert grid.columns[2] == [f"a{end}b", "c", ""]
    assert list(grid.rows) == [2, 3, 4]


def test_trailing_delimiters_and_a_line_that_names_the_delimiter() -> None:
    assert holds_the_data(read(PLAIN.replace("\n", ",,\n")))
    grid = read('"sep=|"\n' + PLAIN.replace(",", "|"))
    assert holds_the_data(grid)
    assert (grid.delimiter, list(grid.rows)) == ("|", [2, 3, 4])
    assert find_delimiter("x: 1, 2\ny: 3, 4\ndate;n\n2021;3,5\n2022;4,5\n2023;1,5\n") == ";"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("date,count\n2021-01,5,6\n", "row 2 has 3 fields, the header has 2"),
        ("2021-01,5\n2021-02,6\n", "begins with '2021-01', '5': expected the names"),
        ('date,count\n2021-01,"5\n', "row 2: a quoted field does not end"),
        ("\n \n", "is empty"),
    ],
)
def test_what_is_no_table_is_refused(text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as said:
        read(text)
    assert said.value.hint


def test_headers_of_twenty_thousand_columns_take_linear_time(tmp_path) -> None:
    path = tmp_path / "wide.csv"
    header = ",".join(["date", *(f"c{n}" for n in range(20_000))])
    rows = [",".join([f"2021-0{row}", *map(str, range(20_000))]) for row in range(1, 5)]
    path.write_text("\n".join([header, *rows]))
    begin = process_time()
    table = read_table(path)
    assert process_time() - begin < 5
    assert len(table.columns) == 20_001
    assert list(table.columns["c19999"]) == ["19999"] * 4


def test_packed_files_are_read(tmp_path) -> None:
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(PLAIN.encode()))
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("x.csv", PLAIN)
    for name in ("x.csv.gz", "x.zip"):
        assert read_series(tmp_path / name).values.tolist() == [5, 6, 7]
    (tmp_path / "y.csv.gz").write_bytes(gzip.compress(PLAIN.encode())[:-9])
    with pytest.raises(DataError, match=r"'y.csv.gz' cannot be unpacked"):
        read_table(tmp_path / "y.csv.gz")


@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_what_unpacks_to_too_much_is_refused(tmp_path, monkeypatch, packed) -> None:
    monkeypatch.setenv("GATEWORK_MOST_GIB", "0.001")
    path = tmp_path / f"x.csv.{packed}"
    if packed == "gz":
        path.write_bytes(gzip.compress(bytes(1 << 21)))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.csv", bytes(1 << 21))
    with pytest.raises(DataError, match=r"'x.csv.*' (holds more than|would take)") as said:
        read_table(path)
    assert "GATEWORK_MOST_GIB=" in (said.value.hint or "")
    monkeypatch.setenv("GATEWORK_MOST_GIB", "much")
    with pytest.raises(OptionError, match="GATEWORK_MOST_GIB must be a number of GiB, got 'much'"):
        read_table(path)


@pytest.mark.parametrize("packed", ["gz", "zip"])
def test_what_is_packed_far_better_than_data_is_refused(tmp_path, monkeypatch, packed) -> None:
    monkeypatch.setattr(limits, "_ANY_PACKED", 1 << 16)
    path = tmp_path / f"x.csv.{packed}"
    text = b"date,v\n" + b"2024-01-01,1\n" * (1 << 16)
    if packed == "gz":
        path.write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.csv", text)
    with pytest.raises(DataError, match=r"unpacked, 100 times its size\nhint: GATEWORK_MOST_GIB="):
        read_table(path)
    monkeypatch.setenv("GATEWORK_MOST_GIB", "1")
    assert len(read_table(path).rows) == 1 << 16


def test_a_line_without_an_end_is_no_table(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sources, "MOST_OF_A_LINE", 1 << 10)
    (tmp_path / "x.csv").write_bytes(b"a" * 2000)
    with pytest.raises(DataError, match=r"'.*x.csv' begins with a line of more than 0 MiB"):
        read_table(tmp_path / "x.csv")
