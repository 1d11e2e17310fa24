"""Every option in every mode of every command: it is used there, or refused by name with a cure."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import gatework.cli
from gatework.cli.app import gatework as front
from gatework.cli.options import (
    AnyOf,
    Command,
    Options,
    Several,
    argument,
    chosen,
    command_of,
    json_flag,
    option,
    typed,
    word_of,
)

ROOT = Path(gatework.cli.__file__).parent


def commands(group: click.Group, path: str) -> Iterator[tuple[str, Command]]:
    """Yield every command of a group with its words, those of the groups inside too."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, f"{path} {name}")
        else:
            assert isinstance(found, Command), f"{name} takes its options without a dataclass"
            yield f"{path} {name}", found


COMMANDS = dict(commands(front, "gatework"))
MODES = [(words, mode) for words, found in COMMANDS.items() for mode in found.modes]
NAMES = [f"{words} {mode.__name__}" for words, mode in MODES]


def sample(parameter: click.Parameter) -> list[str]:
    """Return words that give an option a value."""
    kind = parameter.type
    if isinstance(parameter, click.Option) and parameter.is_flag:
        value = None
    elif isinstance(kind, click.Choice):
        value = kind.choices[0]
    elif isinstance(kind, click.IntRange | click.FloatRange):
        value = str((kind.min or 0) + (0.5 if isinstance(kind, click.FloatRange) else 1))
    else:
        named = {"span": "1m", "name_and_value": "a=1", "sizes": "4"}
        value = named.get(kind.name, "1" if kind in (click.INT, click.FLOAT) else "x")
    if isinstance(parameter, click.Argument):
        return [str(value)]
    return [parameter.opts[0], *([] if value is None else [value])]


def read(words: str, arguments: list[str]) -> Options:
    """Return the options of a command that was typed so."""
    found = COMMANDS[words]
    with found.make_context(words, list(arguments)) as context:
        return chosen(found.modes, context.params, context)


def asking(words: str, mode: type[Options]) -> tuple[list[str], set[str]]:
    """Return what is typed to ask for a mode, and the names of that."""
    parameters = {one.name: one for one in COMMANDS[words].params}
    several = {mark.name for mark in mode.marks if isinstance(mark, Several)}
    marked = {mark.names[0] if isinstance(mark, AnyOf) else mark for mark in mode.marks}
    marked = {mark for mark in marked if not isinstance(mark, Several)} | several
    names = marked | {one.name for one in COMMANDS[words].params if one.required}
    flat = [word for one in parameters.values() if one.name in names for word in sample(one)]
    flat += [word for one in parameters.values() if one.name in several for word in sample(one)]
    return flat, {str(name) for name in names}


@pytest.mark.parametrize("words", COMMANDS)
def test_the_parameters_are_the_fields_of_the_modes(words) -> None:
    found = COMMANDS[words]
    fields = {one.name for mode in found.modes for one in typed(mode)}
    assert {one.name for one in found.params} == fields
    assert not found.modes[0].marks, "the first mode is meant where nothing is asked for"


@pytest.mark.parametrize(("words", "mode"), MODES, ids=NAMES)
def test_what_a_mode_does_not_take_is_refused_by_name_with_a_cure(words, mode) -> None:
    ours = {one.name for one in typed(mode)}
    typed_for, _ = asking(words, mode)
    for parameter in COMMANDS[words].params:
        if parameter.name in ours:
            continue
        for arguments in ([*sample(parameter), *typed_for], [*typed_for, *sample(parameter)]):
            if meant(words, arguments) is not mode:
                continue  # it asks for a mode of its own
            with pytest.raises(click.UsageError) as refused:
                read(words, arguments)
            said = refused.value.message
            field = next(
                one for m in COMMANDS[words].modes for one in typed(m) if one.name == parameter.name
            )
            assert word_of(field) in said or parameter.name in mode.because
            assert "hint: " in said or parameter.name in mode.because


def meant(words: str, arguments: list[str]) -> type[Options] | None:
    """Return the mode that is asked for."""
    found = COMMANDS[words]
    with found.make_context(words, list(arguments)) as context:
        values = context.params
        given = {
            name
            for name in values
            if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT
        }

    def asks(mark: str | AnyOf | Several) -> bool:
        if isinstance(mark, Several):
            return len(values[mark.name]) > 1
        return mark in given if isinstance(mark, str) else bool(given & {*mark.names})

    return [mode for mode in found.modes if all(map(asks, mode.marks))][-1]


@pytest.mark.parametrize(("words", "mode"), MODES, ids=NAMES)
def test_what_needs_another_option_is_refused_without_it(words, mode) -> None:
    ours = {one.name: one for one in typed(mode)}
    parameters = {one.name: one for one in COMMANDS[words].params}
    typed_for, names = asking(words, mode)
    for name, one in ours.items():
        needed = one.metadata["needs"]
        if not needed or needed in names:
            continue
        assert needed in ours
        with pytest.raises(click.UsageError, match=r"(?s)goes with .*hint: add ") as refused:
            read(words, [*typed_for, *sample(parameters[name])])
        assert refused.value.message.startswith(word_of(one))


