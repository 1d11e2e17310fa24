"""``gatework backtest``: what would have been forecast, from every origin of the last part."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("file")
@click.option("--column", required=True, help="Column of the numbers.")
@click.option("--time-column", required=True, help="Column of the dates, or of whole numbers.")
@click.option("--id-column", help="Column that tells many series apart.")
@click.option("--past", multiple=True, metavar="COLUMN", help="Known by the end of its period.")
@click.option("--future", multiple=True, metavar="COLUMN", help="Known in advance.")
@click.option("--static", multiple=True, metavar="COLUMN", help="Says one thing about a series.")
@click.option(
    "--calendar",
    multiple=True,
    type=click.Choice(["month", "quarter", "week", "day", "weekday", "hour"]),
    help="Feature of the calendar to add.",
)
@click.option(
    "--missing",
    type=click.Choice(["mask", "error", "interpolate", "zero", "previous", "mean"]),
    default="mask",
    show_default=True,
    help="What becomes of missing values.",
)
@click.option("--allow-negative", is_flag=True, help="Negative whole numbers are no mistake.")
@click.option(
    "--horizon",
    type=click.IntRange(1, 10_000),
    default=12,
    show_default=True,
    help="Periods to forecast from each origin.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 0.9, min_open=True),
    default=0.2,
    show_default=True,
    help="Share of each series, its last part, to forecast.",
)
@click.option(
    "--refit-every", type=click.IntRange(1), metavar="N", help="Train anew after N periods."
)
@click.option("--members", type=click.IntRange(1, 64), default=3, show_default=True)
@click.option("--epochs", type=click.IntRange(1), help="[default: about 180 steps]")
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Share of outcomes that intervals shall hold.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=0, show_default=True)
@click.option("--out", metavar="FILE", help="Write the scores there, as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def command(**options: Any) -> None:
    """Forecast the last part of the series in FILE from every period in it, and score that.

    The networks know what comes before that part, and at each origin everything before the
    origin. Simple models are scored beside them on the same outcomes.

    \b
    gatework backtest failures.csv --time-column month --column faults
    gatework backtest sales.csv --id-column shop --time-column month --column sales --json

    Exit code 0: the LSTM has the least RMSE at most steps ahead. 1: it has not.
    """  # noqa: D301
    from gatework.cli import tables
    from gatework.cli.folder import check_files
    from gatework.cli.forecast import panel as many
    from gatework.forecast import GlobalForecaster
    from gatework.forecast.baselines import compare
    from gatework.forecast.panel.backtest import last_share
    from gatework.storage import atomic_write

    written, taken = {"--out": options["out"]}, {"FILE": options["file"]}
    check_files(written, taken, overwrite=False, replaceable=False)
    panel = many.read(options)
    level = options["level"]
    forecaster = GlobalForecaster(
        horizon=options["horizon"],
        members=options["members"],
        epochs=options["epochs"],
        levels=(level,),
        seed=options["seed"],
        progress=many.progress(),
    )
    starts = last_share(panel.lengths, options["share"])
    ours = forecaster.backtest(panel, starts, refit_every=options["refit_every"])
    scores = compare(panel, ours).backtests
    if options["out"]:
        rows = many.table_text(many.score_rows(scores))
        atomic_write(options["out"], rows.encode(), overwrite=False)
    found = many.by_steps(scores)
    won = [
        steps
        for steps, mine in found[many.LSTM].items()
        if all(mine["rmse"] <= other[steps]["rmse"] for other in found.values())
    ]
    if options["as_json"]:
        result = {"series": len(panel), "origins": ours.forecasts.shape[1], "scores": found}
        click.echo(json.dumps(result | {"lstm_won_at": won}))
    else:
        many.show_scores(scores, f"the last {options['share']:.0%} of {len(panel)} series")
        tables.console().print(tables.coverage_table(found[many.LSTM], level))
    if 2 * len(won) <= len(found[many.LSTM]):
        raise SystemExit(1)
