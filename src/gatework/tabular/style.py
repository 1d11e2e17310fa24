"""The reading style: how a table was understood, so that others are read the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from gatework.checks import is_number
from gatework.errors import OptionError
from gatework.tabular.calendar import Calendar
from gatework.tabular.zones import zone_of


@dataclass(frozen=True, kw_only=True)
class ReadingStyle:
    """What was found out about a table while it was read; None or empty where nothing decided it.

    A reader that is handed a style takes it as given, in place of looking for signs of its own.

    What a user knows about a table is said with a style, too: the options of the commands make one.

    Attributes:
        encoding: Python's name of the encoding of a text file.
        sheet: of a workbook.
        time_column, column, id_column: names of the columns of periods, values and ids; columns
            that are read together are joined by " + ", as in "date + time".
        decimals: by column, the mark that begins decimals, "." or ","; the other one parts
            thousands. A column that is not in it is written as the empty name says, or else as
            those are, where they agree.
        units: by column, what stands beside its numbers, such as "%" or "$".
        day_first: whether 3/7/2005 is in July.
        zone: name of the time zone, such as "Europe/Berlin", or offset from UTC, such as "+01:00",
            in which times are shown; times without an offset are taken for times of it.
        offsets: whether times were written with their offsets from UTC.
        frequency: alias of the period's length.
        tolerance: seconds by which times may miss the regular step.
        holidays: country, or country and subdivision as in "DE-BY", on whose holidays nothing is
            missing.
        repeats: what becomes of rows that share a period: "mean", "sum", "first" or "last".
        totals: whether rows of totals are left out.
        missing: marks that were taken for missing values, beyond those that always are.

    Example:
        >>> style = ReadingStyle(column="faults", decimals={"faults": ","})
        >>> ReadingStyle.from_config(style.to_config()) == style, style.decimal("load")
        (True, ',')
    """

    encoding: str | None = None
    sheet: str | None = None
    time_column: str | None = None
    column: str | None = None
    id_column: str | None = None
    decimals: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    day_first: bool | None = None
    zone: str | None = None
    offsets: bool | None = None
    frequency: str | None = None
    tolerance: float | None = None
    holidays: str | None = None
    repeats: str | None = None
    totals: bool | None = None
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (_SOUND[name](value) if name in _SOUND else isinstance(value, str | None)):
                raise OptionError(f"{name} of a reading style cannot be {value!r}")
        if self.frequency is not None:
            Calendar.from_alias(self.frequency)
        zone_of(self.zone)
        object.__setattr__(self, "decimals", dict(self.decimals))
        object.__setattr__(self, "units", dict(self.units))
        object.__setattr__(self, "missing", tuple(self.missing))

    def decimal(self, column: str) -> str | None:
        """Return the mark that begins decimals in a column, None where nothing tells."""
        known = self.decimals.get(column, self.decimals.get(""))
        marks = {known} - {None} or set(self.decimals.values())
        return marks.pop() if len(marks) == 1 else None

    def over(self, known: Self) -> Self:
        """Return what this one says, and otherwise what is known; marks for missing are both's.

        Example:
            >>> german = ReadingStyle(decimals={"v": ","}, missing=("-1",), day_first=True)
            >>> both = ReadingStyle(decimals={"": "."}, missing=("-999",)).over(german)
            >>> both.decimal("v"), both.missing, both.day_first
            ('.', ('-1', '-999'), True)
        """
        said = {name: getattr(self, name) for name in self.to_config()}
        return replace(
            known, **said | {"missing": tuple(dict.fromkeys(known.missing + self.missing))}
        )

    def to_config(self) -> dict[str, Any]:
        """Return it as JSON values, without what is not known."""
        config = vars(self) | {
            "decimals": dict(self.decimals),
            "units": dict(self.units),
            "missing": list(self.missing),
        }
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


REPEATS = ("mean", "sum", "first", "last")
"""What may become of rows that share a period."""


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(text, str) for pair in value.items() for text in pair
    )


_SOUND: dict[str, Callable[[Any], bool]] = {
    "decimals": lambda value: _texts(value) and set(value.values()) <= {".", ","},
    "units": _texts,
    "day_first": lambda value: isinstance(value, bool | None),
    "offsets": lambda value: isinstance(value, bool | None),
    "totals": lambda value: isinstance(value, bool | None),
    "tolerance": lambda value: value is None or (is_number(value) and value >= 0),
    "repeats": lambda value: value is None or value in REPEATS,
    "missing": lambda value: (
        isinstance(value, list | tuple) and all(isinstance(mark, str) for mark in value)
    ),
}
