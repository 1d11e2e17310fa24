"""Commands as frozen dataclasses: a field is an option, a class is the command in one of its modes.

A command takes the options of all its modes. Which mode is meant follows from the options that
were typed, and one that the mode would ignore is refused by name.
"""

from __future__ import annotations

import itertools
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import Field, dataclass, field, fields
from functools import cache
from types import NoneType
from typing import (
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    NoReturn,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import click
from click.core import ParameterSource

from gatework.cli.hints import fitted
from gatework.errors import GateworkError
from gatework.look.language import LANGUAGES

HELP = {"help_option_names": ["-h", "--help"]}
SHARE = click.FloatRange(0, 1, min_open=True)
INSIDE = click.FloatRange(0, 1, min_open=True, max_open=True)

_places = itertools.count()


def option(
    help: str = "", *words: str, needs: str = "", least: int | None = None, **more: Any
) -> Any:
    """Return a field that is typed as an option.

    The annotation says the rest: a bool is a flag, a Literal a choice, a tuple may be typed several
    times, and what cannot be None and has no default is required.

    Args:
        help: what it means.
        words: as which it is typed; two dashes and the name of the field unless they are given.
        needs: name of the option without which it would be ignored.
        least: the least whole number that it takes.
        more: arguments of click.Option.
    """
    about = {"help": help, "words": words or ("",), "needs": needs}
    if least is not None:
        about["type"] = click.IntRange(least)
    return field(metadata={"at": next(_places)} | about | more)


def argument(metavar: str | None = None, **more: Any) -> Any:
    """Return a field that is typed without a name; ``more`` are arguments of click.Argument."""
    about = {"at": next(_places), "words": (), "needs": "", "metavar": metavar}
    return field(metadata=about | more)


def seed(help: str = "") -> Any:
    """Return a field for the seed of what is random."""
    return option(help, type=click.IntRange(0, 2**63 - 1), default=0)


def json_flag(help: str = "Print one JSON object.") -> Any:
    """Return a field for the choice of JSON on the standard output."""
    return option(help, "--json")


def spoken(help: str = "", **more: Any) -> Any:
    """Return a field for the language of pictures and reports."""
    return option(help, type=click.Choice(LANGUAGES), default="en", **more)


def template(**more: Any) -> Any:
    """Return a field for the folder of the template by which reports are written."""
    help = "Folder with a template of your own for the report: report.html, in Jinja."
    return option(help, metavar="FOLDER", **more)


class AnyOf(NamedTuple):
    """Options of which each asks for a mode, and what they are called together."""

    called: str
    names: tuple[str, ...]


class Several(NamedTuple):
    """An option that asks for a mode where it is typed more than once, or as * for all."""

    called: str
    name: str


Mark = str | AnyOf | Several
Mode = TypeVar("Mode", bound="Options")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option, argument))
@dataclass(frozen=True, kw_only=True)
class Options(ABC):
    """The options of a mode, and what it does; ``given`` holds the names of those that were typed.

    Every subclass is made a frozen dataclass, and its docstring is the help of its command.
    """

    marks: ClassVar[tuple[Mark, ...]] = ()
    """The options that ask for this mode."""
    because: ClassVar[Mapping[str, str]] = {}
    """What is said of options that this mode refuses, where that is not plain."""

    given: frozenset[str]

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def _check(self) -> None:  # noqa: B027
        """Refuse what contradicts itself."""

    @abstractmethod
    def _run(self) -> bool | None:
        """Do what the command does; False where the answer is no, for the exit code."""

    def values(self, *names: str) -> dict[str, Any]:
        """Return the values of some options by name, as arguments."""
        return {name: getattr(self, name) for name in names}

    def part(self, kind: type[Options]) -> dict[str, Any]:
        """Return the values of the options that a class declares, as far as this one has them."""
        return self.values(*(one.name for one in typed(kind) if hasattr(self, one.name)))

    def becoming(self, kind: type[Mode]) -> Mode:
        """Return the options of another mode with what was typed for this one."""
        hints = _hints(kind)
        values = {one.name: one.metadata.get("default") for one in typed(kind)}
        for name, value in values.items():
            if value is None and get_origin(hints[name]) is tuple:
                values[name] = ()
        return kind(given=self.given, **values | self.part(kind))

    def refuse(self, names: Iterable[str], why: str, hint: str = "") -> None:
        """Refuse the first of these options that was typed; ``why`` follows its name.

        Raises:
            click.UsageError: when one of them was typed.
        """
        for one in typed(type(self)):
            if one.name in self.given and one.name in names:
                refuse(f"{word_of(one)} {why}", hint or f"leave {word_of(one)} out")


def refuse(message: str, hint: str = "") -> NoReturn:
    """End the command, because it was used wrongly."""
    raise click.UsageError(f"{message}\nhint: {hint}" if hint else message)


def typed(kind: type[Options]) -> list[Field[Any]]:
    """Return the fields of a class that are typed, in the order in which they were written."""
    return sorted((f for f in fields(kind) if f.metadata), key=lambda f: f.metadata["at"])


def word_of(one: Field[Any]) -> str:
    """Return how an option is called in messages: ``--time-column``, or FILE where it has no name.

    Example:
        >>> class Plain(Options):
        ...     file: str = argument()
        ...     as_json: bool = json_flag()
        ...     time_column: str | None = option()
        >>> [word_of(one) for one in typed(Plain)]
        ['FILE', '--json', '--time-column']
    """
    words = one.metadata["words"]
    if not words:
        return (one.metadata["metavar"] or one.name.upper()).strip("[].")
    return words[0] or "--" + one.name.replace("_", "-")


