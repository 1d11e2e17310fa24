"""Settings whose bounds stand beside them: what is out of bounds is refused, all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, field, fields
from typing import Any, ClassVar, cast

from gatework.checks import wrong_number, wrong_whole
from gatework.errors import OptionError


def bounded(default: Any, low: float, high: float) -> Any:
    """Return a field of a Bounded: a number, or a whole one where it is annotated as int."""
    return field(default=default, metadata={"bounds": (low, high)})


def chosen(default: Any, *choices: Any) -> Any:
    """Return a field of a Bounded that is one of some values."""
    return field(default=default, metadata={"choices": choices})


def refuse(what: str, problems: Sequence[str]) -> None:
    """Raise all problems at once.

    Raises:
        OptionError: when there is one.
    """
    if problems:
        raise OptionError(f"{what}: " + "; ".join(problems))


class Bounded:
    """The part of a dataclass that checks its fields once they are set; None where it may be.

    Attributes:
        REFUSAL: how the message begins, formatted with the object.

    Raises:
        OptionError: when fields are out of bounds, or do not go together.
    """

    REFUSAL: ClassVar[str]

    def __post_init__(self) -> None:
        found = [problem for one in fields(cast(Any, self)) for problem in self._wrong(one)]
        refuse(self.REFUSAL.format(self), found or self._contradictions())

    def _wrong(self, one: Field[Any]) -> list[str]:
        name, value, said = one.name, getattr(self, one.name), one.metadata
        if not said or (value is None and "None" in str(one.type)):
            return []
        if "bounds" in said:
            wrong: Any = wrong_whole if str(one.type).startswith("int") else wrong_number
            return wrong(name, value, *said["bounds"])
        choices = said["choices"]
        if any(type(value) is type(choice) and value == choice for choice in choices):
            return []
        return [f"{name} must be one of {', '.join(map(str, choices))}, got {value!r}"]

    def _contradictions(self) -> list[str]:
        """Return what is wrong with fields together that are sound each by itself."""
        return []
