"""``gatework forecast --id-column``: one network for many series, from table to files."""

from __future__ import annotations

import csv
import io
import json
import sys
from typing import Any

import click

from gatework.cli.folder import choose_folder
from gatework.forecast import (
    GlobalForecaster,
    Panel,
    PanelForecast,
    count_events_of_many,
    read_panel,
)
from gatework.forecast.baselines import compare
from gatework.forecast.panel.backtest import Backtest
from gatework.storage import atomic_write

MODEL, FORECAST, SCORES = "model.safetensors", "forecast.csv", "scores.csv"
REPORT = "report.html"
LSTM = "LSTM"


def run(options: dict[str, Any]) -> None:
    """Carry out ``gatework forecast`` for many series."""
    panel = read(options)
    forecaster = GlobalForecaster(
        horizon=options["horizon"],
        members=options["members"],
        epochs=options["epochs"],
        levels=(options["level"],),
        seed=options["seed"],
        progress=progress(),
    )
    panel = forecaster.check(panel)
    folder = choose_folder(options["out"], "series", overwrite=options["overwrite"], resume=False)
    with folder.withdrawn():
        found = forecaster.fit(panel).predict()
    from gatework.files import save
    from gatework.look import panel_report

    scores = compare(panel, forecaster.held_out_).backtests
    save(forecaster, folder.file(MODEL), overwrite=True)
    atomic_write(folder.file(FORECAST), table_text(found.rows()).encode())
    atomic_write(folder.file(SCORES), table_text(score_rows(scores)).encode())
    report = panel_report(
        panel, found, scores, level=options["level"], language=options["language"]
    )
    atomic_write(folder.file(REPORT), report.encode())
    paths = {
        "report": str(folder.file(REPORT)),
        "model": str(folder.file(MODEL)),
        "forecast_file": str(folder.file(FORECAST)),
        "scores_file": str(folder.file(SCORES)),
    }
    if options["as_json"]:
        rows = {"series": len(panel), "forecast": found.rows(), "scores": by_steps(scores)}
        click.echo(json.dumps(rows | paths))
        return
    show_forecast(found, options["level"])
    show_scores(scores, "scores on the last fifth of every series, by networks without it")
    for note in panel.notes:
        click.echo(f"note: {note}")
    click.echo(paths["forecast_file"])
    click.echo(paths["report"])


def read(options: dict[str, Any]) -> Panel:
    """Return the panel that the options name."""
    if options.get("events"):
        return count_events_of_many(
            options["file"],
            id_column=options["id_column"],
            date_column=options["events"],
            period=options["period"],
        )
    return read_panel(
        options["file"],
        id_column=options["id_column"],
        time_column=options["time_column"],
        column=options["column"],
        past=options["past"],
        future=options["future"],
        static=options["static"],
        calendar=options["calendar"],
        missing=options["missing"] or "mask",
        allow_negative=options["allow_negative"],
    )


def progress() -> Any:
    """Return a bar for the standard error, or None where it is no terminal."""
    from gatework.train import RichProgress

    return RichProgress() if sys.stderr.isatty() else None


Scores = dict[str, Backtest]


def by_steps(scores: Scores) -> dict[str, dict[int, dict[str, float]]]:
    """Return every measure by model and steps ahead."""
    return {name: one.scores() for name, one in scores.items()}


def score_rows(scores: Scores) -> list[dict[str, Any]]:
    """Return a row for each model and number of steps ahead."""
    return [
        {"model": name, "steps": steps} | measures
        for name, found in by_steps(scores).items()
        for steps, measures in found.items()
    ]


def show_scores(scores: Scores, title: str) -> None:
    """Print RMSE and mean absolute scaled errors of every model, and which was best where."""
    from gatework.cli.tables import console, measures_table

    found = by_steps(scores)
    console().print(measures_table(found, title))
    for steps in found[LSTM]:
        errors = {name: one[steps]["rmse"] for name, one in found.items()}
        click.echo(sentence(steps, errors))


def sentence(steps: int, errors: dict[str, float]) -> str:
    """Return in words whether the LSTM has the least error at a number of steps ahead.

    Example:
        >>> sentence(2, {"LSTM": 5.0, "last value": 4.0})
        "2 steps ahead: last value was better (RMSE 4; the LSTM's is 5, 25% more)"
    """
    ahead = f"{steps} step{'s' if steps > 1 else ''} ahead"
    ours, best = errors[LSTM], min(errors, key=lambda name: errors[name])
    least = errors[best]
    if ours <= least:
        return f"{ahead}: the LSTM won (RMSE {ours:.4g})"
    more = f", {ours / least - 1:.0%} more" if least > 0 else ""
    return f"{ahead}: {best} was better (RMSE {least:.4g}; the LSTM's is {ours:.4g}{more})"


def show_forecast(found: PanelForecast, level: float) -> None:
    """Print the first of the forecasts."""
    from gatework.cli.tables import console, panel_table

    console().print(panel_table(found, level))


def table_text(rows: list[dict[str, Any]]) -> str:
    """Return rows as CSV; a cell that a row lacks is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: repr(float(v)) if isinstance(v, float) else v for name, v in row.items()}
        for row in rows
    )
    return text.getvalue()
