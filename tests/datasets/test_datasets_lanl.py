"""The shipped failure counts: complete weeks of service, and nothing else."""

import csv
import os
import subprocess
import sys
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from gatework.datasets import lanl_failures

SERVICE = {  # name: first week, last week, failures in all
    "system_2": ("1997-01-20", "2005-08-29", 7098),
    "system_16": ("1997-01-27", "2002-09-16", 2680),
    "system_18": ("2002-05-06", "2005-08-29", 3987),
    "system_19": ("2002-10-14", "2005-08-29", 3273),
}


@pytest.mark.parametrize("name", SERVICE)
def test_weeks_are_mondays_without_gaps_over_the_time_of_service(name: str) -> None:
    counts = lanl_failures()[name]
    first, last, total = SERVICE[name]
    weeks = [date.fromisoformat(week) for week in counts.weeks]
    assert (counts.weeks[0], counts.weeks[-1]) == (first, last)
    assert weeks[0].weekday() == 0
    assert {later - earlier for earlier, later in pairwise(weeks)} == {timedelta(days=7)}
    assert len(counts.values) == len(weeks)
    assert min(counts.values) >= 0
    assert counts.values[0] > 0
    assert sum(counts.values) == total


def test_every_count_is_that_of_the_source_table() -> None:
    source = Path(os.environ.get("GATEWORK_DATA", "../shared/data")) / "failures/lanl_weekly.csv"
    if not source.exists():
        pytest.skip(f"{source} is not here; set GATEWORK_DATA to the folder of development data")
    with source.open(newline="") as stream:
        original = {row["week_start"]: row for row in csv.DictReader(stream)}
    for name, counts in lanl_failures().items():
        assert counts.name == name
        for week, value in zip(counts.weeks, counts.values, strict=True):
            assert int(original[week][name]) == value
        left_out = set(original) - set(counts.weeks)
        assert sum(int(original[week][name]) for week in left_out if week < "2005-09-05") == 0


def test_the_citation_comes_along_and_the_result_belongs_to_the_caller() -> None:
    systems = lanl_failures()
    assert all("10.1109/DSN.2006.5" in counts.citation for counts in systems.values())
    systems.clear()
    assert len(lanl_failures()) == 4


def test_the_table_opens_without_pandas_or_torch() -> None:
    code = (
        "import sys, gatework.datasets as d; d.lanl_failures(); "
        "print({'pandas', 'torch', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
