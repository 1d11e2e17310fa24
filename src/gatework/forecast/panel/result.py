"""Forecasts of many series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from gatework.forecast.frames import ForecastTable, Library, interval_numbers


@dataclass(frozen=True, eq=False)
class PanelForecast:
    """Forecasts of many series, each from its own next period on.

    ``frequency`` is the alias of a period's length, ``id_columns`` are those that made the ids.
    ``notes`` say what became of the covariates of series that were not fitted.

    Shapes:
        values: (B, H). lower, upper: by level, (B, H). periods: B tuples of H labels.
    """

    ids: tuple[str, ...]
    periods: tuple[tuple[str, ...], ...]
    values: np.ndarray
    lower: dict[float, np.ndarray]
    upper: dict[float, np.ndarray]
    frequency: str | None = None
    id_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each series and period, as a table in long format has them.

        The columns are unique_id, those that made it where these are several, ds, forecast, and
        for each level its ends, such as lower-90 and upper-90. The periods are dates as text.
        """
        return self.table().rows()

    def to_frame(self, library: Library = "pandas") -> Any:
        """Return the rows as a data frame of "pandas", "polars" or "pyarrow", with real dates.

        Raises:
            OptionError: when it is another library, or one that is not installed.
        """
        return self.table().to_frame(library)

    def table(self) -> ForecastTable:
        """Return the table of which rows and frames are made."""
        ids = [name for name in self.ids for _ in range(self.values.shape[1])]
        labels = [period for periods in self.periods for period in periods]
        told = interval_numbers(self.values, self.lower, self.upper)
        return ForecastTable(ids, labels, self.frequency, told, self.id_columns)


@dataclass(frozen=True, eq=False)
class TotalForecast:
    """What the next periods of each series come to together.

    ``last`` is the label of the last of them, ``frequency`` the alias of a period's length,
    ``id_columns`` are those that made the ids, ``notes`` those of a PanelForecast.

    Shapes:
        values: (B,). lower, upper: by level, (B,). chances: by total, of so much or more, (B,).
    """

    ids: tuple[str, ...]
    last: tuple[str, ...]
    values: np.ndarray
    lower: dict[float, np.ndarray]
    upper: dict[float, np.ndarray]
    chances: dict[float, np.ndarray]
    frequency: str | None = None
    id_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each series.

        The columns are unique_id, those that made it where these are several, ds (the last of the
        periods), total, for each level its ends, such as lower-90 and upper-90, and for each total
        asked for the chance of it or more, such as at-least-10.
        """
        return self.table().rows()

    def to_json(self, row: int) -> dict[str, Any]:
        """Return what the periods of one series come to as JSON values, for ``from_json``."""

        def by(ends: dict[float, np.ndarray]) -> list[list[float]]:
            return [[of, float(one[row])] for of, one in ends.items()]

        return {
            "last": self.last[row],
            "value": float(self.values[row]),
            **{name: by(getattr(self, name)) for name in ("lower", "upper", "chances")},
        }

    @classmethod
    def from_json(
        cls, said: Mapping[str, dict[str, Any]], frequency: str | None, id_columns: tuple[str, ...]
    ) -> Self:
        """Return the totals of series, by their ids."""
        each = list(said.values())

        def by(name: str) -> dict[float, np.ndarray]:
            told = [dict(one[name]) for one in each]
            return {of: np.array([one[of] for one in told]) for of in (told[0] if told else {})}

        lower, upper, chances = map(by, ("lower", "upper", "chances"))
        values, last = np.array([one["value"] for one in each]), (one["last"] for one in each)
        told = (values, lower, upper, chances)
        return cls(tuple(said), tuple(last), *told, frequency, id_columns)

    def to_frame(self, library: Library = "pandas") -> Any:
        """Return the rows as a data frame of "pandas", "polars" or "pyarrow", with real dates.

        Raises:
            OptionError: when it is another library, or one that is not installed.
        """
        return self.table().to_frame(library)

    def table(self) -> ForecastTable:
        """Return the table of which rows and frames are made."""
        said = interval_numbers(self.values, self.lower, self.upper)
        told = {"total": said.pop("forecast")} | said
        told |= {f"at-least-{least:g}": one.tolist() for least, one in self.chances.items()}
        labels = list(self.last)
        return ForecastTable(list(self.ids), labels, self.frequency, told, self.id_columns)
