"""The names of months and weekdays that ship are those of Unicode CLDR."""

import runpy
from pathlib import Path

import pytest

pytest.importorskip("babel", reason="it compares with babel, which is not installed")

ROOT = Path(__file__).parents[2]


def test_the_table_is_what_its_builder_makes() -> None:
    built = runpy.run_path(str(ROOT / "tables" / "calendar_words.py"))
    assert built["OUT"].read_text("utf-8") == built["text"]()
