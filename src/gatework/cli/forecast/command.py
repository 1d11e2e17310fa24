"""``gatework forecast``: its options. What it does is in gatework.cli.forecast.one."""

from __future__ import annotations

from typing import Any

import click

from gatework.cli.budget import Span
from gatework.demo import series


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file", required=False)
@click.option("--column", help="Column of the numbers; not needed where there is only one.")
@click.option("--time-column", help="Column of the dates; found by itself where it can be.")
@click.option(
    "--id-column",
    help="Column that tells many series apart, one row for each series and period; they share "
    "one network.",
)
@click.option("--past", multiple=True, metavar="COLUMN", help="Known by the end of its period.")
@click.option("--future", multiple=True, metavar="COLUMN", help="Known in advance.")
@click.option("--static", multiple=True, metavar="COLUMN", help="Says one thing about a series.")
@click.option(
    "--calendar",
    multiple=True,
    type=click.Choice(["month", "quarter", "week", "day", "weekday", "hour"]),
    help="Feature of the calendar to add. These four may be repeated; --static needs --id-column.",
)
@click.option(
    "--horizon",
    type=click.IntRange(1, 10_000),
    default=12,
    show_default=True,
    help="Periods to forecast.",
)
@click.option(
    "--each",
    is_flag=True,
    help="With --id-column: a forecaster of its own for each series instead of one network.",
)
@click.option(
    "--events",
    metavar="DATE_COLUMN",
    help="The file has one row an event, dated in this column; count them.",
)
@click.option(
    "--period",
    type=click.Choice(["hour", "day", "week", "month", "quarter", "year"]),
    help="Period by which --events counts.",
)
@click.option(
    "--missing",
    type=click.Choice(["interpolate", "zero", "previous", "mean"]),
    help="Fill missing values like this; without it they are an error.",
)
@click.option(
    "--allow-negative",
    is_flag=True,
    help="Negative whole numbers are no mistake: the series is not one of counts.",
)
@click.option(
    "--budget",
    type=Span(),
    metavar="TIME",
    help="Time for the search, such as 90s, 2m or 1h.  [default: 2m]",
)
@click.option(
    "--trials",
    type=click.IntRange(1),
    metavar="N",
    help="Number of parameter settings to try; with it the same seed gives the same "
    "forecast on every machine.",
)
@click.option(
    "--exhaustive",
    is_flag=True,
    help="Try every point of the coarse grid, instead of --trials or --budget.",
)
@click.option(
    "--members",
    type=click.IntRange(1, 64),
    default=3,
    show_default=True,
    help="With --id-column: networks that are averaged.",
)
@click.option(
    "--epochs",
    type=click.IntRange(1),
    help="With --id-column: passes over all series.  [default: about 180 steps]",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    default=0,
    show_default=True,
    help="Seed of everything random.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of outcomes that the interval shall hold.",
)
@click.option(
    "--method",
    type=click.Choice(["es-lstm", "recursive"]),
    default="es-lstm",
    show_default=True,
    help="How the LSTM forecasts: it weighs many exponential smoothers, or goes on step by step "
    "from a window of the series (Wang et al. 2018).",
)
@click.option(
    "--model",
    type=click.Choice(["lstm", "auto"]),
    default="lstm",
    show_default=True,
    help="auto: at each step ahead what did best before the test part, the LSTM, a classical "
    "model, or their weighted mean.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    metavar="N",
    help="Processes to search with.  [default: one for each processor]",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where to search: in processes of this machine, or on a Ray cluster.",
)
@click.option("--address", metavar="HOST:PORT", help="Of the Ray cluster, with --engine ray.")
@click.option(
    "--out", metavar="FOLDER", help="Folder for the results.  [default: a new one, gatework-SERIES]"
)
@click.option("--overwrite", is_flag=True, help="Replace the results in --out.")
@click.option("--resume", is_flag=True, help="Go on with the interrupted search in --out.")
@click.option(
    "--format",
    "table_format",
    type=click.Choice(["csv", "json"]),
    default="csv",
    show_default=True,
    help="Format of the forecast's file.",
)
@click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Of the report.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@click.option(
    "--demo",
    is_flag=True,
    help="Forecast a series that ships with Gatework: failures of a supercomputer.",
)
@click.option(
    "--system", type=click.Choice(series.SYSTEMS), help="Which of them.  [default: system_18]"
)
def command(**options: Any) -> None:
    """Forecast the next values of the series in FILE, a CSV or Parquet table.

    One row a period, or one row an event with --events. An LSTM is fitted with the best
    parameters that a layered grid search finds, and stands beside simple and classical models on
    the last fifth of the series, which neither has seen.

    \b
    gatework forecast failures.csv --column faults --horizon 12
    gatework forecast log.csv --events date --period month --json
    gatework forecast log.csv --events date --period month --id-column unit
    gatework forecast sales.csv --id-column shop --time-column month --column sales
    gatework forecast sales.csv --id-column shop --time-column month --column sales --each
    gatework forecast --demo
    """  # noqa: D301
    _check(options)
    if options["each"]:
        from gatework.cli.forecast.each import run
    elif with_one_network(options):
        from gatework.cli.forecast.panel import run
    else:
        from gatework.cli.forecast.one import run

    run(options)


