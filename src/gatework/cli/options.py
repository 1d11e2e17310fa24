"""What can be typed, as frozen dataclasses: a field is an option, a class a mode of a command.

A command takes the options of all its modes. Which mode is meant follows from the options that
were typed, and one that the mode would ignore is refused by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any, ClassVar, NamedTuple, NoReturn, TypeVar, dataclass_transform

import click
from click.core import ParameterSource

HELP = {"help_option_names": ["-h", "--help"]}

_places = itertools.count()


def option(*words: str, needs: str = "", **attributes: Any) -> Any:
    """Return a field that is typed as an option; its default is shown, and a bool is a flag.

    Args:
        words: as which it is typed; two dashes and the name of the field unless they are given.
        needs: name of the option without which it would be ignored.
        attributes: of click.Option.
    """
    attributes.setdefault("show_default", attributes.get("default") is not None)
    words = words or ("",)
    return field(metadata={"at": next(_places), "words": words, "needs": needs} | attributes)


def argument(**attributes: Any) -> Any:
    """Return a field that is typed without a name; ``attributes`` are those of click.Argument."""
    return field(metadata={"at": next(_places), "words": (), "needs": ""} | attributes)


def seed(**attributes: Any) -> Any:
    """Return a field for the seed of what is random."""
    return option(type=click.IntRange(0, 2**63 - 1), default=0, **attributes)


def level(told: str, default: float = 0.9) -> Any:
    """Return a field for the share of outcomes that intervals hold."""
    inside = click.FloatRange(0, 1, min_open=True, max_open=True)
    return option(type=inside, default=default, help=told)


def language(**attributes: Any) -> Any:
    """Return a field for the language of what is drawn."""
    return option(type=click.Choice(["en", "zh"]), default="en", **attributes)


def json_flag(told: str = "Print one JSON object.") -> Any:
    """Return a field for the choice of JSON on the standard output."""
    return option("--json", help=told)


class AnyOf(NamedTuple):
    """Options of which each asks for a mode, and what they are called together."""

    called: str
    names: tuple[str, ...]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option, argument))
@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a mode; ``given`` holds the names of those that were typed.

    Every subclass is made a frozen dataclass.
    """

    marks: ClassVar[tuple[str | AnyOf, ...]] = ()
    """The options that ask for this mode."""
    because: ClassVar[Mapping[str, str]] = {}
    """What is said of options that this mode refuses, where that is not plain."""

    given: frozenset[str]

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def check(self) -> None:
        """Refuse what contradicts itself."""

    def part(self, kind: type[Options]) -> dict[str, Any]:
        """Return the values of the options that a class declares, by name."""
        return {one.name: getattr(self, one.name) for one in typed(kind)}

    def refuse(self, names: Iterable[str], why: str, hint: str = "") -> None:
        """Refuse the first of these options that was typed; ``why`` follows its name.

        Raises:
            click.UsageError: when one of them was typed.
        """
        for one in typed(type(self)):
            if one.name in self.given and one.name in names:
                refuse(f"{word_of(one)} {why}", hint or f"leave {word_of(one)} out")


Kind = TypeVar("Kind", bound=Options)


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
        return one.metadata.get("metavar", one.name.upper()).strip("[].")
    return words[0] or "--" + one.name.replace("_", "-")


def taking(
    *modes: type[Kind], group: click.Group | None = None
) -> Callable[[Callable[[Kind], None]], click.Command]:
    """Make a function a command with the options of its modes, called with those of one of them.

    Args:
        modes: the last of those whose marks were typed is meant.
        group: that the command belongs to.
    """
    known = {one.name: one for mode in modes for one in typed(mode)}.values()
    params = [_parameter(one) for one in sorted(known, key=lambda one: one.metadata["at"])]

    def decorate(function: Callable[[Kind], None]) -> click.Command:
        def callback(**values: Any) -> None:
            function(chosen(modes, values, click.get_current_context()))

        callback.__doc__ = function.__doc__
        made = click.command(function.__name__, params=params, context_settings=HELP)(callback)
        if group is not None:
            group.add_command(made)
        return made

    return decorate


def chosen(modes: Sequence[type[Kind]], values: dict[str, Any], context: click.Context) -> Kind:
    """Return the options of the mode that is meant.

    Raises:
        click.UsageError: when something was typed that it would ignore, or that contradicts itself.
    """
    default = ParameterSource.DEFAULT
    given = frozenset(n for n in values if context.get_parameter_source(n) is not default)
    mode = [mode for mode in modes if all(_is_in(mark, given) for mark in mode.marks)][-1]
    names = {one.name: one for one in typed(mode)}
    for other in modes:
        for one in typed(other):
            if one.name in given and one.name not in names:
                _refuse_in(mode, one, modes)
    for name, one in names.items():
        needed = one.metadata["needs"]
        if name in given and needed and not values[needed]:
            wanted, word = _wanted(names[needed]), word_of(one)
            refuse(f"{word} goes with {wanted}", f"add {wanted}, or leave {word} out")
    options = mode(given=given, **{name: values[name] for name in names})
    options.check()
    return options


def _parameter(one: Field[Any]) -> click.Parameter:
    about = {key: value for key, value in one.metadata.items() if key not in ("at", "needs")}
    if not about.pop("words"):
        return click.Argument([one.name], **about)
    if one.type in ("bool", bool):
        about.setdefault("is_flag", True)
    return click.Option([word_of(one), one.name], **about)


def _is_in(mark: str | AnyOf, given: frozenset[str]) -> bool:
    return mark in given if isinstance(mark, str) else not given.isdisjoint(mark.names)


def _refuse_in(mode: type[Options], one: Field[Any], modes: Sequence[type[Options]]) -> NoReturn:
    """Refuse an option that a mode would ignore: for what it does not go with, or goes with."""
    if one.name in mode.because:
        refuse(mode.because[one.name])
    known = {one.name: one for other in modes for one in typed(other)}

    def called(marks: Iterable[str | AnyOf], say: Callable[[Field[Any]], str]) -> str:
        return " and ".join(say(known[m]) if isinstance(m, str) else m.called for m in marks)

    word = word_of(one)
    homes = [set(other.marks) for other in modes if one.name in {f.name for f in typed(other)}]
    against = [mark for mark in mode.marks if not any(mark in home for home in homes)]
    if against:
        said = called(against[:1], word_of)
        refuse(f"{word} does not go with {said}", f"leave {word} or {said} out")
    missing = [home - {*mode.marks, one.name} for home in homes if home >= {*mode.marks}]
    least = [marks for marks in missing if not any(less < marks for less in missing)]
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
