"""Settings that are refused where they are out of their bounds, all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from gatework.checks import wrong_fields
from gatework.errors import OptionError


def refuse(what: str, problems: Sequence[str]) -> None:
    """Raise all problems at once.

    Raises:
        OptionError: when there is one.
    """
    if problems:
        raise OptionError(f"{what}: " + "; ".join(problems))


class Bounded:
    """The part of a dataclass that checks its fields once they are set.

    Attributes:
        REFUSAL: how the message begins, formatted with the object.

    Raises:
        OptionError: when fields are out of bounds, or do not go together.
    """

    REFUSAL: ClassVar[str]

    def __post_init__(self) -> None:
        refuse(self.REFUSAL.format(self), wrong_fields(self) or self._contradictions())

    def _contradictions(self) -> list[str]:
        """Return what is wrong with fields together that are sound each by itself."""
        return []
