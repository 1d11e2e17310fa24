"""``gatework forecast``: of one series, of many with one network, of each of many by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

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
from gatework.cli.options import AnyOf, asked, command_of, option, refuse
from gatework.demo import series

if TYPE_CHECKING:
    from gatework.forecast import Panel, Series


class OneOfTable(ColumnOptions, One):
    """One series, a row a period; a table may have several by its form or its names."""

    def _run(self) -> bool | None:
        self._origin()
        each, across = _of_many(self)
        if across is None:
            return super()._run()
        if asked(SEARCHED, self.given, {}):
            return self.becoming(each)._run()
        return self.becoming(across)._run()


def _of_many(told: ColumnOptions) -> tuple[Any, Any]:
    """Return the modes for a table of many series: each by itself, and all with one network."""
    from gatework.forecast.panel.wide import is_wide
    from gatework.tabular.keys import is_usual, several_ids

    table, named = told._table(), (told.column, told.time_column)
    if several_ids(table) and (is_usual(table) or all(named)):
        return EachOfTable, AcrossTable
    if not any(named) and is_wide(table):
        return EachOfColumns, AcrossColumns
    return None, None


class AcrossByForm(ColumnOptions, Across):
    """The series of a table that has several by its form or its names, with one network."""

    of_many: ClassVar = ("members", "epochs", "train")
    marks = (AnyOf("options of many series", of_many),)

    def _run(self) -> None:
        _, across = _of_many(self)
        if across is not None:
            self.becoming(across)._run()
        else:
            wanted = "covariates or --id-column COLUMN or several --column"
            for name in self.of_many:
                cure = f"leave --{name.replace('_', '-')} out, or add {wanted}"
                self.refuse((name,), f"goes with {wanted}", cure)


class EachByForm(ColumnOptions, Each):
    """Each of the series of a table that has several by its form or its names."""

    marks = ("each",)

    def _run(self) -> bool:
        each, _ = _of_many(self)
        if each is not None:
            return self.becoming(each)._run()
        wanted = "--id-column COLUMN or several --column"
        refuse(f"--each goes with {wanted}", f"leave --each out, or add {wanted}")


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

    def _panel(self, **known: Any) -> Panel:
        """Return the panel, with what a file knows of the periods to come."""
        from gatework.cli.forecast.coming import ahead
        from gatework.forecast.panel.coming import with_coming

        others = self.part(Ids) | self.part(Static) | {"past": self.past, "column": self.column}
        spent = (self.time_column, *(name for names in others.values() for name in names))
        names, file = ahead(self.future, self._table(), spent)
        panel = super()._panel(future=names, **known)
        return panel if file is None else with_coming(panel, file, self.horizon)


class AcrossColumns(AcrossOne):
    """The series of several columns with one network."""

    marks = (SEVERAL,)


class EachOfColumns(ColumnOptions, Each):
    """The series of several columns, each by itself."""

    marks = (SEVERAL, SEARCHED)


class AcrossTable(Ids, Static, AcrossOne):
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
    AcrossByForm,
    EachByForm,
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