@pytest.mark.parametrize(("words", "mode"), MODES, ids=NAMES)
def test_what_a_mode_takes_is_used(words, mode) -> None:
    # The first says which mode is meant, and nothing else; the second is used for every mode alike.
    asks = {"each", "template"}
    unused = {one.name for one in typed(mode)} - used(mode) - {*mode.marks} - asks
    assert not unused, f"{mode.__name__} has options that nothing reads: {unused}"


def used(mode: type[Options]) -> set[str]:
    """Return the names that the code reads of the options of a mode.

    That is its own methods and those of its bases, and functions beside them that are handed it.
    """
    found: set[str] = set()
    for base in mode.__mro__:
        if not base.__module__.startswith("gatework.cli.") or base is Options:
            continue
        for path in beside(base):
            for function, name in readers(path, base):
                found |= names_read(function, name)
    return found


def beside(base: type) -> list[Path]:
    """Return the files that a class is in and that stand beside it in its folder."""
    own = Path(inspect.getfile(base))
    return [own] if own.parent == ROOT else sorted(own.parent.glob("*.py"))


def readers(path: Path, base: type) -> Iterator[tuple[ast.AST, str]]:
    """Yield functions that are handed options of a class, and by what name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and node.name == base.__name__:
            if path == Path(inspect.getfile(base)):
                yield from ((f, "self") for f in node.body if isinstance(f, ast.FunctionDef))
        elif isinstance(node, ast.FunctionDef):
            for one in node.args.args:
                named = ast.walk(one.annotation) if one.annotation else ()
                if any(isinstance(n, ast.Name) and n.id == base.__name__ for n in named):
                    yield node, one.arg


def names_read(function: ast.AST, name: str) -> set[str]:
    """Return the attributes of a variable that are read, and names in words that are looked up."""
    found: set[str] = set()
    refusals = [
        inner
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "refuse"
        for inner in ast.walk(node)
    ]
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == name:
                found.add(node.attr)
        elif isinstance(node, ast.Constant) and node not in refusals:
            found.add(str(node.value))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".part"):
            found |= fields_of(node.args[0])
    return found


def fields_of(named: ast.expr) -> set[str]:
    """Return the names of the options that a class declares, found by its name."""
    if not isinstance(named, ast.Name):
        return set()  # all of them, to be kept: no use that counts
    kinds = {base for _, mode in MODES for base in mode.__mro__ if base.__name__ == named.id}
    return {one.name for kind in kinds for one in typed(kind)}


# The mechanism by itself.


class Plain(Options):
    """Do something plain."""

    file: str | None = argument()
    speed: int = option("How fast.", least=1, default=3)
    far: str | None = option("How far.", metavar="KM")
    colour: str = option(needs="far", default="red")

    def _run(self) -> None:
        click.echo(f"plain {self.file} {self.speed}")


class Fancy(Plain):
    """Do something fancy."""

    marks = ("fancy",)

    fancy: bool = option("With bells.")
    bells: int = option(least=1, default=2)

    def _run(self) -> None:
        click.echo(f"fancy {self.bells}")


class Other(Options):
    """Do something else."""

    marks = ("other",)

    other: bool = option()
    as_json: bool = json_flag()


MADE = command_of(Plain, Fancy, Other)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--bells", "3"], "--bells goes with --fancy\nhint: leave --bells out, or add --fancy"),
        (["--json"], "--json goes with --other\nhint: leave --json out, or add --other"),
        (
            ["--other", "--speed", "2"],
            "--speed does not go with --other\nhint: leave --speed or --other out",
        ),
        (["x", "--other"], "FILE does not go with --other\nhint: leave FILE or --other out"),
        (
            ["--colour", "blue"],
            "--colour goes with --far KM\nhint: add --far KM, or leave --colour out",
        ),
    ],
)
def test_a_refusal_says_what_goes_with_what(arguments, said) -> None:
    with pytest.raises(click.UsageError) as refused:
        MADE.main(arguments, standalone_mode=False)
    assert refused.value.message == said


def test_a_default_that_is_typed_is_typed_all_the_same() -> None:
    with pytest.raises(click.UsageError, match="--speed does not go with --other"):
        MADE.main(["--other", "--speed", "3"], standalone_mode=False)


def test_the_mode_that_was_asked_for_runs(capsys) -> None:
    MADE.main(["a.csv", "--speed", "5"], standalone_mode=False)
    MADE.main(["--fancy"], standalone_mode=False)
    assert capsys.readouterr().out == "plain a.csv 5\nfancy 2\n"


def test_options_cannot_be_changed() -> None:
    options = Plain(given=frozenset(), file=None, speed=1, far=None, colour="red")
    with pytest.raises(AttributeError):
        options.speed = 2  # pyright: ignore[reportAttributeAccessIssue]
