"""``gatework watch``: its options. What it does is in gatework.cli.watch.run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, ClassVar, Literal

import click
from click.core import ParameterSource

from gatework.cli.options import INSIDE, argument, command_of, json_flag, option, refuse
from gatework.cli.table import NumberOptions, RowOptions
from gatework.storage.reading import open_to_read

Alarm = Literal["outside", "drift", "missing", "gap", "stuck", "bad", "order", "source"]
OF_NO_MODEL = ("network", "level", "frequency", "timezone")
"""Options that say what a model keeps."""


def _table_first(context: click.Context, file: click.Parameter, typed: str | None) -> str | None:
    """Take what is typed first for FILE where it stands alone and is no model."""
    first = context.params.get("model")
    if typed or not first or is_model(first):
        return typed
    context.params["model"] = None
    context.set_parameter_source("model", ParameterSource.DEFAULT)
    context.set_parameter_source("file", ParameterSource.COMMANDLINE)
    return first


def is_model(path: str) -> bool:
    """Return whether a file is a model, by what it holds, or by its name where it is damaged."""
    try:
        with open_to_read(path) as (file, _):
            return path.endswith(".safetensors") or file.read(23).endswith(b'{"__metadata__"')
    except OSError:
        return path.endswith(".safetensors")


class Watching(NumberOptions, RowOptions):
    """Watch values as they come, each against the forecast made for it.

    Values come from the standard input, or from FILE as it grows: bare numbers, CSV with a header,
    or JSON, one a line. The network that comes with Gatework forecasts a new series from its first
    value on; MODEL, the model.safetensors of gatework forecast, goes on with the one that it was
    made for. After each row a line tells its period, its value, the forecast that had been made for
    it, the next forecast, and alarms with their reasons. Ctrl-C ends it.

    \b
    gatework watch sensor.csv --state watch.state --json
    gatework watch out/model.safetensors sensor.csv
    tail -n +1 -F sensor.csv | gatework watch
    """  # noqa: D301

    model: str | None = argument()
    column: str | None = option("Column of the values; not needed where there is only one.")
    time_column: str | None = option("Column of the periods; found where it can be.")
    as_json: bool = json_flag("Print one JSON object a row.")
    state: str | None = option(
        "File that holds the state after each row; where it is there already, go on from it.",
        metavar="STATE",
    )
    out: str | None = option(
        "Add the lines to this file instead of printing them.  It is kept consistent with --state.",
        metavar="OUT",
    )
    save_every: int | None = option(
        "Rows from one state to the next; more is faster on a backlog.  [default: 1]",
        needs="state",
        type=click.IntRange(1, 1_000_000),
        metavar="ROWS",
    )
    fail_on_alarm: bool = option("Exit with 1 when there was an alarm.")
    ignore: tuple[Alarm, ...] = option("Give no alarms of this kind; may be repeated.")
    strict: bool = option("Stop at a row that cannot be read.")
    allow_negative: bool = option("Values may be negative, though none was as yet.")
    network: str | None = option(
        "Without MODEL: file of gatework pretrain, whose networks forecast.", metavar="NETWORK"
    )
    level: float | None = option(
        "Without MODEL: share of values that the interval shall hold.  [default: 0.9]", type=INSIDE
    )
    frequency: str | None = option(
        "Without MODEL: of the periods, such as D, W-MON or MS; found by the first three.",
        metavar="ALIAS",
    )
    timezone: str | None = option(
        "Without MODEL: of times without an offset, such as Europe/Berlin.", metavar="NAME"
    )
    false_alarms: float | None = option(
        "Rows from one false alarm of drift to the next, on average, and of a stuck sensor.  "
        "[default: 1000]",
        type=click.FloatRange(10, 1e9),
        metavar="ROWS",
    )

    past: tuple[str, ...] = option("Refused: a model has learned of it.", hidden=True)
    future: tuple[str, ...] = option("Refused: a model has learned of it.", hidden=True)
    calendar: tuple[str, ...] = option("Refused: a model has learned of it.", hidden=True)

    @property
    def path(self) -> Path | None:
        """The file that is watched; None for the standard input."""
        return None

    @property
    def network_called(self) -> str:
        """What forecasts, in words."""
        return self.model or self.network or "the network that comes with Gatework"

    @property
    def follow(self) -> bool:
        """Whether more may come after the end."""
        return True

    def _said(self) -> dict[str, Any]:
        own = {"frequency": self.frequency, "zone": self.timezone}
        return super()._said() | ({} if self.model else own)

    def _check(self) -> None:
        asked = {"past": self.past, "future": self.future, "calendar": self.calendar}
        for name, columns in asked.items():
            if columns:
                said = "of the model, which keeps it" if self.model else "of a model"
                refuse(
                    f"--{name} is {said}: the effect of covariates is learned from a table",
                    f"gatework forecast HISTORY --{name} NAME --out out, then gatework watch "
                    "out/model.safetensors FILE, whose rows have the column",
                )
        if self.model is not None:
            self.refuse(OF_NO_MODEL, "does not go with MODEL, which keeps its own")
        known = {Path(self.model or ""), self.path, Path(self.network or "")} - {Path()}
        for name, path in (("--state", self.state), ("--out", self.out)):
            if path and Path(path) in known:
                refuse(f"{name} must be a file of its own")
            known.update([Path(path)] if path else [])

    def _run(self) -> None:
        # Loaded when it runs: it needs in turn these options.
        from gatework.cli.watch.run import run

        run(self)


class OfInput(Watching):
    """Values from the standard input."""

    def _check(self) -> None:
        super()._check()
        if self.model is None and sys.stdin is not None and sys.stdin.isatty():
            refuse("FILE is missing, and nothing is piped in", "gatework watch new.csv")

    replay: bool = option(
        "The standard input begins again with the rows that --state knows: leave them out.",
        needs="state",
    )


class OfFile(Watching):
    """Values from a file as it grows."""

    marks = ("file",)
    because: ClassVar = {
        "replay": "--replay is for the standard input; FILE is taken up where the state left it"
    }

    file: str | None = argument(callback=_table_first)
    no_follow: bool = option("Stop at the end of FILE.")
    new_file: bool = option(
        "FILE is another one than --state knows: read it from its beginning.", needs="state"
    )

    @property
    def path(self) -> Path | None:
        """The file that is watched."""
        return Path(str(self.file))

    @property
    def follow(self) -> bool:
        """Whether to wait for more at the end of the file."""
        return not self.no_follow


command = command_of(OfInput, OfFile, told=Watching)
