"""What an error proposes is an option of the command that raised it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import gatework
from gatework.cli.app import gatework as front
from gatework.cli.hints import fitted
from gatework.cli.options import Options, command_of
from gatework.errors import DataError

ROOT = Path(gatework.__file__).parent
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")

FORECAST, BOTH = "forecast", ("forecast", "backtest")
EXPLAIN = ("explain", "draw")
RECOGNIZE = ("recognize train", "recognize evaluate", "recognize files")
NUMBERS = (*BOTH, *EXPLAIN, "life", *RECOGNIZE)
READERS = {
    "tabular": (*BOTH, *EXPLAIN),
    "tabular/numeric.py": NUMBERS,
    "tabular/table.py": NUMBERS,
    "tabular/encoding.py": (*NUMBERS, "watch"),
    "tabular/workbook.py": NUMBERS,
    "tabular/layout.py": (*BOTH, *EXPLAIN, "life"),
    "forecast/reading.py": (*BOTH, *EXPLAIN),
    "forecast/panel": (*BOTH, *EXPLAIN),
    "life/reading.py": ("life", *EXPLAIN),
    "life/gaps.py": ("life", *EXPLAIN),
    "watch/columns.py": ("watch",),
    "watch/monitor.py": ("watch",),
    "watch/rows.py": ("watch",),
    "watch/values.py": ("watch",),
    "recognize/readers/tables.py": RECOGNIZE,
}
"""Which commands read by a file or folder; that of the longest name counts."""

ELSEWHERE = {
    "--events": ("backtest", *EXPLAIN),
    "--period": ("backtest", *EXPLAIN),
    "--allow-negative": EXPLAIN,  # they know from the model whether values are counts
    "--past": EXPLAIN,  # the model knows which columns these are
    "--future": EXPLAIN,
    "--static": EXPLAIN,
    "--unit-column": EXPLAIN,  # which have --id-column and --time-column for them
    "--cycle-column": EXPLAIN,
    "--column": ("life", *RECOGNIZE),  # they give table.numbers a cure of their own
    "--missing": RECOGNIZE,
}
"""Options that some of them lack, so that the cure is left out there."""


def words_of(name: str) -> set[str]:
    """Return the options of a command."""
    found: click.Command = front
    for word in name.split():
        assert isinstance(found, click.Group)
        known = found.get_command(click.Context(found), word)
        assert known is not None
        found = known
    return {word for one in found.params for word in one.opts}


def texts(path: Path) -> Iterator[str]:
    """Yield the texts of a module but for those that document it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def hinted() -> Iterator[tuple[str, str, str]]:
    """Yield each file, command and option that an error or note of the file may name there."""
    for path in sorted(ROOT.rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        homes = [home for home in READERS if name == home or name.startswith(home + "/")]
        if not homes:
            continue
        for option in {word for text in texts(path) for word in OPTION.findall(text)}:
            for command in READERS[max(homes, key=len)]:
                yield name, command, option


def test_the_commands_have_the_options_that_their_readers_name() -> None:
    known = {command: words_of(command) for _, command, _ in hinted()}
    found = list(hinted())
    lacking = [
        (name, command, option)
        for name, command, option in found
        if option not in known[command] and command not in ELSEWHERE.get(option, ())
    ]
    assert not lacking, "give the command the option, or the cure another one"
    assert len({name for name, _, _ in found}) > 15
    for option, commands in ELSEWHERE.items():
        for command in commands:
            assert option not in words_of(command), "it has it by now"


FILLS = "--missing previous (or interpolate, zero, mean) fills it"


@pytest.mark.parametrize(
    ("hint", "words", "left"),
    [
        (FILLS, {"--missing"}, FILLS),
        (FILLS, {"--column"}, None),
        ("correct the cell, or --column OTHER", {"--id-column"}, "correct the cell"),
        ("--decimal comma reads 1; or write it without", set(), "write it without"),
        ("--overwrite, --resume, or --out X", {"--overwrite", "--out"}, "--overwrite, or --out X"),
        ("--unit-column a", {"--id-column"}, "--id-column a"),
        ("--cycle-column b", {"--time-column"}, "--time-column b"),
        ("--cycle-column b", {"--cycle-column", "--time-column"}, "--cycle-column b"),
        ("gatework forecast FILE --events day", set(), "gatework forecast FILE --events day"),
        ("read it with missing='zero'", set(), "read it with missing='zero'"),
        ("read it with missing='zero'", {"--missing"}, "read it with --missing zero"),
        ("horizon=2 (--horizon 2) is the longest", {"--horizon"}, "--horizon 2 is the longest"),
        (
            "the same call with resume=True goes on",
            {"--resume"},
            "the same call with --resume goes on",
        ),
        (
            "Forecaster(3, level=0.8).fit(series)",
            {"--level"},
            "Forecaster(3, level=0.8).fit(series)",
        ),
        (
            "count by a shorter one (--period week)",
            {"--period"},
            "count by a shorter one (--period week)",
        ),
    ],
)
def test_cures_that_a_command_cannot_follow_are_left_out(hint, words, left) -> None:
    assert fitted(hint, words) == left


class Failing(Options):
    """Raise an error that names options."""

    def _run(self) -> None:
        raise DataError("it is wrong", hint="mend it, or --repeats mean; --events date counts")


def test_a_command_proposes_what_it_can_be_told() -> None:
    command = command_of(Failing)
    with pytest.raises(DataError) as raised:
        command.main([], standalone_mode=False)
    assert raised.value.hint == "mend it"
