"""The reading style: how a table was understood, so that others are read the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from gatework.errors import OptionError
from gatework.tabular.calendar import Calendar
from gatework.tabular.dates import zone_of
from gatework.tabular.numeric import SAID_TO_BE_MISSING


@dataclass(frozen=True)
class ReadingStyle:
    """What was found out about a table while it was read; None or empty where nothing decided it.

    A reader that is handed a style takes it as given, in place of looking for signs of its own.

    Attributes:
        time_column, column, id_column: names of the columns of periods, values and ids.
        decimals: by column, the mark that begins decimals, "." or ","; the other one parts
            thousands. A column that is not in it is written as those are, where they agree.
        day_first: whether 3/7/2005 is in July.
        zone: offset of the times from UTC, such as "+01:00"; times of other zones are converted.
        frequency: alias of the period's length.
        missing: marks that were taken for missing values, beyond those that always are.

    Example:
        >>> style = ReadingStyle(column="faults", decimals={"faults": ","})
        >>> ReadingStyle.from_config(style.to_config()) == style, style.decimal("load")
        (True, ',')
    """

    time_column: str | None = None
    column: str | None = None
    id_column: str | None = None
    decimals: Mapping[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    zone: str | None = None
    frequency: str | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (_SOUND[name](value) if name in _SOUND else isinstance(value, str | None)):
                raise OptionError(f"{name} of a reading style cannot be {value!r}")
        if self.frequency is not None:
            Calendar.from_alias(self.frequency)
        zone_of(self.zone)
        object.__setattr__(self, "decimals", dict(self.decimals))
        object.__setattr__(self, "missing", tuple(self.missing))

    def decimal(self, column: str) -> str | None:
        """Return the mark that begins decimals in a column, None where nothing tells."""
        marks = {self.decimals.get(column)} - {None} or set(self.decimals.values())
        return marks.pop() if len(marks) == 1 else None

    def to_config(self) -> dict[str, Any]:
        """Return it as JSON values, without what is not known."""
        config = vars(self) | {"decimals": dict(self.decimals), "missing": list(self.missing)}
        return {name: value for name, value in config.items() if value not in (None, {}, [])}

    @classmethod
    def from_config(cls, config: Any) -> Self:
        """Build it from what ``to_config`` returned.

        Raises:
            OptionError: when it is nothing of that kind.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise OptionError(f"this is no reading style, {error}: {config!r}") from None


_SOUND: dict[str, Callable[[Any], bool]] = {
    "decimals": lambda value: (
        isinstance(value, Mapping)
        and all(isinstance(name, str) and mark in (".", ",") for name, mark in value.items())
    ),
    "day_first": lambda value: isinstance(value, bool | None),
    "missing": lambda value: (
        isinstance(value, list | tuple) and all(mark in SAID_TO_BE_MISSING for mark in value)
    ),
}
