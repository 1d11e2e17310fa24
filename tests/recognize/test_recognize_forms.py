"""Labels and series in the many forms in which others write them."""

import pytest

from gatework.errors import DataError
from gatework.recognize.readers.data import read_data
from gatework.recognize.readers.ts import read_ts

LINES = [["1", "0.5", "-1.5", "2.25"], ["2", "0.25", "3.5", "1"], ["1", "0.5", "-2", "0"]]


@pytest.fixture
def write(tmp_path):
    def write(text: str | bytes, name: str):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def joined(between: str, lines=LINES) -> str:
    return "".join(between.join(line) + "\n" for line in lines)


QUOTED = [[f'"{cell}"' for cell in line] for line in LINES]
WHOLE = [["1", "5", "3", "3"], ["2", "7", "7", "4"], ["1", "5", "2", "9"]]
WORDS = [[{"1": "cat", "2": "dog"}[line[0]], *line[1:]] for line in LINES]
LAST = [[*line[1:], line[0]] for line in WORDS]


@pytest.mark.parametrize(
    ("name", "text", "labels", "which"),
    [
        ("a.csv", "\ufeff" + joined(","), "121", "first number"),
        ("a.txt", joined(",").encode("utf-16"), "121", "first number"),
        ("a.csv", "# a remark\n" + joined(","), "121", "first number"),
        ("a.csv", joined(";"), "121", "first number"),
        ("a.csv", joined(";").replace(".", ","), "121", "first number"),
        ("a.csv", joined(",", QUOTED), "121", "first number"),
        ("a.csv", joined(",", WHOLE), "121", "first number"),
        ("a.tsv", joined("\t", WORDS), ("cat", "dog", "cat"), "first word"),
        ("a.csv", joined(",", LAST), ("cat", "dog", "cat"), "last word"),
    ],
)
def test_no_line_of_a_file_without_a_header_is_taken_for_one(write, name, text, labels, which):
    found = read_data(write(text, name))
    assert found.labels == tuple(labels)
    assert found.lengths.tolist() == [3, 3, 3]
    assert found.remarks[-1] == f"there is no header: the {which} of each line is its label"


@pytest.mark.parametrize(
    "header", ["0,1,2,3", "0.0,0.1,0.2,0.3", "label,0.5,0.7,1.1", "1990,1995,2003,2004"]
)
def test_columns_that_are_called_by_numbers_are_a_header(write, header) -> None:
    assert len(read_data(write(f"{header}\n1,2,3,5\n2,3,4,6\n", "a.csv"))) == 2


def test_an_empty_cell_keeps_its_place_and_one_that_is_no_number_is_named(write) -> None:
    path = write("1,0.5,,2\n2,1,?,3\n", "a.csv")
    with pytest.raises(DataError, match="line 1, step 2: the value is missing"):
        read_data(path)
    assert read_data(path, interpolate=True).values[0].ravel().tolist() == [0.5, 1.25, 2]
    for cell in ("NaN.5", "1e39"):
        with pytest.raises(DataError, match=f"line 1, step 2: '{cell}' is not a finite number"):
            read_data(write(f"1,0.5,{cell},2,4\n", "a.csv"))


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("index", (0, 1, 2, 3)),
        ("Unnamed: 0.1", (0, 1, 2, 3)),
        ("patient_id", (1003, 1010, 1001, 1040)),
        ("uuid", ("f1", "9a", "0c", "e7")),
        ("Row number", ("0.0", "1.0", "2.0", "3.0")),
    ],
)
@pytest.mark.parametrize("place", [0, 2])
def test_what_tells_rows_apart_is_not_learned(write, column, cells, place) -> None:
    lines = [["0.5", "0.25", "x"], ["1.5", "1.25", "y"], ["2", "3", "x"], ["4", "3", "y"]]
    for line, cell in zip([head := ["t0", "t1", "label"], *lines], [column, *cells], strict=True):
        line.insert(place, str(cell))
    found = read_data(write(joined(",", [head, *lines]), "a.csv"))
    assert found.lengths.tolist() == [2, 2, 2, 2]
    assert (
        found.remarks[-1].endswith("rows apart and was left out") or "counts" in found.remarks[-1]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a,b,target\n1,2,x\n3,4,y\n5,6,x\n",
            "hint: --label-column target, if it holds the labels",
        ),
        ("a,b,my kind\n1,2,x\n3,4,y\n5,6,x\n", "hint: --label-column 'my kind'"),
        (
            "day,b,label\n2024-01-01,2,x\n2024-01-02,4,y\n",
            "hint: take column 'day' out, or call it",
        ),
        ("label,text\nx,good day\ny,bye\n", "hint: a file .txt with a label, a tab and a text"),
    ],
)
def test_a_column_of_words_is_named_with_what_it_may_be(write, text, said) -> None:
    with pytest.raises(DataError, match=rf"holds no numbers, as .* in row 2\n{said}"):
        read_data(write(text, "a.csv"))


