"""``gatework watch``: its options. What it does is in gatework.cli.watch.run."""

from __future__ import annotations

from typing import Any

import click

KINDS = ("outside", "drift", "missing", "gap", "stuck", "bad", "order", "source")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("model")
@click.argument("file", required=False)
@click.option("--column", help="Column of the values; not needed where there is only one.")
@click.option("--time-column", help="Column of the periods; found by its name where it can be.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a row.")
@click.option(
    "--state",
    metavar="STATE",
    help="File that holds the state after each row; where it is there already, go on from it.",
)
@click.option(
    "--out", metavar="OUT", help="Add the lines to this file instead of printing them.  "
    "It is kept consistent with --state."
)  # fmt: skip
@click.option(
    "--save-every",
    type=click.IntRange(1, 1_000_000),
    metavar="ROWS",
    help="Rows from one state to the next; more is faster on a backlog.  [default: 1]",
)
@click.option("--no-follow", is_flag=True, help="Stop at the end of FILE.")
@click.option("--fail-on-alarm", is_flag=True, help="Exit with 1 when there was an alarm.")
@click.option(
    "--ignore",
    multiple=True,
    type=click.Choice(KINDS),
    help="Give no alarms of this kind; may be repeated.",
)
@click.option("--strict", is_flag=True, help="Stop at a row that cannot be read.")
@click.option(
    "--false-alarms",
    type=click.FloatRange(10, 1e9),
    metavar="ROWS",
    help="Rows from one false alarm of drift to the next, on average, and of a stuck sensor.  "
    "[default: 1000]",
)
@click.option(
    "--replay",
    is_flag=True,
    help="The standard input begins again with the rows that --state knows: leave them out.",
)
@click.option(
    "--new-file",
    is_flag=True,
    help="FILE is another one than --state knows: read it from its beginning.",
)
def command(**options: Any) -> None:
    """Watch values as they come, each against the forecast made for it.

    MODEL is the model.safetensors of gatework forecast. Values come from the standard input, or
    from FILE as it grows: bare numbers, CSV with a header, or JSON, one a line. After each row a
    line tells its period, its value, the forecast that had been made for it, the next forecast,
    and alarms with their reasons. Ctrl-C ends it.

    \b
    gatework watch out/model.safetensors sensor.csv --state watch.state --json
    tail -n +1 -F sensor.csv | gatework watch out/model.safetensors
    """  # noqa: D301
    _check(options)
    from gatework.cli.watch.run import run

    run(options)


def _check(options: dict[str, Any]) -> None:
    def refuse(message: str) -> None:
        raise click.UsageError(message)

    for name in ("replay", "new_file", "save_every"):
        if options[name] and not options["state"]:
            refuse(f"--{name.replace('_', '-')} goes with --state STATE")
    if options["replay"] and options["file"]:
        refuse("--replay is for the standard input; FILE is taken up where the state left it")
    for name in ("new_file", "no_follow"):
        if options[name] and not options["file"]:
            refuse(f"--{name.replace('_', '-')} goes with FILE")
    if options["state"] and options["state"] in (options["model"], options["file"]):
        refuse("--state must be a file of its own")
    if options["out"] and options["out"] in (options["model"], options["file"], options["state"]):
        refuse("--out must be a file of its own")
