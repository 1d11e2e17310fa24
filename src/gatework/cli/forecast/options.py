"""What ``gatework forecast`` can be told: of the data, of the search, of the results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import click

from gatework.cli.options import (
    INSIDE,
    AnyOf,
    Options,
    Several,
    argument,
    json_flag,
    option,
    refuse,
    seed,
    typed,
    word_of,
)
from gatework.cli.output import check_format, tabled
from gatework.cli.table import FileOptions, TableOptions, TimeOptions
from gatework.cli.values import span
from gatework.errors import InputFileError

if TYPE_CHECKING:
    from gatework.cli.folder import OutputFolder
    from gatework.forecast import Panel, Series
    from gatework.forecast.frames import ForecastTable
    from gatework.tabular.table import Table

HORIZON = click.IntRange(1, 10_000)
MEMBERS = click.IntRange(1, 64)
TRAINED_BY = ("members", "epochs", "refit_every")
"""Options of training, which ask for it by that."""
RESULTS = ("out", "overwrite", "resume", "as_json", "table_format")
"""Options of the results, which say nothing to a forecaster."""
SEVERAL = Several("several --column", "column")
COVARIATES = AnyOf("covariates", ("past", "future", "calendar"))

TableFormat = Literal["csv", "json", "parquet"]
Filling = Literal["interpolate", "zero", "previous", "mean"]
Period = Literal["hour", "day", "week", "month", "quarter", "year"]
Feature = Literal["month", "quarter", "week", "day", "weekday", "hour"]


class File(Options):
    """The file of the data."""

    file: str | None = argument()

    def _check(self) -> None:
        if not self.file:
            refuse("FILE is missing; name a CSV or Parquet file, or pass --demo")
        super()._check()


class ColumnOptions(File, TableOptions):
    """One row a period."""

    column: tuple[str, ...] = option(
        "Column of the numbers; not needed where there is only one. Several, or * for all, are a "
        "series each.",
        metavar="COLUMN",
    )
    time_column: str | None = option("Column of the dates; found by itself where it can be.")
    missing: Filling | None = option(
        "Fill missing values like this; without it the network goes on over them, and in a search "
        "they are an error."
    )
    allow_negative: bool = option(
        "Negative whole numbers are no mistake: the series is not one of counts."
    )

    def _table(self) -> Table:
        """Return the table, which is read once."""
        from gatework.tabular.table import read_table

        if "table" not in self.__dict__:
            object.__setattr__(self, "table", read_table(str(self.file), self.style()))
        return self.__dict__["table"]

    def _series(self) -> Series:
        """Return the one series that the table holds."""
        from gatework.forecast import read_series

        column = self.column[0] if self.column else None
        columns = self.values("time_column", "allow_negative")
        searched = isinstance(self, SearchedForecast) and self._is_searched()
        missing = self.missing or ("error" if searched else "mask")
        return read_series(self._table(), column=column, missing=missing, **columns)

    def _panel(self, **known: Any) -> Panel:
        """Return the panel that the table holds."""
        from gatework.forecast import read_panel

        more = self.part(Ids) | self.part(CovariateOptions) | self.part(Static) | known
        more |= self.values("column", "time_column", "allow_negative")
        return read_panel(self._table(), missing=self.missing or "mask", **more)


class Ids(Options):
    """Many series."""

    id_column: tuple[str, ...] = option(
        "Column that tells many series apart, one row for each series and period; they share "
        "one network. It may be repeated where several do together.",
        metavar="COLUMN",
    )


class Static(Options):
    """What is known of each of many series."""

    static: tuple[str, ...] = option(
        "Says one thing about a series.", needs="id_column", metavar="COLUMN"
    )


class NetworkFile(Options):
    """Whose networks forecast."""

    network: str | None = option(
        "Forecast with the networks in FILE, as gatework pretrain writes them, instead of those "
        "that come with Gatework.",
        metavar="FILE",
    )


class Training(NetworkFile):
    """Whether networks are trained on many series, and how."""

    train: bool = option(
        "With --id-column: train networks on these series, which otherwise the pretrained one "
        "forecasts. The options of training ask for it, too."
    )
    members: int | None = option(
        "With --id-column: trained networks that are averaged.  [default: 3]", type=MEMBERS
    )
    epochs: int | None = option(
        "With --id-column: passes over all series.  [default: about 180 steps]", least=1
    )

    def _trained(self) -> dict[str, Any]:
        """Return the arguments of a GlobalForecaster."""
        named = self.values("members", "epochs")
        found = {name: value for name, value in named.items() if value is not None}
        asks = True if self.train or self._asked() else None
        return found | {"train": asks, "network": self.network}

    def _asked(self) -> list[str]:
        """Return the options that ask for training, as they are typed."""
        words = [word_of(one) for one in typed(type(self)) if one.name in TRAINED_BY]
        return [word for word in words if word[2:].replace("-", "_") in self.given]

    def _why_trained(self) -> tuple[str, ...]:
        """Return the note that says why networks are trained where --train was not typed."""
        if self.train or not self._asked():
            return ()
        return (f"networks are trained for these series because of {', '.join(self._asked())}",)


class CovariateOptions(Options):
    """What else is known of each period."""

    past: tuple[str, ...] = option("Known by the end of its period.", metavar="COLUMN")
    future: tuple[str, ...] = option(
        "Known in advance; a FILE holds it for the periods to come.", metavar="COLUMN|FILE"
    )
    calendar: tuple[Feature, ...] = option(
        "Feature of the calendar to add. It may be repeated, as --past, --future and --static may."
    )


class Events(File, TimeOptions, FileOptions):
    """One row an event."""

    events: str | None = option(
        "The file has one row an event, dated in this column; count them.", metavar="DATE_COLUMN"
    )
    period: Period | None = option("Period by which --events counts.")

    def _check(self) -> None:
        if not self.period:
            refuse("--events and --period go together: --events DATE_COLUMN --period month")
        super()._check()

    def _series(self) -> Series:
        """Return the events by period."""
        from gatework.forecast import count_events

        return count_events(**self._counted())

    def _panel(self) -> Panel:
        """Return the events of many by period."""
        from gatework.forecast import count_events_of_many

        return count_events_of_many(**self._counted(), **self.part(Ids))

    def _counted(self) -> dict[str, Any]:
        """Return what says how events are counted."""
        named = {"path": self.file, "date_column": self.events, "period": self.period}
        return named | {"style": self.style()}


class Forecast(NetworkFile):
    """Forecast the next values of the series in FILE, a CSV or Parquet table.

    One row a period, or one row an event with --events. An LSTM that was trained on other series
    forecasts at once, and stands beside simple and classical models on the last fifth of the
    series. With --search an LSTM is fitted to the series with the best parameters that a layered
    grid search finds.

    \b
    gatework forecast failures.csv --column faults --horizon 12
    gatework forecast log.csv --events date --period month --json
    gatework forecast log.csv --events date --period month --id-column unit
    gatework forecast sales.csv --id-column shop --time-column month --column sales
    gatework forecast sales.csv --id-column shop --time-column month --column sales --each
    gatework forecast --demo
    """  # noqa: D301

    horizon: int = option("Periods to forecast.", type=HORIZON, default=12)
    seed: int = seed("Seed of everything random.")
    level: float = option(
        "Share of outcomes that the interval shall hold.", type=INSIDE, default=0.9
    )
    classics: float | None = option(
        "Compare with classical models of other packages, too, for so long, such as 10s.",
        type=span,
        metavar="TIME",
    )
    out: str | None = option(
        "Folder for the results.  [default: a new one, gatework-SERIES]", metavar="FOLDER"
    )
    overwrite: bool = option("Replace the results in --out.", needs="out")
    table_format: TableFormat = option("Of the tables that are written.", "--format", default="csv")
    as_json: bool = json_flag("Print one JSON object instead of tables.")

    def _check(self) -> None:
        check_format(self.table_format)
        super()._check()

    def _tables(
        self, folder: OutputFolder, forecast: ForecastTable, scores: list[dict[str, Any]]
    ) -> dict[str, str]:
        """Write the forecast and the scores, and return their paths for the JSON object."""
        from gatework.forecast.scores import frame_of_rows

        kind = self.table_format
        told = tabled(forecast.rows(), kind, lambda: forecast.to_frame("pyarrow"))
        score = tabled(scores, kind, lambda: frame_of_rows(scores, "pyarrow"))
        return {
            "forecast_file": folder.write(f"forecast.{kind}", told),
            "scores_file": folder.write(f"scores.{kind}", score),
        }


SEARCHED = AnyOf(
    "a search",
    (
        *("each", "search", "budget", "trials", "exhaustive"),
        *("method", "model", "workers", "engine", "resume"),
    ),
)


class Pretrained(Options):
    """Which pretrained network forecasts, and whether it is tuned before."""

    network: str | None = option(
        "Forecast with the networks in FILE, as gatework pretrain writes them, instead of those "
        "that come with Gatework.",
        metavar="FILE",
    )
    tune: bool = option(
        "Tune the pretrained network to what is forecast; it serves only where it does better on "
        "the validation part by more than chance."
    )
    checkpoint: str | None = option(
        "Keep there what is done of the tuning; the same command goes on with it.",
        needs="tune",
        metavar="FOLDER",
    )


class SearchedForecast(Pretrained, Forecast):
    """What is searched, for how long, and where."""

    limits: ClassVar[dict[str, float | None]] = {"budget": 120.0}
    """Of a search that is not limited otherwise."""
    searching: ClassVar[tuple[str, ...]] = ("search", "budget", "trials", "exhaustive")
    """Options that ask for a search where no method is named, unless they are as by default."""

    search: bool = option(
        "Search for the parameters of networks that are fitted to the series alone; so do the "
        "options of the search by themselves."
    )
    budget: float | None = option(
        "Time for the search, such as 90s, 2m or 1h.  [default: 2m]", type=span, metavar="TIME"
    )
    trials: int | None = option(
        "Number of parameter settings to try; with it the same seed gives the same "
        "forecast on every machine.",
        least=1,
        metavar="N",
    )
    exhaustive: bool = option(
        "Try every point of the coarse grid, instead of --trials or --budget."
    )
    method: Literal["pretrained", "es-lstm", "recursive"] = option(
        "How the LSTM forecasts: trained on other series it weighs many exponential smoothers; so "
        "it does fitted to this series; or it goes on step by step from a window of the series "
        "(Wang et al. 2018).  [default: pretrained; es-lstm with a search]",
        default="pretrained",
        show_default=False,
    )
    model: Literal["lstm", "auto"] = option(
        "auto: the mean of the LSTM, Holt-Winters and a trailing mean, weighted nearly alike, and "
        "the more by their errors the more there are.",
        default="lstm",
    )
    workers: int | None = option(
        "Processes to search with.  [default: one for each processor]", least=1, metavar="N"
    )
    engine: Literal["local", "ray"] = option(
        "Where to search: in processes of this machine, or on a Ray cluster.", default="local"
    )
    address: str | None = option("Of the Ray cluster, with --engine ray.", metavar="HOST:PORT")
    resume: bool = option("Go on with the interrupted search in --out.")

    def _check(self) -> None:
        if self.method == "pretrained" and "method" in self.given:
            self.refuse(self._searching(), "does not go with --method pretrained")
        if self.network and self._is_searched():
            refuse("--network does not go with a search", "leave --network out, or the search")
        if self.tune and self._is_searched():
            refuse(
                "--tune does not go with a search or another --method, whose networks learn from "
                "the series alone",
                "leave --tune out, or the search",
            )
        if self.address and self.engine != "ray":
            refuse("--address goes with --engine ray", "leave --address out, or add --engine ray")
        if self.exhaustive and (self.trials or self.budget):
            refuse("--exhaustive excludes --trials and --budget")
        if self.resume and not self.out:
            refuse("--resume needs the folder of the interrupted search: --out FOLDER")
        if self.resume and self.overwrite:
            refuse("--resume and --overwrite exclude each other")
        super()._check()

    def _searched(self) -> dict[str, Any]:
        """Return the arguments of Forecaster."""
        kept = self.part(SearchedForecast)
        kept = {name: one for name, one in kept.items() if name not in (*RESULTS, "search")}
        if not self._is_searched():
            return kept
        given = self.trials or self.budget or self.exhaustive
        return kept if given else kept | self.limits

    def _searching(self) -> list[str]:
        """Return the options that ask for a search."""
        usual = (None, False, "lstm", "local")
        return [name for name in self.searching if getattr(self, name) not in usual]

    def _is_searched(self) -> bool:
        """Return whether networks are searched for."""
        return bool(self._searching()) or self.method != "pretrained"

    def _check_resumable(self, name: str, what: str) -> None:
        if self.resume and not (Path(str(self.out)) / name).is_file():
            raise InputFileError(
                f"{self.out} holds no interrupted {what} ({name}) to go on with",
                hint="leave --resume out to begin one there",
            )
