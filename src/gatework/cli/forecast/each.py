"""``gatework forecast --id-column --each``: a forecaster of its own for each of many series."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gatework.cli.folder import OutputFolder, choose_folder
from gatework.cli.forecast.one import limits
from gatework.cli.forecast.panel import FORECAST, SCORES, read, table_text
from gatework.errors import InputFileError
from gatework.forecast import forecast_each
from gatework.search import SearchInterrupted
from gatework.storage import atomic_write

RESULTS = "each.jsonl"

Lines = dict[str, dict[str, Any]]


def run(options: dict[str, Any]) -> None:
    """Carry out the command."""
    if options["resume"] and not (Path(options["out"]) / RESULTS).is_file():
        raise InputFileError(
            f"{options['out']} holds no interrupted run ({RESULTS}) to go on with",
            hint="leave --resume out to begin one there",
        )
    panel = read(options)
    folder = choose_folder(
        options["out"], "series", overwrite=options["overwrite"], resume=options["resume"]
    )
    trials, budget = limits(options)
    results = folder.file(RESULTS)
    if options["overwrite"]:
        results.unlink(missing_ok=True)
    try:
        with folder.withdrawn():
            lines = forecast_each(
                panel,
                results,
                engine=options["engine"],
                workers=options["workers"],
                address=options["address"],
                resume=options["resume"],
                progress=_progress() if sys.stderr.isatty() else None,
                horizon=options["horizon"],
                trials=trials,
                budget=budget,
                exhaustive=options["exhaustive"],
                seed=options["seed"],
                level=options["level"],
                method=options["method"],
                model=options["model"],
            )
    except KeyboardInterrupt:
        raise SearchInterrupted(
            f"interrupted; what is finished is kept in {results}",
            hint=f"the same command with --out {folder.path} --resume goes on",
        ) from None
    _write(lines, folder, options)


def _write(lines: Lines, folder: OutputFolder, options: dict[str, Any]) -> None:
    """Write the tables, print them, and end with 1 where a series could not be forecast."""
    atomic_write(folder.file(FORECAST), table_text(forecast_rows(lines)).encode())
    atomic_write(folder.file(SCORES), table_text(score_rows(lines)).encode())
    failed = {name: line["failed"] for name, line in lines.items() if "failed" in line}
    if options["as_json"]:
        paths = {"forecast_file": str(folder.file(FORECAST)), "results": str(folder.file(RESULTS))}
        rows = {"series": len(lines), "forecast": forecast_rows(lines), "failed": failed}
        click.echo(json.dumps(rows | paths))
    else:
        won = sum("result" in line and line["result"]["lstm_won"] for line in lines.values())
        done = len(lines) - len(failed)
        click.echo(f"{done} series forecast; the LSTM was best on the test part of {won} of them")
        click.echo(str(folder.file(FORECAST)))
    for name, why in failed.items():
        click.echo(f"series {name!r} failed: {why}", err=True)
    if failed:
        raise SystemExit(1)


def forecast_rows(lines: Lines) -> list[dict[str, Any]]:
    """Return a row for each series and period."""
    return [
        {"series": name} | point
        for name, line in lines.items()
        for point in line.get("result", {}).get("forecast", ())
    ]


def score_rows(lines: Lines) -> list[dict[str, Any]]:
    """Return a row for each series, model and number of steps ahead: RMSE on the test part."""
    return [
        {"series": name, "model": model, "steps": steps, "rmse": error}
        for name, line in lines.items()
        for model, by_steps in line.get("result", {}).get("scores", {}).items()
        for steps, error in by_steps.items()
    ]


def _progress() -> Callable[[int, int], None]:
    """Return what tells on the standard error how far it is."""

    def tell(done: int, total: int) -> None:
        end = "\n" if done == total else ""
        click.echo(f"\r{done} of {total} series", err=True, nl=False)
        click.echo(end, err=True, nl=False)

    return tell
