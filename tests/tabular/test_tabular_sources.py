"""Tables from other than text: JSON, workbooks, Parquet, data frames; and from large texts."""

import datetime as dt
import gzip
import io
import json
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from gatework.errors import DataError, MissingDependencyError, OptionError
from gatework.forecast import GlobalForecaster, read_panel, read_series
from gatework.tabular.delimited import read_delimited
from gatework.tabular.grid import Grid
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import read_table
from gatework.tabular.texts import Texts, distinct
from gatework.tabular.workbook_apart import ApartWorkbook

ROWS = [("2021-01", 5), ("2021-02", 6), ("2021-03", 7)]
OBJECTS = [{"date": date, "count": count} for date, count in ROWS]


def saved(folder, name: str, data: str | bytes):
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# JSON


def test_json_that_is_nested_without_end_is_refused(tmp_path) -> None:
    for text in ("[" * 100_000, '[{"a":' * 100_000):
        with pytest.raises(DataError, match=r"'x.json' is nested too deeply"):
            read_table(saved(tmp_path, "x.json", text))


@pytest.mark.parametrize(
    "text",
    [
        "".join(json.dumps(one) + "\n" for one in OBJECTS),
        "\r\n\r\n".join(map(json.dumps, OBJECTS)),
        json.dumps(OBJECTS),
        json.dumps(OBJECTS, indent=2),
        json.dumps({"rows": OBJECTS}),
        json.dumps({"date": [date for date, _ in ROWS], "count": [count for _, count in ROWS]}),
        pd.DataFrame(OBJECTS).to_json(),
        pd.DataFrame(OBJECTS).to_json(orient="split", index=False),
        pd.DataFrame(OBJECTS).set_index("date").to_json(),
        pd.DataFrame(OBJECTS).set_index("date").to_json(orient="index"),
        pd.DataFrame(OBJECTS).set_index("date").to_json(orient="split"),
        pd.DataFrame(OBJECTS).to_json(orient="table"),
        json.dumps({"count": {"1609459200000": 5, "1612137600000": 6, "1614556800000": 7}}),
    ],
)
@pytest.mark.parametrize("name", ["x.jsonl", "x.ndjson", "x.json", "x.txt"])
def test_every_way_to_write_a_table_in_json(tmp_path, text: str, name: str) -> None:
    series = read_series(saved(tmp_path, name, text))
    assert (series.name, series.values.tolist()) == ("count", [5, 6, 7])
    assert series.labels == ("2021-01", "2021-02", "2021-03")


def test_a_number_for_each_date_is_a_series_in_json(tmp_path) -> None:
    series = read_series(saved(tmp_path, "x.json", json.dumps(dict(ROWS))))
    assert (series.values.tolist(), series.labels[0]) == ([5, 6, 7], "2021-01")
    assert list(read_table(saved(tmp_path, "row.json", '{"a": 1, "b": 2}')).columns) == ["a", "b"]


def test_json_lines_keep_their_numbers_and_what_lacks_is_missing(tmp_path) -> None:
    text = '{"day": "2021-01", "at": {"x": 1}}\n\n{"day": "2021-02", "n": 2.5}\n'
    table = read_table(saved(tmp_path, "x.jsonl", text))
    assert table.columns == {
        "day": ["2021-01", "2021-02"],
        "at.x": [1, None],
        "n": [None, 2.5],
    }
    assert list(table.rows) == [1, 3]
    marked = saved(tmp_path, "y.jsonl", text.encode("utf-16"))
    assert read_table(marked).columns == table.columns


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": 1}\n{"a": \n', r"'x.jsonl', line 2 is no JSON"),
        ('{"a": 1}\n{"a": 2, "a": 7}\n', r"'x.jsonl', line 2 is no JSON: the key 'a' occurs twice"),
        ('[\n{"a": 2, "a": 7}\n]', r"'x.jsonl' is no JSON: the key 'a' occurs twice"),
        ('{"a": 1}\n[2]\n', r"row 2: expected an object with names and values, got \[2\]"),
        ("[1, 2]", "row 1: expected an object"),
        ("", "is empty"),
        ("[]", "has a header and no rows"),
    ],
)
def test_json_that_is_no_table_is_refused_by_line(tmp_path, text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem) as said:
        read_table(saved(tmp_path, "x.jsonl", text))
    assert said.value.hint


# Workbooks

_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    "{rows}</sheetData></worksheet>"
)
_NS = "http://schemas.openxmlformats.org"


