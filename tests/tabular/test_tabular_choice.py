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
