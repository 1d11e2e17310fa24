"""What the hints of the pictures name is there: functions, their arguments, options, commands."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import gatework
from gatework import look
from gatework.cli.app import COMMANDS
from gatework.cli.app import gatework as command
from gatework.write import scoring

ROOT = Path(look.__file__).parent


def hints() -> Iterator[tuple[str, str, str]]:
    """Yield every hint of the package: its file, its text without what is filled in, its file's."""
    for path in sorted(ROOT.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.keyword) and node.arg == "hint":
                parts = [one for one in ast.walk(node.value) if isinstance(one, ast.Constant)]
                text = "".join(str(part.value) for part in parts if isinstance(part.value, str))
                yield str(path.relative_to(ROOT)), text, source


HINTS = list(hints())


def test_there_are_hints() -> None:
    assert len(HINTS) > 8


@pytest.mark.parametrize(("file", "hint", "source"), HINTS, ids=[f"{f}: {h}" for f, h, _ in HINTS])
def test_what_a_hint_names_is_there(file, hint, source) -> None:
    for called in re.findall(r"(?<![\w.])([A-Za-z_]\w*)\(", hint):
        assert any(hasattr(home, called) for home in (look, gatework, scoring, builtins)), called
    for name in re.findall(r"\b(\w+)=", hint):
        arguments = {one.arg for one in ast.walk(ast.parse(source)) if isinstance(one, ast.arg)}
        assert name in arguments, name
    options = {option for name in ("draw", "explain") for option in options_of(name)}
    assert set(re.findall(r"--[\w-]+", hint)) <= options
    for name in re.findall(r"gatework (\w+)", hint):
        assert name in COMMANDS


def options_of(name: str) -> set[str]:
    found = command.get_command(click.Context(command), name)
    assert found is not None
    return {word for parameter in found.params for word in parameter.opts}
