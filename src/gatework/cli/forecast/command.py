"""``gatework forecast``: of one series, of many with one network, of each of many by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click

from gatework.cli.forecast.each import Each
from gatework.cli.forecast.one import One
from gatework.cli.forecast.options import (
    COVARIATES,
    ColumnOptions,
    CovariateOptions,
    Events,
    EventsOfMany,
    Forecast,
    Ids,
    Static,
)
from gatework.cli.forecast.panel import Across
from gatework.cli.options import command_of, option
from gatework.demo import series

if TYPE_CHECKING:
    from gatework.forecast import Panel, Series


class OneOfTable(ColumnOptions, One):
    """One series, a row a period."""

    def _series(self) -> Series:
        from gatework.forecast import read_series

        return read_series(
            str(self.file),
            column=self.column,
            time_column=self.time_column,
            missing=self.missing or "error",
            allow_negative=self.allow_negative,
        )


class OneOfEvents(Events, One):
    """One series, a row an event."""

    marks = ("events",)

    def _series(self) -> Series:
        from gatework.forecast import count_events

        return count_events(**self._counted())


class OneOfDemo(One):
    """A series that ships with Gatework."""

    marks = ("demo",)
    because: ClassVar = {
        "file": "--demo brings its own series; leave FILE out, or leave --demo out"
    }

    demo: bool = option("Forecast a series that ships with Gatework: failures of a supercomputer.")
    system: str | None = option(
        "Which of them.  [default: system_18]", type=click.Choice(series.SYSTEMS)
    )

    def _limits(self) -> tuple[int, None]:
        return series.TRIALS, None

    def _series(self) -> Series:
        return series.demo_series(self.system or series.SYSTEM)


class AcrossOne(ColumnOptions, CovariateOptions, Across):
    """One series with covariates."""

    marks = (COVARIATES,)

    def _panel(self) -> Panel:
        return self._panel_of("covariates need", **self.part(CovariateOptions))


class AcrossTable(ColumnOptions, Ids, CovariateOptions, Static, Across):
    """Many series with one network, a row a series and period."""

    marks = ("id_column",)

    def _panel(self) -> Panel:
        covariates = self.part(CovariateOptions) | self.part(Static)
        return self._panel_of("--id-column needs", id_column=self.id_column, **covariates)


class AcrossEvents(EventsOfMany, Across):
    """Many series with one network, a row an event."""

    marks = ("id_column", "events")


class EachOfTable(ColumnOptions, Ids, Each):
    """Each of many series by itself, a row a series and period."""

    marks = ("id_column", "each")

    def _panel(self) -> Panel:
        return self._panel_of("--id-column needs", id_column=self.id_column)


class EachOfEvents(EventsOfMany, Each):
    """Each of many series by itself, a row an event."""

    marks = ("id_column", "each", "events")


command = command_of(
    OneOfTable,
    AcrossOne,
    OneOfEvents,
    OneOfDemo,
    AcrossTable,
    AcrossEvents,
    EachOfTable,
    EachOfEvents,
    told=Forecast,
)
