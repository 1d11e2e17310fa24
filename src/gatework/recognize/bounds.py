"""Settings that are refused where they are out of their bounds, all of them at once."""

from __future__ import annotations

from typing import ClassVar

from gatework.checks import refuse, wrong_fields


class Bounded:
    """The part of a dataclass that checks its fields once they are set.

    Attributes:
        REFUSAL: how the message begins, formatted with the object.

    Raises:
        OptionError: when fields are out of bounds, or do not go together.
    """

    REFUSAL: ClassVar[str]

    def __post_init__(self) -> None:
        wrong = wrong_fields(self) or self._contradictions()
        refuse(wrong, self.REFUSAL.format(self) + ": ")

    def _contradictions(self) -> list[str]:
        """Return what is wrong with fields together that are sound each by itself."""
        return []
