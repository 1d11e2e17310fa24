"""Checks of what features are made of, for arguments and for configurations in files alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, ClassVar, Self, cast

from gatework.checks import is_number, wrong_whole
from gatework.errors import OptionError


def whole(name: str, value: object, low: int, high: int) -> str | None:
    """Return what is wrong with a whole number, None where nothing is."""
    return next(iter(wrong_whole(name, value, low, high)), None)


def number(name: str, value: object, low: float, high: float) -> str | None:
    """Return what is wrong with a number, None where nothing is."""
    if not is_number(value, low, high):
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


class Configured:
    """Features as JSON values and back: dataclasses of plain settings, and tuples of them."""

    kind: ClassVar[str]
    LATER: ClassVar[Mapping[str, Any]] = {}
    """Settings that files of old do not have, with what they stood at."""

    def to_config(self) -> dict[str, Any]:
        """Return what it is made of as JSON values."""
        values = asdict(cast(Any, self)).items()
        return {"kind": self.kind} | {n: list(v) if isinstance(v, tuple) else v for n, v in values}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Check a configuration and return the features that wrote it.

        Raises:
            OptionError: when the kind is another, or a setting is missing, unknown or not sound.
        """
        names = [field.name for field in fields(cast(Any, cls))]
        given = {**cls.LATER, **config}
        if given.get("kind") != cls.kind or set(given) != {"kind", *names}:
            raise OptionError(
                f"the features {cls.kind!r} must have the settings {', '.join(names)}"
            )
        return cls(**{n: tuple(v) if isinstance(v := given[n], list) else v for n in names})
