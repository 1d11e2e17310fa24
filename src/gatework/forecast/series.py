"""The series: numbers, one a period, with the periods' names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from gatework.errors import DataError, OptionError, ShapeError
from gatework.forecast.names import Labels, label_count
from gatework.tabular.calendar import Calendar, labels_from
from gatework.tabular.style import ReadingStyle


@dataclass(frozen=True, eq=False)
class Series:
    """A series of numbers, one for each period, the oldest first.

    ``labels`` name the periods: ``2005-03-07``, ``2005-03``, ``2005Q1``, ``2005``, or plain numbers
    where the series has no dates. ``frequency`` is the alias that pandas gives the length of a
    period (``W-MON``, ``MS``, ``QS``, ``D``, ``h``), None without dates. ``season`` is how many
    periods a season has, 1 for none; ``counts`` says that the values are counts: whole and never
    negative. ``notes`` are sentences that a reader of the forecast should see; ``style`` is how the
    table was read that it comes from.

    Shapes:
        values: (n,), float64, read-only; nan where one is missing
        labels: n strings

    Raises:
        ShapeError: values are not one-dimensional, or the labels are fewer or more.
        DataError: a value is infinite.
        OptionError: season is below 1, or frequency is no known alias.

    Example:
        >>> series = Series("faults", np.array([3.0, 1.0]), ("2005-11", "2005-12"), "MS", 12)
        >>> series.future_labels(2)
        ['2006-01', '2006-02']
    """

    name: str
    values: np.ndarray
    labels: Labels = Labels()  # noqa: RUF009  # a descriptor: it has to be given
    frequency: str | None = None
    season: int = 1
    counts: bool = False
    notes: tuple[str, ...] = ()
    style: ReadingStyle = field(default_factory=ReadingStyle)

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 1:
            raise ShapeError(f"values of {self.name!r} must have shape (n,), got {values.shape}")
        if (count := label_count(self)) != len(values):
            raise ShapeError(
                f"labels of {self.name!r} must be {len(values)}, as the values, got {count}"
            )
        odd = np.flatnonzero(np.isinf(values))
        if odd.size:
            raise DataError(
                f"value {odd[0] + 1} of {self.name!r} must be finite, got {values[odd[0]]}"
            )
        if self.season < 1:
            raise OptionError(f"season must be at least 1, got {self.season}", hint="season=1")
        if self.frequency is not None:
            Calendar.from_alias(self.frequency)
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "notes", tuple(self.notes))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def title(self) -> str:
        """Return the name with the unit, such as ``load [kW]``, where the table told one."""
        unit = self.style.units.get(self.name)
        return f"{self.name} [{unit}]" if unit else self.name

    def first(self, count: int) -> Series:
        """Return the series of the first ``count`` values."""
        return replace(self, values=self.values[:count], labels=self.labels[:count])

    def last(self, count: int) -> Series:
        """Return the series of the last ``count`` values, without notes."""
        return replace(self, values=self.values[-count:], labels=self.labels[-count:], notes=())

    def following(self, value: float, label: str | None = None) -> Series:
        """Return the series one period on: with a value more at its end and one less before.

        Raises:
            DataError: value is not finite.

        Example:
            >>> Series("faults", np.array([3.0, 1.0]), ("1", "2")).following(4.0).labels
            ('2', '3')
        """
        label = self.future_labels(1)[0] if label is None else label
        values = np.append(self.values[1:], value)
        return replace(self, values=values, labels=(*self.labels[1:], label), notes=())

    def future_labels(self, horizon: int) -> list[str]:
        """Return the labels of the ``horizon`` periods after the last.

        Raises:
            OptionError: horizon is below 1, or the last label does not fit the frequency.
            DataError: the series is empty.

        Example:
            >>> Series("faults", np.array([3.0, 1.0]), ("1", "2")).future_labels(3)
            ['3', '4', '5']
        """
        if horizon < 1:
            raise OptionError(f"horizon must be at least 1, got {horizon}", hint="horizon=12")
        if not self.labels:
            raise DataError(f"series {self.name!r} is empty: no period to go on from")
        if self.frequency is not None:
            return labels_from(self.labels[-1], self.frequency, range(1, horizon + 1))
        try:
            numbers = [int(label) for label in self.labels[-2:]]
        except ValueError:
            return [f"+{ahead}" for ahead in range(1, horizon + 1)]
        step = numbers[-1] - numbers[0] if len(numbers) == 2 else 1
        return [str(numbers[-1] + step * ahead) for ahead in range(1, horizon + 1)]
