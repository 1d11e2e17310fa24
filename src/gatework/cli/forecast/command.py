"""``gatework forecast``: of one series, of many with one network, of each of many by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import click

from gatework.cli.forecast.each import Each
from gatework.cli.forecast.one import One
from gatework.cli.forecast.options import (
    COVARIATES,
    SEARCHED,
    SEVERAL,
    ColumnOptions,
    CovariateOptions,
    Events,
    Forecast,
    Ids,
    Static,
)
from gatework.cli.forecast.panel import Across
from gatework.cli.options import asked, command_of, option
from gatework.demo import series

if TYPE_CHECKING:
    from gatework.forecast import Series


class OneOfTable(ColumnOptions, One):
    """One series, a row a period; a table whose columns are called by periods has several."""

    def _run(self) -> None:
        from gatework.forecast.panel.wide import is_wide

        if not self.column and not self.time_column and is_wide(self._table()):
            searched = asked(SEARCHED, self.given, {})
            if searched:
                self.refuse(("language",), "does not go with a search of each of many series")
            self.becoming(EachOfColumns if searched else AcrossColumns)._run()
        else:
            super()._run()


class OneOfEvents(Events, One):
    """One series, a row an event."""

    marks = ("events",)


class OneOfDemo(One):
    """A series that ships with Gatework."""

    marks = ("demo",)
    because: ClassVar = {
        "file": "--demo brings its own series; leave FILE out, or leave --demo out"
    }
    limits: ClassVar = {"trials": series.TRIALS}

    demo: bool = option("Forecast a series that ships with Gatework: failures of a supercomputer.")
    system: str | None = option(
        "Which of them.  [default: system_18]", type=click.Choice(series.SYSTEMS)
    )

    def _series(self) -> Series:
        return series.demo_series(self.system or series.SYSTEM)


class AcrossOne(ColumnOptions, CovariateOptions, Across):
    """One series with covariates."""

    marks = (COVARIATES,)


class AcrossColumns(AcrossOne):
    """The series of several columns with one network."""

    marks = (SEVERAL,)


class EachOfColumns(ColumnOptions, Each):
    """The series of several columns, each by itself."""

    marks = (SEVERAL, SEARCHED)


class AcrossTable(ColumnOptions, Ids, CovariateOptions, Static, Across):
    """Many series with one network, a row a series and period."""

    marks = ("id_column",)


class AcrossEvents(Events, Ids, Across):
    """Many series with one network, a row an event."""

    marks = ("id_column", "events")


class EachOfTable(ColumnOptions, Ids, Each):
    """Each of many series by itself, a row a series and period."""

    marks = ("id_column", "each")


class EachOfEvents(Events, Ids, Each):
    """Each of many series by itself, a row an event."""

    marks = ("id_column", "each", "events")


command = command_of(
    OneOfTable,
    AcrossOne,
    OneOfEvents,
    OneOfDemo,
    AcrossColumns,
    EachOfColumns,
    AcrossTable,
    AcrossEvents,
    EachOfTable,
    EachOfEvents,
    told=Forecast,
)
