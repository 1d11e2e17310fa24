"""What a release says of itself: one version, the Pythons it runs on, a changelog with dates."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

import gatework

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")
RELEASE = re.compile(r"## \[(?P<version>[^]]+)\] - (?P<day>\d{4}-\d{2}-\d{2})( \[YANKED\])?")
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_the_version_is_written_once() -> None:
    """The build reads it where Python does; README, native sources and citation have none."""
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert "version" not in PROJECT["project"]
    place = PROJECT["tool"]["scikit-build"]["metadata"]["version"]
    assert place["provider"] == "scikit_build_core.metadata.regex"
    said = (ROOT / place["input"]).read_text("utf-8")
    assert re.findall(r'^__version__ = "(.+)"$', said, re.MULTILINE) == [gatework.__version__]
    assert VERSION.fullmatch(gatework.__version__)


def test_the_build_finds_the_version() -> None:
    build = pytest.importorskip("scikit_build_core.metadata.regex", reason="it is no developer's")
    settings = dict(PROJECT["tool"]["scikit-build"]["metadata"]["version"])
    settings["input"] = str(ROOT / settings["input"])
    del settings["provider"]
    assert build.dynamic_metadata("version", settings) == gatework.__version__


def test_the_pythons_are_those_of_the_wheels() -> None:
    classified = {
        line.rpartition(" :: ")[2]
        for line in PROJECT["project"]["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", line)
    }
    built = {
        f"3.{name.removeprefix('cp3').partition('-')[0].removesuffix('t')}"
        for name in PROJECT["tool"]["cibuildwheel"]["build"]
    }
    assert classified == built
    lowest = min(classified, key=lambda version: int(version.partition(".")[2]))
    assert PROJECT["project"]["requires-python"] == f">={lowest}"


def test_the_recipe_of_conda_asks_for_what_the_package_asks_for() -> None:
    """The same packages within the same bounds; the zones of Windows have another name there."""
    recipe = (ROOT / "packaging" / "conda" / "recipe.yaml").read_text("utf-8")
    project = PROJECT["project"]
    asked = [wish for wish in project["dependencies"] if ";" not in wish]
    run = recipe.partition("  run:\n")[2].partition("  run_constraints:\n")[0]
    wanted = {wish.replace(" ", "") for wish in re.findall(r"^    - (.+)$", run, re.MULTILINE)}
    assert wanted - {"if:win", "python"} == set(asked)
    (torch,) = project["optional-dependencies"]["train"]
    assert f"- py{torch.replace('>=', ' >=', 1)}\n" in recipe
    lowest = project["requires-python"].removeprefix(">=")
    assert f'match(python, "<{lowest}")' in recipe


def test_the_changelog_has_dated_releases_and_known_kinds() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()
    heads = [line for line in lines if line.startswith("## ")]
    assert heads[0] == "## [Unreleased]"
    releases = [RELEASE.fullmatch(line) for line in heads[1:]]
    assert all(releases), heads
    days = [date.fromisoformat(found["day"]) for found in releases if found]
    assert days == sorted(days, reverse=True)
    versions = [VERSION.fullmatch(found["version"]) for found in releases if found]
    ordered = [tuple(map(int, found.groups())) for found in versions if found]
    assert len(ordered) == len(releases)
    assert ordered == sorted(ordered, reverse=True)
    kinds = [line.removeprefix("### ") for line in lines if line.startswith("### ")]
    assert set(kinds) <= set(KINDS)


def test_actions_are_named_by_their_commits() -> None:
    """A tag can be moved by whoever holds it; the comment tells people which one it was."""
    for workflow in (ROOT / ".github" / "workflows").glob("*.yml"):
        for line in workflow.read_text("utf-8").splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line