class Command(click.Command):
    """A command that knows its modes."""

    modes: tuple[type[Options], ...] = ()

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what its errors propose is what it can be told."""
        try:
            return super().invoke(ctx)
        except GateworkError as error:
            if error.hint is not None:
                error.hint = fitted(error.hint, {word for one in self.params for word in one.opts})
            raise


def command_of(*modes: type[Options], told: type[Options] | None = None) -> Command:
    """Return the command with the options of its modes, which is one of them when it is called.

    Args:
        modes: the last of those whose marks were typed is meant.
        told: the class whose docstring is the help; the first mode where left out.
    """
    made = {one.name: (one, _parameter(mode, one)) for mode in modes for one in typed(mode)}
    params = [made for _, made in sorted(made.values(), key=lambda pair: pair[0].metadata["at"])]

    def callback(**values: Any) -> None:
        options = chosen(modes, values, context := click.get_current_context())
        if values.get("template"):
            from gatework.look.canvas.template import report_template

            context.with_resource(report_template(values["template"]))
        if options._run() is False:
            sys.exit(1)

    callback.__doc__ = (told or modes[0]).__doc__
    command = click.command(cls=Command, params=params, context_settings=HELP)(callback)
    command.modes = modes
    return command


_hints = cache(get_type_hints)


def _parameter(mode: type[Options], one: Field[Any]) -> click.Parameter:
    """Return what click knows of a field, by its annotation and what it was declared with."""
    about = {key: value for key, value in one.metadata.items() if key not in ("at", "needs")}
    hint = _hints(mode)[one.name]
    optional, several = NoneType in get_args(hint), get_origin(hint) is tuple
    if not about.pop("words"):
        usual = {"required": not optional, "nargs": -1 if several else 1}
        return click.Argument([one.name], **usual | about)
    inner = get_args(hint)[0] if several or optional else hint
    if get_origin(inner) is Literal:
        about["type"] = click.Choice(get_args(inner))
    if hint is bool:
        about.setdefault("is_flag", True)
    about.setdefault("show_default", about.get("default") is not None and hint is not bool)
    about.setdefault("required", not (optional or several or hint is bool or "default" in about))
    return click.Option([word_of(one), one.name], multiple=several, **about)


def chosen(
    modes: Sequence[type[Options]], values: Mapping[str, Any], context: click.Context
) -> Options:
    """Return the options of the mode that is meant.

    Raises:
        click.UsageError: when something was typed that it would ignore, or that contradicts itself.
    """
    default = ParameterSource.DEFAULT
    given = frozenset(n for n in values if context.get_parameter_source(n) is not default)
    mode = [mode for mode in modes if all(asked(mark, given, values) for mark in mode.marks)][-1]
    names = {one.name: one for one in typed(mode)}
    for other in modes:
        for one in typed(other):
            if one.name in given and one.name not in names:
                _refuse_in(mode, one, modes)
    for name, one in names.items():
        needed = one.metadata["needs"]
        if name in given and needed and needed not in given:
            wanted, word = _wanted(names[needed]), word_of(one)
            refuse(f"{word} goes with {wanted}", f"add {wanted}, or leave {word} out")
    options = mode(given=given, **{name: values[name] for name in names})
    options._check()
    return options


def asked(mark: Mark, given: Set[str], values: Mapping[str, Any]) -> bool:
    """Return whether options that were ``given``, with their ``values``, ask for a mode."""
    if isinstance(mark, Several):
        typed_for = values.get(mark.name) or ()
        return len(typed_for) > 1 or "*" in typed_for
    return mark in given if isinstance(mark, str) else not given.isdisjoint(mark.names)


def _refuse_in(mode: type[Options], one: Field[Any], modes: Sequence[type[Options]]) -> NoReturn:
    """Refuse an option that a mode would ignore: for what it does not go with, or goes with."""
    if one.name in mode.because:
        refuse(mode.because[one.name])
    known = {one.name: one for other in modes for one in typed(other)}

    def called(marks: Iterable[Mark], say: Callable[[Field[Any]], str]) -> str:
        return " and ".join(say(known[m]) if isinstance(m, str) else m.called for m in marks)

    word = word_of(one)
    homes = [set(other.marks) for other in modes if one.name in {f.name for f in typed(other)}]
    against = [mark for mark in mode.marks if not any(mark in home for home in homes)]
    if against:
        said = called(against[:1], word_of)
        refuse(f"{word} does not go with {said}", f"leave {word} or {said} out")
    missing = [
        {mark for mark in home - {*mode.marks} if not asked(mark, {one.name}, {})}
        for home in homes
        if home >= {*mode.marks}
    ]
    least = [marks for marks in missing if not any(less < marks for less in missing)]
    least.sort(key=lambda marks: any(isinstance(mark, Several) for mark in marks))
    wanted = " or ".join(dict.fromkeys(called(sorted(marks, key=str), _wanted) for marks in least))
    if mode.marks:
        without = f" without {wanted}" if wanted else ""
        why = f"does not go with {called(mode.marks, word_of)}{without}"
    else:
        why = f"goes with {wanted}"
    refuse(f"{word} {why}", f"leave {word} out" + (f", or add {wanted}" if wanted else ""))


def _wanted(one: Field[Any]) -> str:
    """Return how an option is called where it is to be added, with what stands for its value."""
    metavar = one.metadata.get("metavar") if one.metadata["words"] else None
    return word_of(one) + (f" {metavar}" if metavar else "")
