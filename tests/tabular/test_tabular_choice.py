"""Which columns a network reads of a table."""

from pathlib import Path

import pytest

from gatework.errors import DataError
from gatework.tabular.choice import read_features

TABLE = "when,heat,load,note\nmon,1,2,a\ntue,3,4,b\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data.csv").write_text(TABLE)
    return tmp_path / "data.csv"


def test_all_columns_of_numbers_are_read_where_none_is_named(path: Path) -> None:
    values, names, labels = read_features(path, 2)
    assert (values.tolist(), names, labels) == ([[1, 2], [3, 4]], ["heat", "load"], None)


def test_columns_and_steps_may_be_named(path: Path) -> None:
    values, names, labels = read_features(path, 2, column="Load, heat", time_column="WHEN")
    assert (values.tolist(), names, labels) == ([[2, 1], [4, 3]], ["load", "heat"], ["mon", "tue"])


def test_another_number_of_columns_is_refused(path: Path) -> None:
    with pytest.raises(
        DataError, match="reads 3 features, but 2 columns are given: heat, load"
    ) as no:
        read_features(path, 3)
    assert "--column A,B,C" in (no.value.hint or "")
    with pytest.raises(DataError, match="column 'note', row 2: 'a' is not a number"):
        read_features(path, 2, column="heat,note")


@pytest.mark.parametrize(
    "rows",
    [
        ["a,2020-01-01,1", "a,2020-01-02,2", "b,2020-01-01,3", "b,2020-01-02,4"],
        ["a,2020-01-01,1", "b,2020-01-01,2", "a,2020-01-02,3", "b,2020-01-02,4"],
    ],
)
def test_several_sequences_are_not_read_as_one(tmp_path: Path, rows) -> None:
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["unit,day,heat", *rows]) + "\n")
    with pytest.raises(DataError, match="column 'unit' tells 2 sequences apart") as found:
        read_features(path, 1)
    assert "--column heat reads all as they stand" in str(found.value.hint)
    assert read_features(path, 1, column="heat")[0].shape == (4, 1)


def test_words_that_are_no_sequences_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("state,heat\nok,1\nwarm,2\nok,3\nwarm,4\nok,5\n")
    assert read_features(path, 1)[1] == ["heat"]


@pytest.mark.parametrize("cell", ["", "n/a"])
def test_a_value_that_lacks_is_named_with_its_file(tmp_path: Path, cell) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"day,heat\n2020-01-01,1\n2020-01-02,{cell}\n2020-01-03,4\n")
    with pytest.raises(DataError, match=r"'t\.csv': column 'heat', row 3: ") as found:
        read_features(path, 1, column="heat")
    assert "leave the row out" in str(found.value.hint)
