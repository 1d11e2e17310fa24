"""The page on tables is true: every date and every block that it shows is read as it says."""

import re
from pathlib import Path

import pytest

from gatework.forecast import read_panel, read_series

TEXT = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")


def _rows(title: str) -> list[tuple[list[str], list[str]]]:
    part = re.split(r"\n## ", TEXT.split(f"\n## {title}\n")[1])[0]
    found = re.findall(r"^\| ((?:`[^`]+` ?){2,})\| (.+?) \|$", part, re.MULTILINE)
    return [(re.findall(r"`([^`]+)`", cells), said.split(", ")) for cells, said in found]


@pytest.mark.parametrize(("cells", "said"), _rows("Dates"), ids=lambda one: one[0])
def test_dates(tmp_path: Path, cells: list[str], said: list[str]) -> None:
    path = tmp_path / "table.csv"
    rows = (f'"{cell}",{value}\n' for value, cell in enumerate(cells))
    path.write_text("date,load\n" + "".join(rows), encoding="utf-8")
    assert read_series(path).labels == tuple(said)


@pytest.mark.parametrize(
    ("block", "said"), re.findall(r"```text\n([^`]*)```\n\nRead as: (.*)", TEXT)
)
def test_shapes(tmp_path: Path, block: str, said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(block, encoding="utf-8")
    labels, values = (part.split(", ") for part in said.split("; "))
    found = read_series(path)
    assert found.labels == tuple(labels)
    assert found.values.tolist() == [float(value) for value in values]


@pytest.mark.parametrize(("block", "said"), re.findall(r"```text\n([^`]*)```\n\nHolds: (.*)", TEXT))
def test_many_series(tmp_path: Path, block: str, said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(block, encoding="utf-8")
    panel = read_panel(path)
    for one in said.split("; "):
        name, *values = one.split()
        row = panel.values[panel.index(name), : len(values)]
        assert ["-" if value != value else f"{value:g}" for value in row] == values


def test_the_page_shows_what_the_tests_read() -> None:
    assert len(_rows("Dates")) == 27
    assert TEXT.count("Read as: ") == 3
    assert TEXT.count("Holds: ") == 2
    assert TEXT.count("```text") == 5