def test_steps_of_series_are_known_by_other_names(write) -> None:
    text = "series,Timestamp,v,label\n7,2024-01-02,2,x\n7,2024-01-01,1,x\n8,2024-01-01,5,y\n"
    found = read_data(write(text, "a.csv"))
    assert [values.ravel().tolist() for values in found.values] == [[1, 2], [5]]
    assert found.remarks == (
        "the column 'series' was taken for 'id'",
        "the column 'Timestamp' was taken for 'time'",
    )


def test_labels_that_are_written_in_two_ways_are_one_class(write) -> None:
    found = read_data(write("a,b,label\n1,2,1\n3,4,1.0\n5,7,2\n", "a.csv"))
    assert found.labels == ("1", "1", "2")
    assert found.remarks == ("labels in 'label' that are the same number are one class",)
    text = "\ufeffcafé\tone\n\ufeffcafe\u0301\ttwo\nbar\tou\u0308\n"
    found = read_data(write(text, "a.txt"))
    assert found.labels == ("café", "café", "bar")
    assert found.contents == ("one", "two", "oü")
    assert found.remarks == ("letters and their combining marks were composed (NFC)",)


def test_lines_may_have_a_header_and_a_label_behind_the_tab_is_told(write) -> None:
    found = read_data(write("Label\ttext\nx\tone\ny\ttwo\n", "a.txt"))
    assert found.labels == ("x", "y")
    assert found.remarks == (r"the first line was passed over as a header: 'Label\ttext'",)
    turned = "".join(f"text {n}\t{'xy'[n % 2]}\n" for n in range(6))
    with pytest.raises(DataError, match="as where the label stands behind the tab"):
        read_data(write(turned, "a.txt"))


HEAD = "@univariate true\n@classLabel true 1 2\n@data\n"


@pytest.mark.parametrize("mark", ['"', "'"])
def test_classes_of_a_ts_file_may_have_blanks(write, mark) -> None:
    head = HEAD.replace("1 2", f"{mark}class a{mark} b")
    found = read_ts(write(f"{head}1,2:{mark}class a{mark}\n1,3:class a\n2,2:b\n", "a.ts"))
    assert found.labels == ("class a", "class a", "b")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace("1 2", "red wine") + "1,2:red wine\n", "hint: .*a blank stands in quotes"),
        (HEAD + "(0,1.0),(1,2.0):1\n", "line 4: times stand beside the values, in brackets"),
        (HEAD + "(2007-01-01 00:00:00,1.0):1\n", "line 4: times stand beside the values"),
        (HEAD + "1,2:1\n" + HEAD + "1,3:2\n", "line 5: a second header begins here"),
        (
            HEAD.replace("@classLabel true 1 2\n", "") + "1,2:1\n",
            "hint: .*@classLabel true CLASSES",
        ),
        (HEAD + "1 2 3:1\n", "'1 2 3' is not a number\nhint: commas part the values"),
        (HEAD + "1:" * 10_001 + "1\n", "line 4 has 10,001 channels, expected 10,000 at most"),
        (HEAD + "1,1e39:1\n", "step 2: '1e39' is not a number"),
        (HEAD.replace("classLabel true 1 2", "targetLabel true") + "1,2:?\n", "label is missing"),
        ("@relation x\n@attribute a numeric\n@data\n1\n", "begins an ARFF file.*\nhint: .*as .ts"),
    ],
)
def test_forms_of_ts_files_that_are_not_read_are_told(write, text, said) -> None:
    with pytest.raises(DataError, match=said):
        read_ts(write(text, "a.ts"))
