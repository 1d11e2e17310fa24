"""Folders to learn from: what is read, and what is kept out."""

from pathlib import Path

import numpy as np
import pytest

from gatework.errors import DataError, InputFileError
from gatework.forecast.pretrained.collections import read_folder, windows

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


def test_bad_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="holds no CSV file"):
        read_folder(tmp_path)
    (tmp_path / "pool.csv").write_text(HEADER + "a,M1,monthly,X,1990,2,1,1,2,three\n")
    with pytest.raises(DataError, match=r"pool.csv, row 2: .*three"):
        read_folder(tmp_path)
    (tmp_path / "pool.csv").write_text(HEADER + "a,M1,monthly,X,1990,2,1,1,2,3\n")
    with pytest.raises(DataError, match="none is left"):
        read_folder(tmp_path)