def workbook(path, **sheets: list[list[object]]):
    """Write an Excel workbook, as small as it can be; its dates have the style 1."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    names = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_NS}/officeDocument/2006/relationships/worksheet" '
        f'Target="worksheets/s{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    links += (
        f'<Relationship Id="styles" Type="{_NS}/officeDocument/2006/relationships/styles" '
        'Target="styles.xml"/>'
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types"><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Override PartName='
        f'"/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship '
        f'Id="r" Type="{_NS}/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_NS}/spreadsheetml/2006/main" xmlns:r='
        f'"{_NS}/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships">'
        f"{links}</Relationships>",
        "xl/styles.xml": f'<styleSheet xmlns="{_NS}/spreadsheetml/2006/main"><cellXfs>'
        '<xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    }
    for n, rows in enumerate(sheets.values(), 1):
        body = "".join(f'<row r="{r}">{_cells(row, r)}</row>' for r, row in enumerate(rows, 1))
        files[f"xl/worksheets/s{n}.xml"] = _SHEET.format(rows=body)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def _cells(row: list[object], r: int) -> str:
    cells = ""
    for column, value in zip("ABCDEF", row, strict=False):
        place = f'r="{column}{r}"'
        if isinstance(value, dt.date):
            serial = (value - dt.date(1899, 12, 30)).days
            cells += f'<c {place} s="1"><v>{serial}</v></c>'
        elif isinstance(value, int | float):
            cells += f"<c {place}><v>{value}</v></c>"
        elif value is not None:
            cells += f'<c {place} t="inlineStr"><is><t>{value}</t></is></c>'
    return cells


MONTHS = [[dt.date(2021, month, 1), 4.0 + month] for month in (1, 2, 3)]


def test_cells_far_apart_are_no_sheet_that_memory_holds(tmp_path) -> None:
    """The reader would lay out all cells between them, and end the process."""
    path = workbook(tmp_path / "x.xlsx", Faults=[["month", "faults"], *MONTHS])
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    sheet = files["xl/worksheets/s1.xml"]
    blank = sheet.replace(b"</sheetData>", b'<row><c s="1" r="XFD1048576"/></row></sheetData>')
    far = blank.replace(b'"/></row>', b'"><v>1</v></c></row>')
    for changed, is_read in ((blank, True), (far, False)):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (files | {"xl/worksheets/s1.xml": changed}).items():
                archive.writestr(name, content)
        if is_read:
            assert len(read_table(path).rows) == 3
            continue
        with pytest.raises(DataError, match=r"'x.xlsx', 1,048,576 rows of 16,384 columns, would"):
            read_table(path)


def lying_xls() -> bytes:
    """Return the container of an .xls that tells of more sectors than any memory holds."""
    head = bytearray(512)
    head[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<II", head, 44, 2**31, 0)
    struct.pack_into("<I", head, 64, 2**31)
    return bytes(head) + bytes(512 * 20)


def named_often(path, times: int) -> Path:
    """Write a workbook in which one long text is named by many cells."""
    workbook(path, A=[["month", "n"], *MONTHS])
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    cell = b'<row><c t="s"><v>0</v></c></row>'
    sheet, links = "xl/worksheets/s1.xml", "xl/_rels/workbook.xml.rels"
    files[sheet] = files[sheet].replace(b"</sheetData>", cell * times + b"</sheetData>")
    files[links] = files[links].replace(
        b"</Relationships>",
        f'<Relationship Id="t" Type="{_NS}/officeDocument/2006/relationships/sharedStrings" '
        'Target="sharedStrings.xml"/></Relationships>'.encode(),
    )
    text = "a" * 1_000_000
    strings = f'<sst xmlns="{_NS}/spreadsheetml/2006/main"><si><t>{text}</t></si></sst>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**files, "xl/sharedStrings.xml": strings}.items():
            archive.writestr(name, content)
    return path


def test_a_workbook_that_takes_more_memory_than_it_tells_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("GATEWORK_MOST_GIB", "0.05")
    for path in (named_often(tmp_path / "x.xlsx", 200), saved(tmp_path, "x.xls", lying_xls())):
        with pytest.raises(DataError, match=rf"'{path.name}' is damaged, or would take more than"):
            read_table(path)


def test_a_workbook_that_is_read_by_a_process_of_its_own_is_the_same(tmp_path, monkeypatch) -> None:
    rows = [["month", "n", "of"], *([*row, "a \N{SNOWMAN}"] for row in MONTHS)]
    data = workbook(tmp_path / "x.xlsx", A=rows, B=[[1, None]]).read_bytes()
    (tmp_path / "json.py").write_text("raise SystemExit('of the folder')")
    monkeypatch.chdir(tmp_path)
    book, apart = CalamineWorkbook.from_filelike(io.BytesIO(data)), ApartWorkbook(data, "x")
    assert apart.sheet_names == book.sheet_names == ["A", "B"]
    for name in apart.sheet_names:
        expected = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        assert apart.rows(name) == expected
        assert list(map(type, apart.rows(name)[-1])) == list(map(type, expected[-1]))


def test_the_first_sheet_with_rows_is_read_and_the_others_are_named(tmp_path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        Cover=[],
        Faults=[["month", "faults"], *MONTHS],
        Costs=[["month", "costs"], *([day, 2.5] for day, _ in MONTHS)],
    )
    series = read_series(path)
    assert (series.name, series.values.tolist()) == ("faults", [5, 6, 7])
    assert (series.labels[0], series.frequency) == ("2021-01", "MS")
    assert series.notes[0] == "sheet 'Faults' is read; --sheet names another: 'Cover', 'Costs'"
    assert series.style.sheet == "Faults"
    other = read_series(path, style=ReadingStyle(sheet="costs"))
    assert (other.name, other.values.tolist()) == ("costs", [2.5, 2.5, 2.5])
    with pytest.raises(DataError, match=r"'x.xlsx' has no sheet 'Kosts', but 'Cover'") as said:
        read_table(path, ReadingStyle(sheet="Kosts"))
    assert said.value.hint == "--sheet Costs"


def test_titles_units_totals_and_sources_of_a_sheet_are_passed_over(tmp_path) -> None:
    rows = [
        ["Faults of plant 7"],
        [],
        ["month", "faults"],
        [None, "(count)"],
        *MONTHS,
        ["Total", 18],
        ["Source: the works"],
    ]
    path = workbook(tmp_path / "x.xlsx", Sheet1=rows)
    with pytest.raises(DataError, match=r"'x\.xlsx', row 8 is a total: 'Total'"):
        read_table(path)
    table = read_table(path, ReadingStyle(totals=True))
    assert table.columns["faults"] == [5, 6, 7]
    assert list(table.rows) == [5, 6, 7]
    assert table.notes == [
        "line 1 is passed over as a remark: 'Faults of plant 7'",
        "row 4 is passed over as units: '(count)'",
        "line 9 is passed over as a remark: 'Source: the works'",
        "row 8 is left out as a total: 'Total'",
    ]


def test_a_damaged_workbook_is_refused(tmp_path) -> None:
    whole = workbook(tmp_path / "x.xlsx", A=[["month", "n"], *MONTHS]).read_bytes()
    for data in (whole[:200], b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + bytes(600)):
        with pytest.raises(DataError) as said:
            read_table(saved(tmp_path, "y.xlsx", data))
        assert said.value.hint


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [("python_calamine", "x.xlsx", "tables"), ("pyarrow", "x.parquet", "tables")],
)
def test_a_missing_package_is_named_by_its_extra(tmp_path, monkeypatch, module, name, extra):
    if name == "x.xlsx":
        path = workbook(tmp_path / name, A=[["month", "n"], *MONTHS])
    else:
        pq.write_table(pa.table({"n": [1]}), path := tmp_path / name)
    monkeypatch.delitem(sys.modules, "gatework.tabular.workbook", raising=False)
    monkeypatch.delitem(sys.modules, "gatework.tabular.arrow", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependencyError) as said:
        read_table(path)
    assert f"gatework[{extra}]" in str(said.value.hint)


# Data frames


DAYS = pd.date_range("2021-01-01", periods=4, freq="D")
LONG = pd.DataFrame({"unique_id": ["a"] * 4 + ["b"] * 4, "ds": [*DAYS, *DAYS], "y": np.arange(8.0)})


@pytest.mark.parametrize(
    ("source", "frequency", "label"),
    [
        (pd.Series([1.0, 2, 4, 8], DAYS, name="n"), "D", "2021-01-01"),
        (pd.DataFrame({"n": [1.0, 2, 4, 8]}, DAYS), "D", "2021-01-01"),
        (pd.Series([1, 2, 4, 8], pd.period_range("2021-01", periods=4, freq="M")), "MS", "2021-01"),
        (pd.Series([1, 2, 4, 8], pd.period_range("2021Q1", periods=4, freq="Q")), "QS", "2021Q1"),
        (pd.Series([1, 2, 4, 8], pd.period_range("2021", periods=4, freq="Y")), "YS", "2021"),
        (pd.Series([1, 2, 4, 8], DAYS.rename("day"), name="n"), "D", "2021-01-01"),
        (pd.DataFrame({"n": [1, 2, 4, 8], "when": DAYS}), "D", "2021-01-01"),
        (pa.table({"when": DAYS, "n": [1, 2, 4, 8]}), "D", "2021-01-01"),
    ],
)
def test_series_and_frames_over_dates(source, frequency: str, label: str) -> None:
    series = read_series(source)
    assert series.values.tolist() == [1, 2, 4, 8]
    assert (series.frequency, series.labels[0]) == (frequency, label)


def test_the_levels_of_an_index_are_columns() -> None:
    indexed = LONG.set_index(["unique_id", "ds"])
    assert list(read_table(indexed).columns) == ["unique_id", "ds", "y"]
    panel = read_panel(indexed["y"])
    assert (panel.ids, panel.frequency) == (("a", "b"), "D")
    nameless = LONG.set_index(["unique_id", "ds"]).rename_axis([None, None])
    assert list(read_table(nameless).columns) == ["level 1", "date", "y"]
    assert list(read_table(LONG).columns) == ["unique_id", "ds", "y"]


def test_unique_id_ds_and_y_are_found_by_name(tmp_path) -> None:
    LONG.to_csv(tmp_path / "x.csv", index=False)
    for source in (LONG, tmp_path / "x.csv", pa.Table.from_pandas(LONG), LONG.iloc[::-1]):
        panel = read_panel(source)
        assert set(panel.ids) == {"a", "b"}
        assert panel.frequency == "D"
        assert panel.style.id_column == "unique_id"
    more = LONG.assign(price=1.0)
    assert read_panel(more).style.column == "y"
    one = read_panel(LONG[["ds", "y"]].iloc[:4])
    assert one.lengths.tolist() == [4]
    assert read_panel(LONG.rename(columns={"ds": "start"})).style.time_column == "start"
    with pytest.raises(OptionError, match="has no column that is one of dates for sure"):
        read_panel(LONG.drop(columns="ds"))


def test_many_series_are_learned_from_a_data_frame() -> None:
    days = pd.date_range("2021-01-01", periods=60, freq="D")
    wave = 5 + np.sin(np.arange(60) / 2)
    frame = pd.concat(
        pd.DataFrame({"unique_id": name, "ds": days, "y": wave + k}) for k, name in enumerate("ab")
    )
    found = GlobalForecaster(horizon=2, epochs=2, members=1).fit(frame).predict()
    assert (found.ids, found.values.shape) == (("a", "b"), (2, 2))
    assert found.periods[0] == ("2021-03-02", "2021-03-03")


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(OptionError, match="source must be a path or a data frame"):
        read_table(object())
    with pytest.raises(DataError, match="the data frame has no rows"):
        read_table(LONG.iloc[:0])


# Parquet, and large texts


def test_parquet_gives_columns_of_text_as_they_are(tmp_path) -> None:
    table = pa.table({"id": ["a", "b"], "kind": pa.array(["x", "x"]).dictionary_encode()})
    pq.write_table(table, tmp_path / "x.parquet")
    columns = read_table(tmp_path / "x.parquet").columns
    assert {name: list(cells) for name, cells in columns.items()} == {
        "id": ["a", "b"],
        "kind": ["x", "x"],
    }
    assert isinstance(columns["id"], Texts)


def large(**changes: str) -> str:
    lines = [f"{n % 7},2021-01-{n % 28 + 1:02d},{n / 4}" for n in range(5000)]
    for place, line in changes.items():
        lines[int(place[1:])] = line
    return "shop,day,n\n" + "\n".join(lines) + "\n"


def both_ways(monkeypatch, data: bytes, **style) -> tuple[Grid, Grid]:
    """Return the table as Arrow helps to read it, and as it is read without."""
    from gatework.tabular import delimited

    grids = []
    for limit in (1, 1 << 40):
        monkeypatch.setattr(delimited, "_FAST_FROM", limit)
        grids.append(read_delimited(data, "x.csv", ReadingStyle(**style)))
    return grids[0], grids[1]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (large(), True),
        ("# by hand\n" + large(), True),
        (large().replace("shop,day,n\n", "shop,day,n\n,,(kW)\n"), True),
        (large().replace(",", ";"), True),
        (large().replace("\n", "\r\n"), True),
        ("sep=,\n" + large(), True),
        ("\ufeff" + large(), True),
        (large(n9="Zürich,2021-01-01,3"), True),
        (large(n9='"1","2021-01-01","3"'), True),
        (large(n999='"a\nb","2021-01-01","3"'), True),
        (large(n9='"a\nb","2021-01-01","3"'), False),
        (large(n9='"a ""b""",2021-01-01,3'), False),
        (large(n9="1,2021-01-01"), False),
        (large(n9=""), False),
        (large(n9="shop,day,n"), True),
        (large() + "Source: here\n", False),
        (large() + ",,\n", False),
        (large(n9="1,,"), True),
    ],
)
def test_large_texts_are_read_alike_with_and_without_arrow(monkeypatch, text, plain) -> None:
    fast, slow = both_ways(monkeypatch, text.encode())
    assert isinstance(fast.columns[0], Texts) == plain
    assert fast.header == slow.header
    assert [list(cells) for cells in fast.columns] == [list(cells) for cells in slow.columns]
    assert list(fast.rows) == list(slow.rows)
    assert (fast.notes, fast.delimiter) == (slow.notes, slow.delimiter)
    monkeypatch.setitem(sys.modules, "gatework.tabular.arrow", None)
    cut, _ = both_ways(monkeypatch, text.encode())
    assert (cut.header, cut.columns, list(cut.rows)) == (slow.header, slow.columns, list(slow.rows))
    assert (cut.notes, cut.delimiter) == (slow.notes, slow.delimiter)


