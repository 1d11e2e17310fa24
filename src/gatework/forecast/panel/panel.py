"""The panel: series side by side, each with the names of its periods and what else is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gatework.errors import DataError, OptionError, ShapeError, nearest
from gatework.forecast.panel.periods import CYCLES, WAVES, labels_until
from gatework.forecast.series import Series
from gatework.tabular.style import ReadingStyle
from gatework.tabular.table import JOINT


@dataclass(frozen=True, eq=False)
class Covariates:
    """Numbers that are known beside the values, by name.

    ``past`` ones are known by the end of their period, ``future`` ones in advance, ``static`` ones
    for good.

    Shapes:
        past: (B, T, P). future: (B, T + F, Q), from the first period of each series on, F of them
        after the end of the longest. static: (B, S). nan where unknown.
    """

    past: np.ndarray | None = None
    future: np.ndarray | None = None
    static: np.ndarray | None = None
    past_names: tuple[str, ...] = ()
    future_names: tuple[str, ...] = ()
    static_names: tuple[str, ...] = ()

    def rows(self, rows: np.ndarray) -> Covariates:
        """Return those of some of the series."""
        past, future, static = (
            None if part is None else part[rows] for part in (self.past, self.future, self.static)
        )
        return dataclasses.replace(self, past=past, future=future, static=static)


NOTHING_ELSE = Covariates()


def side_by_side(parts: Sequence[np.ndarray], longest: int | None = None) -> np.ndarray:
    """Return arrays (T, ...), of which none is longer, as (B, longest, ...); nan after each."""
    longest = max(len(part) for part in parts) if longest is None else longest
    stacked = np.full((len(parts), longest, *parts[0].shape[1:]), np.nan)
    for row, part in enumerate(parts):
        stacked[row, : len(part)] = part
    return stacked


@dataclass(frozen=True, eq=False)
class Panel:
    """Series side by side, of one frequency, each as long as it is.

    Attributes:
        ids: the series' names, each once.
        values: (B, T), from the first period of each on; nan where missing and after its end.
        lengths: (B,), periods of each series.
        ends: the last two periods' labels of each series, or the only one.
        frequency: alias of the period's length, None where periods are numbered.
        season: periods of a season, 1 for none.
        counts: (B,), whether a series holds counts: whole and never negative.
        covariates: what else is known.
        notes: sentences that a reader of the forecasts should see.
        style: how the table was read that the panel comes from.

    Raises:
        ShapeError, DataError: by the constructor, when parts do not fit together.

    Example:
        >>> one = Series("faults", np.array([3.0, 1.0]), ("2005-11", "2005-12"), "MS", 12)
        >>> panel = Panel.from_series([one])
        >>> panel.ids, panel.future_labels(0, 2)
        (('faults',), ['2006-01', '2006-02'])
    """

    ids: tuple[str, ...]
    values: np.ndarray
    lengths: np.ndarray
    ends: tuple[tuple[str, ...], ...]
    frequency: str | None
    season: int
    counts: np.ndarray
    covariates: Covariates = NOTHING_ELSE
    notes: tuple[str, ...] = ()
    style: ReadingStyle = field(default_factory=ReadingStyle)

    def __post_init__(self) -> None:
        if not self.ids:
            raise DataError("a panel needs at least one series")
        if len(set(self.ids)) < len(self.ids):
            twice = next(name for name in self.ids if self.ids.count(name) > 1)
            raise DataError(f"series {twice!r} is in the panel twice", hint="give each its own id")
        count = len(self.ids)
        if self.values.ndim != 2 or len(self.values) != count:
            raise ShapeError(f"values must have the shape ({count}, T), got {self.values.shape}")
        if np.isinf(self.values).any():
            row = int(np.flatnonzero(np.isinf(self.values).any(axis=1))[0])
            raise DataError(f"series {self.ids[row]!r} has an infinite value")
        for row, length in enumerate(self.lengths):
            if np.isnan(self.values[row, :length]).all():
                raise DataError(
                    f"series {self.ids[row]!r} has no value at all", hint="leave it out"
                )

    @classmethod
    def from_series(cls, series: Sequence[Series]) -> Panel:
        """Return the panel of some series.

        Raises:
            DataError: when there is none, a name is there twice, or frequencies differ.
        """
        if not series:
            raise DataError("a panel needs at least one series")
        first = series[0]
        for one in series:
            if (one.frequency, one.season) != (first.frequency, first.season):
                raise DataError(
                    f"series {one.name!r} has the frequency {one.frequency} and a season of "
                    f"{one.season}, {first.name!r} has {first.frequency} and {first.season}",
                    hint="forecast series of different frequencies apart",
                )
        return cls(
            tuple(one.name for one in series),
            side_by_side([one.values for one in series]),
            np.array([len(one) for one in series]),
            tuple(one.labels[-2:] for one in series),
            first.frequency,
            first.season,
            np.array([one.counts for one in series]),
            notes=tuple(note for one in series for note in one.notes),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def id_columns(self) -> tuple[str, ...]:
        """The columns of the table that made the ids, as far as it is known."""
        return tuple(self.style.id_column.split(JOINT)) if self.style.id_column else ()

    @property
    def columns_ahead(self) -> tuple[str, ...]:
        """The columns of the table that are known in advance."""
        waves = {f"{cycle} {wave}" for cycle in self.calendar for wave in WAVES}
        return tuple(name for name in self.covariates.future_names if name not in waves)

    @property
    def calendar(self) -> tuple[str, ...]:
        """The features of the calendar among what is known in advance."""
        names = self.covariates.future_names
        return tuple(c for c in CYCLES if all(f"{c} {wave}" in names for wave in WAVES))

    @property
    def reading(self) -> dict[str, Any]:
        """What read_panel is told to read another table like the one that this panel is of."""
        static = (name.partition("=")[0] for name in self.covariates.static_names)
        return {
            "past": self.covariates.past_names,
            "future": self.columns_ahead,
            "static": tuple(dict.fromkeys(static)),
            "calendar": self.calendar,
            "allow_negative": not np.any(self.counts),
            "style": self.style,
        }

    @property
    def known(self) -> np.ndarray:
        """Return how many values of each series are known, (B,)."""
        inside = np.arange(self.values.shape[1]) < self.lengths[:, None]
        return (~np.isnan(self.values) & inside).sum(axis=1)

    def index(self, name: str) -> int:
        """Return the row of a series.

        Raises:
            DataError: when there is none of this id; the nearest is the hint.
        """
        if name in self.ids:
            return self.ids.index(name)
        alike = nearest(name, self.ids)
        raise DataError(
            f"there is no series {name!r} in the panel",
            hint=f"did you mean {alike!r}?" if alike else f"it has {self.ids[0]!r}, ...",
        )

    def subset(self, ids: Sequence[str]) -> Panel:
        """Return the panel of some of the series, in the order given."""
        rows = np.array([self.index(name) for name in ids])
        longest = int(self.lengths[rows].max())
        covariates = self.covariates.rows(rows)
        past, future = covariates.past, covariates.future
        behind = self.values.shape[1] - longest
        return dataclasses.replace(
            self,
            ids=tuple(ids),
            values=self.values[rows, :longest],
            lengths=self.lengths[rows],
            ends=tuple(self.ends[row] for row in rows),
            counts=self.counts[rows],
            covariates=dataclasses.replace(
                covariates,
                past=None if past is None else past[:, :longest],
                future=None if future is None else future[:, : future.shape[1] - behind],
            ),
        )

    def cut(self, ends: np.ndarray) -> Panel:
        """Return the first ``ends`` (B,) periods of each series; covariates to come stay known."""
        beyond = np.arange(self.values.shape[1]) >= ends[:, None]
        labels = [tuple(self.labels(row)[max(end - 2, 0) : end]) for row, end in enumerate(ends)]
        return dataclasses.replace(
            self,
            values=np.where(beyond, np.nan, self.values),
            lengths=np.asarray(ends),
            ends=tuple(labels),
        )

    def labels(self, row: int) -> list[str]:
        """Return the labels of all periods of a series."""
        return labels_until(self.ends[row], int(self.lengths[row]), self.frequency)

    def future_labels(self, row: int, horizon: int) -> list[str]:
        """Return the labels of the periods after the end of a series."""
        return self.tail(row).future_labels(horizon)

    def tail(self, row: int) -> Series:
        """Return the end of a series; of it the labels count, its values are 0."""
        return self._series(row, np.zeros(len(self.ends[row])), self.ends[row])

    def series(self, name: str, *, missing: bool = False) -> Series:
        """Return one of the series; with ``missing`` some of its values may be.

        Raises:
            DataError: when there is none of this id, or values of it are missing.
        """
        row = self.index(name)
        values = self.values[row, : self.lengths[row]]
        gaps = np.flatnonzero(np.isnan(values))
        if gaps.size and not missing:
            label = self.labels(row)[gaps[0]]
            raise DataError(
                f"series {name!r} has no value for {label}, and a Series must have all",
                hint="read it with missing='interpolate' (--missing interpolate)",
            )
        return self._series(row, values, tuple(self.labels(row)))

    def _series(self, row: int, values: np.ndarray, labels: tuple[str, ...]) -> Series:
        counts = bool(self.counts[row])
        return Series(self.ids[row], values, labels, self.frequency, self.season, counts)

    def with_names(
        self, past: tuple[str, ...], future: tuple[str, ...], static: tuple[str, ...] = ()
    ) -> Panel:
        """Return the panel with names of covariates whose values are left behind."""
        named = dataclasses.replace(
            self.covariates, past_names=past, future_names=future, static_names=static
        )
        return dataclasses.replace(self, covariates=named)

    def with_future(self, future: np.ndarray) -> Panel:
        """Return the panel with other covariates known in advance, (B, F, Q)."""
        covariates = dataclasses.replace(self.covariates, future=future)
        return dataclasses.replace(self, covariates=covariates)

    def aggregate(self, groups: Mapping[str, Sequence[str]]) -> Panel:
        """Return the sums of groups of series, period by period.

        The series of a group must end with the same period; a sum begins where the latest of them
        begins, and is missing where one of them is.

        Raises:
            DataError: when a member is unknown, or the members end at different periods.
            OptionError: when a group is empty.
        """
        summed = [self._sum(name, members) for name, members in groups.items()]
        rows = [rows for _, rows in summed]
        return Panel(
            tuple(groups),
            side_by_side([one for one, _ in summed]),
            np.array([len(one) for one, _ in summed]),
            tuple(self.ends[members[0]] for members in rows),
            self.frequency,
            self.season,
            np.array([bool(self.counts[members].all()) for members in rows]),
        )

    def _sum(self, name: str, members: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        if not members:
            raise OptionError(f"group {name!r} has no members")
        rows = np.array([self.index(member) for member in members])
        last = {self.ends[row][-1] for row in rows}
        if len(last) > 1:
            raise DataError(
                f"the series of group {name!r} end at {' and '.join(sorted(last)[:2])}",
                hint="cut them to the same period",
            )
        length = int(self.lengths[rows].min())
        parts = [self.values[row, self.lengths[row] - length : self.lengths[row]] for row in rows]
        return np.sum(parts, axis=0), rows
