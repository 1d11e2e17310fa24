"""The page on tables: every form in its lists is read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gatework.tabular.marks import MISSING, looks_like_mark, missing_mark
from gatework.tabular.table import Table

PAGE = (Path(__file__).parents[2] / "docs" / "tables.md").read_text(encoding="utf-8")
NUMBERS = re.findall(r"^\| (`.*`) \| ([-\d. ]+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("cells", "numbers"), NUMBERS)
def test_numbers_are_read_as_the_page_says(cells: str, numbers: str) -> None:
    column = re.findall("`([^`]+)`", cells)
    table = Table("t.csv", {"v": column}, range(2, len(column) + 2), ",")
    np.testing.assert_array_equal(table.numbers("v"), [float(one) for one in numbers.split()])


def test_marks_are_those_of_the_page() -> None:
    section = PAGE.split("## What is missing")[1].split("\n## ")[0]
    always = section.strip().split(". ", 1)[0]
    assert {one.casefold() for one in re.findall("`([^`]+)`", always)} <= MISSING
    some = re.search(r"Words such as (.*) are so", section, re.DOTALL)
    assert some is not None
    assert all(map(missing_mark, re.findall("`([^`]+)`", some[1])))
    told = re.search(r"such as (-999, .*?) that lies", section)
    assert told is not None
    assert all(looks_like_mark(float(one)) for one in re.split(", | or ", told[1]))
    assert len(NUMBERS) > 15