def test_large_texts_in_other_encodings_and_with_totals(monkeypatch) -> None:
    text = large(n9="Zürich,2021-01-01,3", n99="Total,,18")
    fast, slow = both_ways(monkeypatch, text.encode("cp1252"), totals=True)
    assert isinstance(fast.columns[0], Texts)
    assert [list(cells) for cells in fast.columns] == [list(cells) for cells in slow.columns]
    assert list(fast.rows) == list(slow.rows)
    assert fast.style["encoding"] == "cp1252"
    assert len(fast.notes) == 2


def test_texts_answer_for_whole_columns() -> None:
    texts = Texts(pa.array(["2", "", "2.5", "-1e3"]))
    assert texts.floats is not None
    assert np.array_equal(texts.floats, [2, np.nan, 2.5, -1000], equal_nan=True)
    assert (list(texts[1:3]), texts[-1], texts.hold("."), texts[:2].hold(".")) == (
        ["", "2.5"],
        "-1e3",
        True,
        False,
    )
    assert list(texts.take([2, 0])) == ["2.5", "2"]
    for odd in (" 1", "n/a", "inf", "nan", "1e999", "0x1", "1_0"):
        assert Texts(pa.array(["1", odd])).floats is None
    words, codes = distinct(Texts(pa.array(["b", "a", "b"])))
    assert (words, codes.tolist()) == (["b", "a"], [0, 1, 0])
    moments = np.array(["2021-02", "2021-01", "2021-02"], "datetime64[us]")
    assert distinct(moments)[1].tolist() == [0, 1, 0]
    assert [Texts(pa.array([t])).has_words for t in ("2021-01-01T00:00Z", "x", "é")] == [
        False,
        True,
        True,
    ]


def test_a_packed_file_of_json_lines_is_read(tmp_path) -> None:
    lines = "\n".join(map(json.dumps, OBJECTS)).encode()
    path = saved(tmp_path, "x.jsonl.gz", gzip.compress(lines))
    assert read_series(path).values.tolist() == [5, 6, 7]


def test_text_and_json_are_read_without_the_extra(tmp_path) -> None:
    rows = "".join(f"2021-01-{day:02d},{day}\n" for day in range(1, 29)) * 400
    saved(tmp_path, "x.csv", "date,count\n" + rows)
    saved(tmp_path, "x.jsonl", "\n".join(map(json.dumps, OBJECTS)))
    code = (
        "import sys\n"
        "for name in ('pyarrow', 'pandas', 'narwhals', 'torch', 'python_calamine'):\n"
        "    sys.modules[name] = None\n"
        "from gatework.tabular.table import read_table\n"
        f"print(len(read_table({str(tmp_path / 'x.csv')!r}).rows))\n"
        f"print(len(read_table({str(tmp_path / 'x.jsonl')!r}).rows))\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.split() == ["11200", "3"], found.stderr
