"""Sequences of numbers and characters from tables, .ts files, arrays and lines."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from gatework.errors import DataError, InputFileError, OptionError
from gatework.recognize.features.characters import Characters
from gatework.recognize.features.images import Columns, Rows
from gatework.recognize.features.numbers import Numbers
from gatework.recognize.readers import read_data, read_lines, read_table, read_ts
from gatework.tabular.style import ReadingStyle

DATA = Path(os.environ.get("GATEWORK_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture
def write(tmp_path):
    def written(text: str, name: str = "table.csv") -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return written


# A sequence a row


def test_a_row_is_a_sequence_and_may_be_shorter(write) -> None:
    found = read_data(write("label,id,t1,t2,t3\nup,a,1,2,3\ndown,b,3,2,\nup,c,1\n"))
    assert found.labels == ("up", "down", "up")
    assert found.names == ("a", "b", "c")
    assert [part[:, 0].tolist() for part in found.values] == [[1, 2, 3], [3, 2], [1]]


def test_the_decimal_comma_is_read_where_semicolons_part_cells(write) -> None:
    found = read_data(write("x;y\n1,5;2\n"))
    assert found.values[0].tolist() == [[1.5], [2.0]]
    assert (found.labels, found.names) == (None, ("line 2",))
    found = read_data(write("x;y\n1.234,5;2\n;\n"))
    assert found.values[0].tolist() == [[1234.5], [2.0]]
    assert len(found) == 1


def test_marks_for_missing_make_a_row_shorter_at_its_end_alone(write) -> None:
    style = ReadingStyle(missing=("-999",))
    found = read_data(write("t1,t2,t3\n1,2,-999\n3,-999,-999\n4,5,6\n"), style=style)
    assert [part[:, 0].tolist() for part in found.values] == [[1, 2], [3], [4, 5, 6]]
    with pytest.raises(DataError, match="column 't2', row 2: the value is missing"):
        read_data(write("t1,t2,t3\n1,-999,2\n"), style=style)
    with pytest.raises(DataError, match="row 3: the sequence has no step"):
        read_data(write("t1,t2\n1,2\n-999,-999\n"), style=style)


def test_the_columns_of_a_table_of_sequences_may_be_called_by_numbers(write) -> None:
    assert read_data(write("0,1\n5,6\n7,8\n")).values[1].tolist() == [[7], [8]]
    assert read_data(write("0\n5\n")).values[0].tolist() == [[5]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"table.csv' is empty\nhint: a first row such as: label,t1,t2"),
        ("a,b\n", r"table.csv' has a header and no rows\nhint: add one row for each sequence"),
        ("a,a\n1,2\n", "table.csv' calls two columns 'a': column 1 and column 2"),
        ("a,b\n1,x\n", r"table.csv', column 'b', row 2: 'x' is not a number\nhint: fill the value"),
        (
            "a,b,c\n1,,3\n",
            r"table.csv', column 'b', row 2: the value is missing\nhint: fill the value",
        ),
        ("a,b\n1,inf\n", r"column 'b', row 2: 'inf' is infinite, expected a number"),
        ("a,b\n1,2\n,\n3,4\n", r"table.csv', row 3: the sequence has no step"),
        ("a,label\n1,x\n2,\n", r"table.csv', column 'label', row 3: the label is empty"),
        ("a,b\n1,2,3\n", r"table.csv', row 2 has 3 fields, the header has 2"),
        ("label,id\nx,1\n", "has no column of numbers"),
        (
            'a,b\n1,"2\n',
            r"table.csv', row 2: a quoted field does not end as it should \(unexpected end of data",
        ),
    ],
)
def test_a_wide_table_that_cannot_be_used_is_refused_with_its_place(write, text, said) -> None:
    with pytest.raises(DataError, match=said):
        read_data(write(text))


# A step a row


LONG = "id,time,heat,load,label\nb,1,5,6,on\na,2,3,4,off\na,1,1,2,off\nb,2,7,8,on\nb,3,9,9,on\n"


def test_rows_of_steps_are_put_in_the_order_of_time(write) -> None:
    found = read_data(write(LONG))
    assert (found.names, found.labels) == (("b", "a"), ("on", "off"))
    assert found.values[1].tolist() == [[1, 2], [3, 4]]
    assert found.features == Numbers(("heat", "load"))


def test_labels_that_change_within_a_sequence_belong_to_its_steps(write) -> None:
    found = read_data(write(LONG.replace("a,1,1,2,off", "a,1,1,2,on")))
    assert found.labels == (("on", "on", "on"), ("on", "off"))
    assert found.classes == ("off", "on")


def test_channels_are_looked_up_by_name(write) -> None:
    found = read_data(write(LONG), features=Numbers(("load", "heat")))
    assert found.values[1].tolist() == [[2, 1], [4, 3]]
    with pytest.raises(DataError, match="has no column 'loads', which the model") as caught:
        read_data(write(LONG), features=Numbers(("loads",)))
    assert caught.value.hint == "is 'load' the same?"
    with pytest.raises(DataError, match="has a sequence a row, but the model reads the channels"):
        read_table(write(LONG), layout="wide", features=Numbers(("heat",)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            LONG.replace("a,2,", "a,1,"),
            "table.csv', sequence 'a': column 'time', row 4: '1' is repeated, it stands in row 3",
        ),
        (LONG.replace("a,2,", ",2,"), "table.csv', column 'id', row 3: the id is empty"),
        (LONG.replace("a,2,3", "a,2,"), "table.csv', column 'heat', row 3: the value is missing"),
        (
            LONG.replace("a,2,", "a,noon,"),
            "table.csv', column 'time', row 3: 'noon' is not a number",
        ),
        ("id,time\na,1\n", "has no column of numbers beside id and time"),
    ],
)
def test_a_long_table_that_cannot_be_used_is_refused_with_its_place(write, text, said) -> None:
    with pytest.raises(DataError, match=said):
        read_data(write(text))


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "ID", "row"])
def test_a_column_that_counts_the_rows_is_no_step(write, name) -> None:
    rows = "".join(f"{row},{row % 2}.5,{7 - row}.25,x\n" for row in (0, 1, 2, 3))
    found = read_table(write(f"{name},t0,t1,label\n{rows}"))
    assert found.lengths.tolist() == [2, 2, 2, 2]
    assert any(word in found.remarks[-1] for word in ("counts the rows", "taken for 'id'"))


@pytest.mark.parametrize("name", ["class", "Label"])
def test_labels_are_found_by_other_names(write, name) -> None:
    found = read_table(write(f"t0,t1,{name}\n1.5,2,a\n3,4,b\n"))
    assert found.labels == ("a", "b")
    assert found.remarks == (f"the labels are in the column '{name}'",)


def test_steps_may_have_dates(write) -> None:
    text = "id,time,v,label\na,2024-01-02,2,x\na,2024-01-01,1,x\na,2024-01-03,3,x\n"
    assert read_table(write(text)).values[0].ravel().tolist() == [1, 2, 3]


def test_what_is_missing_is_filled_where_that_is_asked_for(write) -> None:
    path = write("t0,t1,t2,label\n1,,3,a\n4,5,6,b\n")
    with pytest.raises(DataError, match=r"'t1', row 2: the value is missing\nhint: .*interpolate"):
        read_table(path)
    found = read_table(path, interpolate=True)
    assert found.values[0].ravel().tolist() == [1, 2, 3]
    assert found.remarks == ("1 missing value was filled on a line between the neighbours",)
    path = write("id,time,v,w\na,1,1,2\na,2,,4\na,3,5,\n")
    assert read_table(path, interpolate=True).values[0].tolist() == [[1, 2], [3, 4], [5, 4]]
    with pytest.raises(DataError, match="sequence 'a': a channel has no value"):
        read_table(write("id,time,v,w\na,1,,2\na,2,,4\n"), interpolate=True)


@pytest.mark.parametrize("between", ["\t", "  ", ","])
def test_lines_of_a_label_and_its_series_need_no_header(write, between) -> None:
    lines = [["1", "0.5", "-1.5", "2"], ["2", "1e-1", "3", "NaN"]]
    text = "\n".join(between.join(line) for line in lines)
    found = read_data(write(text, "Coffee_TRAIN" + (".csv" if between == "," else ".txt")))
    assert found.labels == ("1", "2")
    assert found.values[0].ravel().tolist() == [0.5, -1.5, 2]
    assert found.values[1].ravel().tolist() == pytest.approx([0.1, 3])
    assert found.remarks == ("there is no header: the first number of each line is its label",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 0.5 -1\n2.5 1 1\n", "line 2: a line of numbers begins with its label"),
        ("1 0.5 -1\n2 1 x\n", "line 2, step 2: 'x' is not a finite number"),
        ("1 0.5 -1\n2 NaN 1\n", "line 2, step 1: the value is missing"),
        ("1 0.5 -1\n2 NaN NaN\n", "line 2: the sequence has no step"),
        ("1 0.5 -1\nNaN 1 1\n", "line 2: the label is missing"),
    ],
)
def test_lines_of_numbers_that_cannot_be_used_are_named(write, text, said) -> None:
    path = write("1 0.5 -1\n" + text, "odd.txt")
    with pytest.raises(DataError, match=said.replace("line 2", "line 3")):
        read_data(path)


def test_a_layout_is_wide_or_long(write) -> None:
    with pytest.raises(OptionError, match="layout must be wide or long, got 'tall'"):
        read_data(write(LONG), layout="tall")
    with pytest.raises(DataError, match="has no column 'id'"):
        read_data(write("a,b\n1,2\n"), layout="long")


# .ts


TS = """# made up
@problemName Two
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength false
@classLabel true a b
@data
1,2,3:4,5,6:a
7,8:9,10:b
"""


def test_a_ts_file_has_channels_and_lengths(write) -> None:
    found = read_ts(write(TS, "two.ts"))
    assert found.labels == ("a", "b")
    assert found.values[1].tolist() == [[7, 9], [8, 10]]
    assert found.names == ("line 10", "line 11")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@problemName", "% a comment\n@problemName"),
        ("@classLabel true", "@classLabel\ttrue"),
        ("\n", "\r\n"),
        ("@data", "@missing true\n@DATA"),
    ],
)
def test_a_ts_file_is_read_in_all_its_forms(write, old, new) -> None:
    missing = "?" if "missing" in new else "2"
    text = f"@problemName x\n@univariate true\n@classLabel true 1 2\n@data\n1,{missing},3:1\n"
    found = read_ts(write(text.replace(old, new), "t.ts"))
    assert found.values[0].ravel().tolist() == [1, 2, 3]
    assert bool(found.remarks) == (missing == "?")


def test_a_reader_of_a_kind_takes_the_name_of_a_file_as_a_text(write) -> None:
    assert read_ts(str(write(TS, "two.ts"))).labels == ("a", "b")
    table = str(write("label,x,y\na,1,2\nb,3,4\n", "two.csv"))
    assert read_table(table).labels == read_data(table).labels == ("a", "b")
    assert read_lines(str(write("a\tone\nb\ttwo\n", "two.txt"))).labels == ("a", "b")


def test_a_comma_behind_the_last_value_is_named(write) -> None:
    text = "@univariate true\n@classLabel true 1 2\n@data\n1,2,3,:1\n"
    with pytest.raises(DataError, match="line 4, channel 1: a comma stands behind the last value"):
        read_ts(write(text, "t.ts"))


def test_a_ts_file_may_have_numbers_or_nothing_for_labels(write) -> None:
    numbers = TS.replace("@classLabel true a b", "@targetLabel true").replace(":a", ":1.5")
    assert read_ts(write(numbers, "n.ts")).labels == ("1.5", "b")
    bare = TS.replace("@classLabel true a b", "@classLabel false")
    bare = bare.replace(":a", "").replace(":b", "")
    assert read_ts(write(bare, "bare.ts")).labels is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("@timeStamps false", "@timeStamps true", "has times beside its values"),
        ("@timeStamps false", "@timeStamps maybe", "@timestamps must be true or false, got 'mayb"),
        ("@data", "@date", "line 10: expected a line that begins with @"),
        (TS[TS.index("@data") :], "", "has no line @data"),
        (TS[TS.index("1,2,3") :], "", "has no sequence after @data"),
        ("@classLabel true a b", "@classLabel true", "must be followed by the classes"),
        (":b", ":c", "line 11: the label 'c' is none of those in the header, a, b"),
        ("7,8:", "", "line 11 has 1 channel, expected 2"),
        ("7,8:", "7:", "line 11: channel 2 has 2 steps, channel 1 1"),
        ("7,8", "7,?", "line 11, channel 1, step 2: the value is missing"),
        ("7,8", "7,y", "line 11, channel 1, step 2: 'y' is not a number"),
        ("7,8:9,10", ":", "line 11: channel 1 has no step"),
        ("@equalLength false", "@equalLength true", "line 11 has 2 steps, expected 3"),
        (
            "@equalLength false",
            "@equalLength true\n@seriesLength 4",
            "line 11 has 3 steps, expected 4",
        ),
    ],
)
def test_a_ts_file_whose_header_and_data_differ_is_refused(write, old, new, said) -> None:
    assert old in TS
    with pytest.raises(DataError, match=said):
        read_ts(write(TS.replace(old, new), "wrong.ts"))


@pytest.mark.skipif(
    not (DATA / "ucr").is_dir(), reason=f"no .ts files in {DATA}: set GATEWORK_DATA"
)
def test_the_files_of_the_archive_are_read() -> None:
    vowels = read_data(DATA / "ucr" / "JapaneseVowels" / "JapaneseVowels_TRAIN.ts")
    assert (len(vowels), vowels.channels, len(vowels.classes)) == (270, 12, 9)
    assert (vowels.lengths.min(), vowels.lengths.max()) == (7, 26)
    points = read_data(DATA / "ucr" / "GunPoint" / "GunPoint_TEST.ts")
    assert (len(points), points.channels, set(points.lengths)) == (150, 1, {150})


# Arrays


def test_arrays_have_labels_and_lengths(tmp_path) -> None:
    path = tmp_path / "data.npz"
    x = np.arange(12.0).reshape(2, 3, 2)
    np.savez(path, X=x, y=np.array(["a", "b"]), lengths=np.array([3, 1]))
    found = read_data(path)
    assert (found.labels, found.lengths.tolist()) == (("a", "b"), [3, 1])
    assert np.array_equal(found.values[0], x[0])
    np.savez(path, X=x[:, :, 0], y=np.array([[1, 2, 3], [4, 5, 6]]), lengths=np.array([3, 1]))
    assert read_data(path).labels == (("1", "2", "3"), ("4",))
    np.save(tmp_path / "data.npy", x)
    assert read_data(tmp_path / "data.npy").labels is None


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"Z": np.zeros(3)}, "has no array 'X', it has Z"),
        ({"X": np.zeros(3)}, r"X must be numbers with the shape \(N, T, C\)"),
        ({"X": np.array([["a"]])}, "X must be numbers"),
        ({"X": np.zeros((2, 0))}, "X must be numbers"),
        ({"X": np.zeros((2, 3)), "y": np.zeros(3)}, r"y must have the shape \(2,\), got \(3,\)"),
        ({"X": np.zeros((2, 3)), "lengths": np.zeros(2)}, "lengths must be 2 whole numbers"),
        ({"X": np.zeros((2, 3)), "lengths": np.array([1, 4])}, "row 2: the length must be from 1"),
        ({"X": np.full((2, 3), np.nan)}, "'row 1', step 1, channel 1: the value is not a finite"),
        ({"X": np.array([{}], object)}, "holds Python objects, which are never read"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(tmp_path, arrays, said) -> None:
    np.savez(tmp_path / "data.npz", **arrays)
    with pytest.raises(DataError, match=said):
        read_data(tmp_path / "data.npz")


def test_a_damaged_file_of_arrays_is_refused(tmp_path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, X=np.random.default_rng(0).normal(size=(50, 50)))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DataError, match="is no file of numpy, or is damaged"):
        read_data(path)
    path.write_text("nothing")
    with pytest.raises(DataError, match=r"no file of numpy|Python objects"):
        read_data(path)


# MNIST


def idx(values: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + bytes(
        values.astype(np.uint8)
    )


@pytest.fixture
def mnist(tmp_path) -> Path:
    pictures = np.arange(24).reshape(2, 3, 4)
    path = tmp_path / "some-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(idx(pictures)))
    (tmp_path / "some-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.array([7, 1]))))
    return path


def test_pictures_of_mnist_come_with_their_labels(mnist) -> None:
    found = read_data(mnist)
    assert (found.kind, found.labels, found.features) == ("image", ("7", "1"), Rows(3, 4))
    assert found.values[1][0, 1] == pytest.approx(13 / 255)
    columns = read_data(mnist, name="columns", settings={"height": 3, "width": 4})
    assert columns.features == Columns(3, 4)
    mnist.with_name("some-labels-idx1-ubyte.gz").unlink()
    assert read_data(mnist).labels is None


def test_files_of_mnist_that_are_damaged_are_refused(mnist) -> None:
    labels = mnist.with_name("some-labels-idx1-ubyte.gz")
    labels.write_bytes(gzip.compress(idx(np.array([7, 1, 2]))))
    with pytest.raises(DataError, match=r"has \(3,\) labels for 2 pictures"):
        read_data(mnist)
    with pytest.raises(DataError, match="must hold pictures"):
        read_data(labels)
    whole = gzip.decompress(mnist.read_bytes())
    for data, said in (
        (mnist.read_bytes()[:-9], "cannot be unpacked: it ends too early"),
        (whole[:-1], "is damaged: it has 39 bytes, expected 40"),
        (whole[:9], "its header is cut off"),
        (b"PK", "is no file of the format idx"),
    ):
        mnist.write_bytes(data)
        with pytest.raises(DataError, match=said):
            read_data(mnist)


@pytest.mark.skipif(not (DATA / "mnist").is_dir(), reason=f"no MNIST in {DATA}: set GATEWORK_DATA")
def test_mnist_is_read() -> None:
    found = read_data(DATA / "mnist" / "t10k-images-idx3-ubyte.gz")
    assert (len(found), found.channels, len(found.classes)) == (10_000, 28, 10)
    assert found.labels is not None
    assert found.labels[:3] == ("7", "2", "1")


# Lines


def test_lines_have_a_label_before_a_tab(write) -> None:
    found = read_data(write("en\tthe cat\n\nde\tdie Katze\n", "words.txt"))
    assert (found.labels, found.kind) == (("en", "de"), "text")
    assert found.content(1) == "die Katze"
    assert found.lengths.tolist() == [7, 9]
    assert read_data(write("the cat\ndie Katze\n", "bare.txt")).labels is None
    known = read_data(write("xa\n", "other.txt"), features=Characters("ab"))
    assert known.values[0].argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n\n", "has no line with a text"),
        ("en\tthe\nde\t \n", "line 2: there is no text beside the tab"),
        ("\tthe\n", "line 1: there is no label beside the tab"),
        ("en\tthe\n\ndie\n", r"words.txt', line 3: there is no tab between label and text"),
    ],
)
def test_lines_that_cannot_be_used_are_refused(write, text, said) -> None:
    with pytest.raises(DataError, match=said):
        read_data(write(text, "words.txt"))


def test_a_line_without_a_tab_is_named_for_a_model_too(write) -> None:
    with pytest.raises(DataError, match="line 1: there is no tab") as caught:
        read_data(write("the\nen\tthe\n", "words.txt"), features=Characters("a"))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("line 2 has one: a tab in every line, or in none")


# What does not go together


def test_what_does_not_fit_a_model_is_refused(write, mnist) -> None:
    with pytest.raises(DataError, match="holds numbers, but the model reads pictures"):
        read_data(write(LONG), features=Rows(3, 4))
    with pytest.raises(DataError, match="holds pictures, but the model reads text"):
        read_data(mnist, features=Characters("a"))
    with pytest.raises(DataError, match="holds grey pictures of 3 x 4"):
        read_data(mnist, features=Rows(5, 5))
    with pytest.raises(OptionError, match="is not read as 'mfcc'"):
        read_data(write(LONG), name="mfcc")
    with pytest.raises(OptionError, match="holds pictures, which are not read as 'mfcc'"):
        read_data(mnist, name="mfcc")
    with pytest.raises(DataError, match="is of no kind that is read"):
        read_data(write("x", "table.xls"))
    with pytest.raises(InputFileError, match="there is no such file or folder"):
        read_data("nowhere.csv")
