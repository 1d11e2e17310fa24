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
Check = Callable[[str, Any], list[str]]
"""Returns what is wrong with a value, as ``check(name, value)``, a sentence each."""


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


def must(said: str, sound: Callable[[Any], bool]) -> Check:
    """Return the check of values that are sound; ``said`` tells in words what they must be."""

    def check(name: str, value: Any) -> list[str]:
        if sound(value):
            return []
        got = repr(value)
        return [f"{name} must be {said}, got {got if len(got) <= 60 else got[:57] + '...'}"]

    return check


def whole(least: int | None = None, most: int | None = None) -> Check:
    """Return the check of whole numbers in a range.

    Example:
        >>> whole(1)("epochs", 0), whole(1)("epochs", 5)
        (['epochs must be a whole number of at least 1, got 0'], [])
    """
    low, high = -math.inf if least is None else least, math.inf if most is None else most
    bounds = "" if least is None else f" of at least {least}"
    bounds = bounds if most is None else f" from {least} to {most}"
    return must(f"a whole number{bounds}", lambda value: is_whole(value, low, high))


def number(
    least: float | None = None, most: float | None = None, *, above: float | None = None
) -> Check:
    """Return the check of numbers in a range.

    Args:
        least: the smallest that is right.
        most: the largest, where there is a smallest.
        above: the largest that is too small.

    Example:
        >>> number(above=0)("clip_norm", 0), number(0)("weight_decay", 0)
        (['clip_norm must be a positive number, got 0'], [])
    """
    low, high = -math.inf if least is None else least, math.inf if most is None else most
    kind = "a positive number" if above == 0 else "a number"
    bounds = f" above {above}" if above else "" if least is None else f" of at least {least}"
    bounds = bounds if most is None else f" from {least:g} to {most:g}"
    return must(
        kind + bounds,
        lambda value: is_number(value, low, high) and (above is None or value > above),
    )


def below(low: float, high: float) -> Check:
    """Return the check of numbers from ``low`` to below ``high``."""
    return must(f"from {low:g} to below {high:g}", lambda v: is_number(v, low) and v < high)


def optional(check: Check) -> Check:
    """Return the check of what may be None, too."""
    return lambda name, value: [] if value is None else check(name, value)


def or_auto(check: Check) -> Check:
    """Return the check of what may be "auto", too.

    Example:
        >>> or_auto(whole(1))("members", "auto"), or_auto(whole(1))("members", 0)
        ([], ["members must be 'auto' or a whole number of at least 1, got 0"])
    """

    def either(name: str, value: Any) -> list[str]:
        if isinstance(value, str) and value == "auto":
            return []
        return [said.replace(" must be ", " must be 'auto' or ", 1) for said in check(name, value)]

    return either


switch = must("True or False", lambda value: isinstance(value, bool))
share = must("a number between 0 and 1", lambda value: is_number(value) and 0 < value < 1)


def layer_sizes(most: float = math.inf) -> Check:
    """Return the check of sizes of layers."""

    def check(name: str, value: Any) -> list[str]:
        if isinstance(value, str) or not isinstance(value, Sequence) or not value:
            return [f"{name} must be a sequence of whole numbers, got {value!r}"]
        if not all(is_whole(size, 1, most) for size in value):
            return [f"{name} must be whole numbers of at least 1, got {value!r}"]
        return []

    return check


def one_of(known: Iterable[object], *, functions: bool = False) -> Check:
    """Return the check of the known values; what is none of them is told the one most like it.

    Where there are ``functions``, these are right, too. A value that is no text must be of the type
    of a known one, for 1 and True are equal.

    Example:
        >>> one_of(("local", "ray"))("engine", "locl")
        ["engine must be one of local, ray, got 'locl' (did you mean 'local'?)"]
    """
    known = list(known)
    names = list(map(str, known))
    said = f"{'a function or one of' if functions else 'one of'} {', '.join(names)}"

    def check(name: str, value: Any) -> list[str]:
        if any(type(value) is type(one) or isinstance(value, str) for one in known if one == value):
            return []
        if functions and callable(value) and not isinstance(value, str):
            return []
        return [f"{name} must be {said}, got {value!r}{meant(value, names)}"]

    return check


def refuse(problems: list[str], begin: str = "", hint: str | None = None) -> None:
    """Refuse arguments of which something is wrong.

    Raises:
        OptionError: naming all of it.
    """
    if problems:
        raise OptionError(begin + "; ".join(problems), hint=hint)


def meant(value: object, known: Iterable[str]) -> str:
    """Return the question behind a message that refuses a name; empty where none is like it."""
    close = nearest(value, known) if isinstance(value, str) else None
    return f" (did you mean {close!r}?)" if close else ""


def checked(default: Any, check: Check) -> Any:
    """Return a field of a dataclass that wrong_fields checks."""
    return field(default=default, metadata={"check": check})


def wrong_fields(given: Any) -> list[str]:
    """Return what is wrong with the fields of a dataclass that are ``checked``, in sentences.

    None is right where the annotation says that it may be.
    """
    found = []
    for one in fields(given):
        value = getattr(given, one.name)
        if "check" in one.metadata and not (value is None and "None" in str(one.type)):
            found += one.metadata["check"](one.name, value)
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
