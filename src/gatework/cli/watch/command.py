"""``gatework watch``: its options. What it does is in gatework.cli.watch.run."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import click

from gatework.cli.options import argument, command_of, json_flag, option, refuse
from gatework.cli.table import NumberOptions, RowOptions

Alarm = Literal["outside", "drift", "missing", "gap", "stuck", "bad", "order", "source"]


class Watching(NumberOptions, RowOptions):
    """Watch values as they come, each against the forecast made for it.

    MODEL is the model.safetensors of gatework forecast. Values come from the standard input, or
    from FILE as it grows: bare numbers, CSV with a header, or JSON, one a line. After each row a
    line tells its period, its value, the forecast that had been made for it, the next forecast,
    and alarms with their reasons. Ctrl-C ends it.

    \b
    gatework watch out/model.safetensors sensor.csv --state watch.state --json
    tail -n +1 -F sensor.csv | gatework watch out/model.safetensors
    """  # noqa: D301

    model: str = argument()
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
    false_alarms: float | None = option(
        "Rows from one false alarm of drift to the next, on average, and of a stuck sensor.  "
        "[default: 1000]",
        type=click.FloatRange(10, 1e9),
        metavar="ROWS",
    )

    @property
    def path(self) -> Path | None:
        """The file that is watched; None for the standard input."""
        return None

    @property
    def follow(self) -> bool:
        """Whether more may come after the end."""
        return True

    def _check(self) -> None:
        known = {Path(self.model), self.path}
        for name, path in (("--state", self.state), ("--out", self.out)):
            if path and Path(path) in known:
                refuse(f"{name} must be a file of its own")
            known.add(Path(path or ""))

    def _run(self) -> None:
        # Loaded when it runs: it needs torch, and in turn these options.
        from gatework.cli.watch.run import run

        run(self)


class OfInput(Watching):
    """Values from the standard input."""

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

    file: str | None = argument()
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
