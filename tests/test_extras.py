"""The table of extras is that of pyproject.toml, and hints name the one that brings a module."""

import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from gatework.extras import EXTRAS, install

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
ELSEWHERE = {"statsforecast": "statsforecast"}
"""Modules of packages that no environment of the tests holds, by their distribution."""


def test_the_table_is_that_of_the_project() -> None:
    extras = tomllib.loads(PROJECT.read_text())["project"]["optional-dependencies"]
    modules = dict(ELSEWHERE)
    for module, distributions in packages_distributions().items():
        modules |= {
            name.lower().replace("_", "-"): module for name in distributions if module in NAMED
        }
    found = {
        extra: {named(requirement, modules) for requirement in needed}
        for extra, needed in extras.items()
    }
    assert found == {extra: set(brings) for extra, brings in EXTRAS.items()}


NAMED = {module for brings in EXTRAS.values() for module in brings}


def named(requirement: str, modules: dict[str, str]) -> str:
    """Return the module of a requirement, or the extra that it includes."""
    included = re.fullmatch(r"gatework\[(\w+)\]", requirement)
    if included:
        return included[1]
    distribution = re.split(r"[<>=!~\[ ]", requirement)[0]
    return modules.get(distribution, f"no module of {distribution} is in the table")


@pytest.mark.parametrize(
    ("module", "part", "command"),
    [
        ("torch", "", "pip install 'gatework[train]'"),
        ("torch", "forecast", "pip install 'gatework[forecast]'"),
        ("torch", "doctor", "pip install 'gatework[train]'"),
        ("uvicorn", "studio", "pip install 'gatework[studio]'"),
        ("ray", "forecast", "pip install 'gatework[cluster]'"),
        ("scipy.signal", "recognize", "pip install 'gatework[recognize]'"),
        ("statsforecast", "", "pip install 'gatework[classics]'"),
        ("polars", "forecast", "pip install polars"),
    ],
)
def test_the_hint_names_the_extra_that_brings_it(module, part, command) -> None:
    assert install(module, part) == command
