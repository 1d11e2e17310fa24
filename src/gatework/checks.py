"""Checks of arguments: what is wrong comes as sentences, so that all of it can be told at once."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, fields
from typing import Any, TypeGuard, TypeVar

from gatework.errors import OptionError, nearest

Function = TypeVar("Function", bound=Callable[..., Any])
Problem = Callable[[str, Any], str | None]
"""Returns what is wrong with a value, as ``problem(name, value)``, or None."""


def is_whole(value: object, least: float = -math.inf, most: float = math.inf) -> TypeGuard[int]:
    """Tell whether a value is a whole number from ``least`` to ``most``; True and False are none.

    Example:
        >>> is_whole(3), is_whole(True), is_whole(3.0), is_whole(3, 4)
        (True, False, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def is_number(value: object, least: float = -math.inf, most: float = math.inf) -> TypeGuard[float]:
    """Tell whether a value is a finite number from ``least`` to ``most``; True and False are none.

    Example:
        >>> is_number(3), is_number(0.5, 0, 1), is_number(True), is_number(float("nan"))
        (True, True, False, False)
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return least <= value <= most and abs(value) < math.inf


def must(said: str, sound: Callable[[Any], bool]) -> Problem:
    """Return the check of values that are sound; ``said`` tells in words what they must be."""

    def problem(name: str, value: Any) -> str | None:
        if sound(value):
            return None
        got = repr(value)
        return f"{name} must be {said}, got {got if len(got) <= 60 else got[:57] + '...'}"

    return problem


def whole(least: int | None = None, most: int | None = None) -> Problem:
    """Return the check of whole numbers in a range."""
    low, high = -math.inf if least is None else least, math.inf if most is None else most
    bounds = "" if least is None else f" of at least {least}"
    bounds = bounds if most is None else f" from {least} to {most}"
    return must(f"a whole number{bounds}", lambda value: is_whole(value, low, high))


def number(
    least: float | None = None, most: float | None = None, *, above: float | None = None
) -> Problem:
    """Return the check of numbers in a range.

    Args:
        least: the smallest that is right.
        most: the largest, where there is a smallest.
        above: the largest that is too small.
    """
    low, high = -math.inf if least is None else least, math.inf if most is None else most
    kind = "a positive number" if above == 0 else "a number"
    bounds = f" above {above}" if above else "" if least is None else f" of at least {least}"
    bounds = bounds if most is None else f" from {least:g} to {most:g}"
    return must(
        kind + bounds,
        lambda value: is_number(value, low, high) and (above is None or value > above),
    )


def optional(check: Problem) -> Problem:
    """Return the check of what may be None, too."""
    return lambda name, value: None if value is None else check(name, value)


switch = must("True or False", lambda value: isinstance(value, bool))


def listed(problem: str | None) -> list[str]:
    """Return what is wrong as a list, empty for nothing."""
    return [] if problem is None else [problem]


def refuse(problems: list[str], begin: str = "", hint: str | None = None) -> None:
    """Refuse arguments of which something is wrong.

    Raises:
        OptionError: naming all of it.
    """
    if problems:
        raise OptionError(begin + "; ".join(problems), hint=hint)


def wrong_whole(
    name: str, value: object, least: int | None = None, most: int | None = None
) -> list[str]:
    """Return the sentence that refuses what is no whole number in a range, if it is none.

    Example:
        >>> wrong_whole("epochs", 0, 1), wrong_whole("epochs", 5, 1)
        (['epochs must be a whole number of at least 1, got 0'], [])
    """
    return listed(whole(least, most)(name, value))


def wrong_number(
    name: str,
    value: object,
    least: float | None = None,
    most: float | None = None,
    *,
    above: float | None = None,
) -> list[str]:
    """Return the sentence that refuses what is no number in a range, if it is none; see number.

    Example:
        >>> wrong_number("clip_norm", 0, above=0), wrong_number("weight_decay", 0, 0)
        (['clip_norm must be a positive number, got 0'], [])
    """
    return listed(number(least, most, above=above)(name, value))


def wrong_below(name: str, value: object, low: float, high: float) -> list[str]:
    """Return the sentence that refuses what is no number from ``low`` to below ``high``."""
    sound = must(f"from {low:g} to below {high:g}", lambda v: is_number(v, low) and v < high)
    return listed(sound(name, value))


def wrong_switch(name: str, value: object) -> list[str]:
    """Return the sentence that refuses what is neither True nor False."""
    return listed(switch(name, value))


def wrong_share(name: str, value: object) -> list[str]:
    """Return the sentence that refuses what is no number between 0 and 1, if it is none."""
    sound = must("a number between 0 and 1", lambda v: is_number(v) and 0 < v < 1)
    return listed(sound(name, value))


def wrong_sizes(name: str, value: object, most: float = math.inf) -> list[str]:
    """Return the sentence that refuses what are no sizes of layers, if they are none."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        return [f"{name} must be a sequence of whole numbers, got {value!r}"]
    if not all(is_whole(size, 1, most) for size in value):
        return [f"{name} must be whole numbers of at least 1, got {value!r}"]
    return []


def wrong_choice(
    name: str, value: object, known: Iterable[object], *, functions: bool = False
) -> list[str]:
    """Return the sentence that refuses what is none of the known values, with the one most like it.

    Where there are ``functions``, these are right, too. A value that is no text must be of the type
    of a known one, for 1 and True are equal.

    Example:
        >>> wrong_choice("engine", "locl", ("local", "ray"))
        ["engine must be one of local, ray, got 'locl' (did you mean 'local'?)"]
    """
    known = list(known)
    if any(type(value) is type(one) or isinstance(value, str) for one in known if one == value):
        return []
    if functions and callable(value) and not isinstance(value, str):
        return []
    names = list(map(str, known))
    kind = "a function or one of" if functions else "one of"
    return [f"{name} must be {kind} {', '.join(names)}, got {value!r}{meant(value, names)}"]


def meant(value: object, known: Iterable[str]) -> str:
    """Return the question behind a message that refuses a name; empty where none is like it."""
    close = nearest(value, known) if isinstance(value, str) else None
    return f" (did you mean {close!r}?)" if close else ""


def checked(default: Any, check: Callable[..., list[str] | str | None], *bounds: Any) -> Any:
    """Return a field of a dataclass that wrong_fields checks by ``check(name, value, *bounds)``."""
    return field(default=default, metadata={"check": (check, bounds)})


def wrong_fields(given: Any) -> list[str]:
    """Return what is wrong with the fields of a dataclass that are ``checked``, in sentences.

    None is right where the annotation says that it may be.
    """
    found = []
    for one in fields(given):
        value = getattr(given, one.name)
        if "check" in one.metadata and not (value is None and "None" in str(one.type)):
            check, bounds = one.metadata["check"]
            wrong = check(one.name, value, *bounds)
            found += [wrong] if isinstance(wrong, str) else wrong or []
    return found


def by_new_names(of: str, renamed: Mapping[str, str], named: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments by the names of today, with a FutureWarning for each that had another.

    Args:
        of: what takes them, for messages.
        renamed: from names of old to those of today.
        named: the arguments.

    Raises:
        OptionError: when one is given by both its names.
    """
    for old in renamed.keys() & named.keys():
        if renamed[old] in named:
            raise OptionError(f"{old} and {renamed[old]} are one argument; give it once")
        said = f"{old} of {of} is called {renamed[old]} now"
        warnings.warn(said, FutureWarning, stacklevel=3)
    return {renamed.get(name, name): value for name, value in named.items()}


def takes_old_names(of: str, renamed: Mapping[str, str]) -> Callable[[Function], Function]:
    """Let a function take arguments by names of old, too, as by_new_names does; a decorator."""

    def decorate(function: Any) -> Any:
        @functools.wraps(function)
        def by_any_name(*given: Any, **named: Any) -> Any:
            return function(*given, **by_new_names(of, renamed, named))

        return by_any_name

    return decorate
