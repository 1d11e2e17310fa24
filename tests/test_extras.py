"""The table of extras is that of pyproject.toml, and hints name the one that brings a module."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from gatework.extras import EXTRAS, install

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
ELSEWHERE = {"statsforecast": "statsforecast", "sounddevice": "sounddevice"}
"""Modules of packages that no environment of the tests holds, by their distribution."""


def test_the_table_is_that_of_the_project() -> None:
    extras = project()["optional-dependencies"]
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


def test_the_page_on_installation_has_every_extra() -> None:
    page = PROJECT.with_name("docs") / "install.md"
    rows = re.findall(r"^\| `(\w+)` \|", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(EXTRAS)


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


ROOT = PROJECT.parent
SOURCES = {path: path.read_text("utf-8") for path in (ROOT / "src" / "gatework").rglob("*.py")}
PROSE = [*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")]
ELSEWHERE_BROUGHT = {
    "onnx": "to export and to compare, told with pip install onnx",
    "traitlets": "comes with anywidget",
}
BASE = {"charset_normalizer", "click", "jinja2", "numpy", "rich", "safetensors"}
"""Modules of what every install has."""


def test_every_package_that_is_imported_comes_with_something() -> None:
    asked = {dependency for dependency in project()["dependencies"] if ";" not in dependency}
    assert {re.split("[<>=]", one)[0].replace("-", "_") for one in asked} == BASE
    imported = {
        name.partition(".")[0]
        for text in SOURCES.values()
        for node in ast.walk(ast.parse(text))
        for name in imports(node)
    }
    known = {*sys.stdlib_module_names, "gatework", *BASE, *NAMED, *ELSEWHERE_BROUGHT}
    assert imported <= known


def imports(node: ast.AST) -> list[str]:
    """Return the modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


@pytest.mark.parametrize("name", ["needing", "install"])
def test_every_hint_names_an_extra_that_brings_what_is_missing(name) -> None:
    calls = [
        node
        for text in SOURCES.values()
        if f"{name}(" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        if node.args and isinstance(node.args[0], ast.Constant)
    ]
    assert calls
    for call in calls:
        module = ast.literal_eval(call.args[0])
        part = {word.arg: word.value for word in call.keywords}.get("part")
        part = "" if part is None else ast.literal_eval(part)
        hint = re.fullmatch(r"pip install 'gatework\[(\w+)\]'", install(module, part))
        assert hint, f"no extra brings {module!r}"
        assert hint[1] == (part or hint[1]), f"the extra {part!r} does not bring {module!r}"


def test_every_extra_that_is_written_out_exists() -> None:
    texts = [*SOURCES.values(), *(path.read_text("utf-8") for path in PROSE)]
    written = {
        extra
        for text in texts
        for listed in re.findall(r"(?:gatework|'\.)\[([\w,]+)\]'", text)
        for extra in listed.split(",")
    }
    assert {"cluster", "forecast", "look", "studio"} <= written <= EXTRAS.keys()


def project() -> dict:
    return tomllib.loads(PROJECT.read_text("utf-8"))["project"]
