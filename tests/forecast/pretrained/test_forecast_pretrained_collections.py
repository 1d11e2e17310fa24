"""Folders to learn from: what is read, and what is kept out."""

from pathlib import Path

import numpy as np
import pytest

from gatework.errors import DataError, InputFileError
from gatework.forecast.pretrained.collections import read_folder, windows
from gatework.forecast.pretrained.tables import TableReading
from gatework.tabular.style import ReadingStyle

HEADER = "id,source,period,type,start,n_train,h,values...\n"


def numbers(seed: int, count: int = 20) -> list[float]:
    return np.random.default_rng(seed).normal(50, 9, count).round(3).tolist()


def row(name: str, source: str, period: str, values: list[float], ahead: int = 4) -> str:
    said = [name, source, period, "X", "1990", len(values) - ahead, ahead, *values]
    return ",".join(map(str, said)) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two collections and a series; one series stands in both collections, in another unit."""
    there = tmp_path / "history"
    (there / "classic").mkdir(parents=True)
    first = row("a", "M1", "monthly", numbers(1)) + row("b", "tourism", "yearly", numbers(2))
    (there / "pool.csv").write_text(HEADER + first)
    again = [1000 * value for value in numbers(2)[3:]]
    (there / "Z9_quarterly.csv").write_text(
        "id,type,start,n_train,h,values...\n"
        + ",".join(map(str, ["c", "X", 1990, 16, 4, *numbers(3)]))
        + "\n"
        + ",".join(map(str, ["d", "X", 1990, 13, 4, *again]))
        + "\n"
    )
    lines = [f"{1950 + number},{value}" for number, value in enumerate(numbers(4))]
    (there / "classic" / "lake.csv").write_text("year,height\n" + "\n".join(lines) + "\n")
    return there


def test_collections_and_series_are_read_and_tests_are_not_shown(folder: Path) -> None:
    found = read_folder(folder)
    assert {(one.name, one.source, one.season, len(one.values)) for one in found.examples} == {
        ("a", "M1 monthly", 12, 16),
        ("c", "Z9 quarterly", 4, 16),
        ("lake", "classic", 1, 20),
        ("d", "Z9 quarterly", 4, 13),
    }
    assert found.left_out == {"shares values with a series before it": 1}
    shown = {one.name: one.values for one in found.examples}
    assert shown["a"].tolist() == numbers(1)[:16]
    about = found.about()
    assert about["series"] == {"M1 monthly": 1, "Z9 quarterly": 2, "classic": 1}
    assert set(found.digests) == {"pool.csv", "Z9_quarterly.csv", "classic/lake.csv"}


def test_what_is_a_test_is_kept_out_wherever_it_stands(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "failures.csv"
    values = numbers(1)[2:]
    other.write_text("week,one\n" + "".join(f"w{n},{v * 3}\n" for n, v in enumerate(values)))
    found = read_folder(folder, exclude=[other, folder / "classic" / "lake.csv"])
    names = {one.name for one in found.examples}
    assert names == {"c", "d"}
    barred = {window for value in (values, numbers(4)) for window in windows(np.array(value))}
    assert not any(windows(one.values) & barred for one in found.examples)
    said = "shares values with a series that must not be learned from"
    assert found.left_out[said] == 1


def test_sources_can_be_left_out(folder: Path) -> None:
    found = read_folder(folder, without=["M1", "classic"])
    assert {one.source for one in found.examples} == {"Z9 quarterly"}
    apart = read_folder(folder, without=["tourism"])
    assert {one.name for one in apart.examples} == {"a", "c", "lake"}  # d is the same series


def long_table(names: tuple[str, str, str], ids: tuple[object, ...]) -> str:
    """Return a table of series of 20 months, a row a series and month, the months together."""
    lines = [
        f"{one},{2000 + time // 12}-{time % 12 + 1:02d},{numbers(place, 20)[time]}"
        for time in range(20)
        for place, one in enumerate(ids)
    ]
    return "\n".join([",".join(names), *lines]) + "\n"


MONTHS = [f"{2000 + time // 12}-{time % 12 + 1:02d}" for time in range(20)]
BESIDE = [("month", "a", "b"), *zip(MONTHS, numbers(0), numbers(1), strict=True)]
ACROSS = [("shop", *MONTHS), ("a", *numbers(0)), ("b", *numbers(1))]


def text_of(rows: list[tuple[object, ...]]) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


@pytest.mark.parametrize(
    "text",
    [
        long_table(("unique_id", "ds", "y"), ("a", "b")),
        long_table(("shop", "month", "sales"), ("a", "b")),
        long_table(("id", "time", "value"), (17, 18)),
        text_of(BESIDE),
        text_of(ACROSS),
    ],
    ids=["usual names", "words", "numbers as ids", "a column a series", "a row a series"],
)
def test_tables_of_many_series_are_read_in_any_form(tmp_path: Path, text: str) -> None:
    (tmp_path / "shops.csv").write_text(text)
    found = read_folder(tmp_path)
    assert [(one.values.tolist(), one.season) for one in found.examples] == [
        (numbers(0, 20), 12),
        (numbers(1, 20), 12),
    ]
    assert [one.name.split()[0] for one in found.examples] == ["shops", "shops"]
    other = tmp_path / "other"
    other.mkdir()
    (other / "tests.csv").write_text(text)
    with pytest.raises(DataError, match="none is left"):
        read_folder(tmp_path, exclude=[other / "tests.csv"])


def test_parquet_is_read_and_columns_and_frequencies_can_be_told(tmp_path: Path) -> None:
    table = pytest.importorskip("pyarrow").table
    write = pytest.importorskip("pyarrow.parquet").write_table
    values = {"n": [*range(20)], "kind": ["x"] * 20, "load": numbers(1), "other": numbers(2)}
    write(table(values), tmp_path / "load.parquet")
    (one,) = read_folder(tmp_path, reading=TableReading(values=("load",))).examples
    assert one.values.tolist() == numbers(1)
    (tmp_path / "load.parquet").unlink()
    lines = [f"2000-{1 + time % 12:02d}-0{1 + time // 12},{v}" for time, v in enumerate(numbers(4))]
    (tmp_path / "few.csv").write_text("day,v\n" + "\n".join(sorted(lines)) + "\n")
    reading = TableReading(style=ReadingStyle(frequency="D"))
    (one,) = read_folder(tmp_path, reading=reading).examples
    assert (one.season, len(one.values)) == (7, 336)


@pytest.mark.parametrize(
    ("text", "said", "cure"),
    [
        ("month,v\n2005-03,1\n2005-04,many\n", "'many' is not a number", "correct the cell"),
        ("month,v\n", "has a header and no rows", "add one row"),
        ("month,v\n2005-03,1\n2005-03,2\n2005-04,2\n", "'2005-03' is repeated", "--repeats mean"),
    ],
)
def test_a_file_that_cannot_be_read_names_itself_and_the_cure(
    tmp_path: Path, text: str, said: str, cure: str
) -> None:
    (tmp_path / "bad.csv").write_text(text)
    with pytest.raises(DataError, match=rf"{tmp_path}/bad.csv: .*{said}") as refused:
        read_folder(tmp_path)
    assert cure in (refused.value.hint or "")


def test_bad_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="holds no CSV file"):
        read_folder(tmp_path)
    (tmp_path / "pool.csv").write_text(HEADER + "a,M1,monthly,X,1990,2,1,1,2,three\n")
    with pytest.raises(DataError, match=r"pool.csv, row 2: .*three"):
        read_folder(tmp_path)
    (tmp_path / "pool.csv").write_text(HEADER + "a,M1,monthly,X,1990,2,1,1,2,3\n")
    with pytest.raises(DataError, match="none is left"):
        read_folder(tmp_path)
