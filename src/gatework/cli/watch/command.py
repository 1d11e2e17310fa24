"""``gatework watch``: its options. What it does is in gatework.cli.watch.run."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import click

from gatework.cli.options import Options, argument, json_flag, option, refuse, taking

KINDS = ("outside", "drift", "missing", "gap", "stuck", "bad", "order", "source")


class Watching(Options):
    """The options of a watch, wherever its values come from."""

    model: str = argument()
    column: str | None = option(help="Column of the values; not needed where there is only one.")
    time_column: str | None = option(
        help="Column of the periods; found by its name where it can be."
    )
    as_json: bool = json_flag("Print one JSON object a row.")
    state: str | None = option(
        metavar="STATE",
        help="File that holds the state after each row; where it is there already, go on from it.",
    )
    out: str | None = option(
        metavar="OUT",
        help="Add the lines to this file instead of printing them.  "
        "It is kept consistent with --state.",
    )
    save_every: int | None = option(
        needs="state",
        type=click.IntRange(1, 1_000_000),
        metavar="ROWS",
        help="Rows from one state to the next; more is faster on a backlog.  [default: 1]",
    )
    fail_on_alarm: bool = option(help="Exit with 1 when there was an alarm.")
    ignore: tuple[str, ...] = option(
        multiple=True,
        type=click.Choice(KINDS),
        help="Give no alarms of this kind; may be repeated.",
    )
    strict: bool = option(help="Stop at a row that cannot be read.")
    false_alarms: float | None = option(
        type=click.FloatRange(10, 1e9),
        metavar="ROWS",
        help="Rows from one false alarm of drift to the next, on average, and of a stuck sensor.  "
        "[default: 1000]",
    )

    @property
    def path(self) -> Path | None:
        """The file that is watched; None for the standard input."""
        return None

    @property
    def follow(self) -> bool:
        """Whether more may come after the end."""
        return True

    def check(self) -> None:
        """Refuse files that are one and the same."""
        known = {Path(self.model), self.path}
        for name, path in (("--state", self.state), ("--out", self.out)):
            if path and Path(path) in known:
                refuse(f"{name} must be a file of its own")
            known.add(Path(path or ""))


class OfInput(Watching):
    """Values from the standard input."""

    replay: bool = option(
        needs="state",
        help="The standard input begins again with the rows that --state knows: leave them out.",
    )


class OfFile(Watching):
    """Values from a file as it grows."""

    marks = ("file",)
    because: ClassVar = {
        "replay": "--replay is for the standard input; FILE is taken up where the state left it"
    }

    file: str = argument(required=False)
    no_follow: bool = option(help="Stop at the end of FILE.")
    new_file: bool = option(
        needs="state",
        help="FILE is another one than --state knows: read it from its beginning.",
    )

    @property
    def path(self) -> Path | None:
        """The file that is watched."""
        return Path(self.file)

    @property
    def follow(self) -> bool:
        """Whether to wait for more at the end of the file."""
        return not self.no_follow


@taking(OfInput, OfFile)
def command(options: Watching) -> None:
    """Watch values as they come, each against the forecast made for it.

    MODEL is the model.safetensors of gatework forecast. Values come from the standard input, or
    from FILE as it grows: bare numbers, CSV with a header, or JSON, one a line. After each row a
    line tells its period, its value, the forecast that had been made for it, the next forecast,
    and alarms with their reasons. Ctrl-C ends it.

    \b
    gatework watch out/model.safetensors sensor.csv --state watch.state --json
    tail -n +1 -F sensor.csv | gatework watch out/model.safetensors
    """  # noqa: D301
    from gatework.cli.watch.run import run

    run(options)
