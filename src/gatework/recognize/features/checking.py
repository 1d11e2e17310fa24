"""Checks of what features are made of, for arguments and for configurations in files alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatework.errors import OptionError


def whole(name: str, value: object, low: int, high: int) -> str | None:
    """Return what is wrong with a whole number, None where nothing is."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        return f"{name} must be a whole number from {low} to {high}, got {value!r}"
    return None


def number(name: str, value: object, low: float, high: float) -> str | None:
    """Return what is wrong with a number, None where nothing is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return f"{name} must be a number from {low:g} to {high:g}, got {value!r}"
    return None


def one_of(name: str, value: object, choices: Sequence[object]) -> str | None:
    """Return what is wrong with a choice, None where nothing is."""
    if not any(type(value) is type(choice) and value == choice for choice in choices):
        return f"{name} must be one of {', '.join(map(str, choices))}, got {value!r}"
    return None


def refuse(what: str, problems: Sequence[str | None]) -> None:
    """Raise all problems at once.

    Raises:
        OptionError: when there is one.
    """
    found = [problem for problem in problems if problem is not None]
    if found:
        raise OptionError(f"{what}: " + "; ".join(found))


def settings_of(config: Mapping[str, Any], kind: str, names: Sequence[str]) -> dict[str, Any]:
    """Return the settings in a configuration after checking that they are exactly those expected.

    Raises:
        OptionError: when the kind is another, or a setting is missing or unknown.
    """
    if config.get("kind") != kind or set(config) != {"kind", *names}:
        raise OptionError(f"the features {kind!r} must have the settings {', '.join(names)}")
    return {name: config[name] for name in names}