def with_one_network(options: dict[str, Any]) -> bool:
    """Return whether one network is trained without a search: for many series, or covariates."""
    covariates = options["past"] or options["future"] or options["calendar"]
    return bool(options["id_column"] or covariates)


def _check(options: dict[str, Any]) -> None:
    def refuse(message: str) -> None:
        raise click.UsageError(message)

    if options["demo"] and options["file"]:
        refuse("--demo brings its own series; leave FILE out, or leave --demo out")
    if not options["demo"] and not options["file"]:
        refuse("FILE is missing; name a CSV or Parquet file, or pass --demo")
    if options["system"] and not options["demo"]:
        refuse("--system goes with --demo")
    if bool(options["events"]) != bool(options["period"]):
        refuse("--events and --period go together: --events DATE_COLUMN --period month")
    if options["events"]:
        for name in ("column", "time_column", "missing", "allow_negative"):
            if options[name]:
                refuse(f"--{name.replace('_', '-')} does not go with --events")
    if options["demo"]:
        for name in ("column", "time_column", "events", "missing", "allow_negative"):
            if options[name]:
                refuse(f"--{name.replace('_', '-')} does not go with --demo")
    many = with_one_network(options)
    for name in ("static", "each"):
        if options[name] and not options["id_column"]:
            refuse(f"--{name} goes with --id-column")
    if options["epochs"] and not many:
        refuse("--epochs goes with --id-column or with covariates")
    for name in ("past", "future", "static", "calendar", "epochs"):
        if options[name] and options["each"]:
            refuse(f"--{name} does not go with --each")
    if many:
        if not options["events"] and not (options["time_column"] and options["column"]):
            what = "--id-column needs" if options["id_column"] else "covariates need"
            refuse(f"{what} --time-column and --column, too; or --events")
        for name in ("past", "future", "static", "calendar"):
            if options[name] and options["events"]:
                refuse(f"--{name} does not go with --events")
        searched = ("trials", "budget", "exhaustive", "workers", "resume")
        for name in ("demo", *(() if options["each"] else searched)):
            if options[name]:
                also = " without --each" if name in searched and options["id_column"] else ""
                what = "--id-column" if options["id_column"] else "covariates"
                refuse(f"--{name} does not go with {what}{also}")
        chosen = options["model"] != "lstm" or options["method"] != "es-lstm"
        if not options["each"] and (chosen or options["engine"] != "local"):
            refuse(
                "--method, --model and --engine do not go with --id-column without --each, "
                "nor with covariates"
            )
    if options["address"] and options["engine"] != "ray":
        refuse("--address goes with --engine ray")
    if options["exhaustive"] and (options["trials"] or options["budget"]):
        refuse("--exhaustive excludes --trials and --budget")
    if options["resume"] and not options["out"]:
        refuse("--resume needs the folder of the interrupted search: --out FOLDER")
    if options["resume"] and options["overwrite"]:
        refuse("--resume and --overwrite exclude each other")
