"""What ``gatework forecast`` does: read, search, fit, write the results, print them."""

from __future__ import annotations

import csv
import io
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from gatework.cli.folder import OutputFolder, choose_folder
from gatework.cli.search.origin import LEDGER, origin_of
from gatework.demo import series
from gatework.errors import InputFileError
from gatework.forecast import Forecaster, ForecastResult, Series, count_events, read_series
from gatework.search import RichProgress, SearchInterrupted
from gatework.storage import atomic_write

MODEL, REPORT, SCORES = "model.safetensors", "report.html", "scores.csv"


class SearchThenFit(RichProgress):
    """The bar of the search, and a word on what takes its time after it."""

    def stop(self) -> None:
        """Leave the bar as it is, and say what follows unless the search was broken off."""
        super().stop()
        if sys.exc_info()[0] is None:
            click.echo("fitting networks with the best parameters, and the baselines", err=True)


def run(options: dict[str, Any]) -> None:
    """Carry out the command with its checked options."""
    if options["resume"] and not (Path(options["out"]) / LEDGER).is_file():
        raise InputFileError(
            f"{options['out']} holds no interrupted search ({LEDGER}) to go on with",
            hint="leave --resume out to begin one there",
        )
    series = read(options)
    trials, budget = limits(options)
    forecaster = Forecaster(
        horizon=options["horizon"],
        trials=trials,
        budget=budget,
        exhaustive=options["exhaustive"],
        seed=options["seed"],
        level=options["level"],
        method=options["method"],
        model=options["model"],
        workers=options["workers"],
        engine=options["engine"],
        address=options["address"],
        progress=SearchThenFit() if sys.stderr.isatty() else None,
    )
    forecaster.check(series)
    if options["exhaustive"]:
        points = forecaster.grid_size(series)
        click.echo(f"exhaustive search: {points} points, three networks each", err=True)
    folder = choose_folder(
        options["out"], series.name, overwrite=options["overwrite"], resume=options["resume"]
    )
    ledger = folder.file(LEDGER)
    if options["overwrite"]:
        ledger.unlink(missing_ok=True)
    forecaster.set_params(
        ledger=ledger,
        resume=options["resume"] and ledger.exists(),
        origin=origin_of(options, folder.path),
    )
    try:
        with folder.withdrawn():
            forecaster.fit(series)
    except SearchInterrupted as error:
        raise SearchInterrupted(error.message, hint=_resume_command(folder)) from error
    except KeyboardInterrupt:
        raise SearchInterrupted(
            f"interrupted after the search, which is kept in {ledger}",
            hint=_resume_command(folder),
        ) from None
    paths = write(forecaster, folder, options["table_format"], options["language"])
    if options["as_json"]:
        click.echo(json.dumps(forecaster.result_.to_json() | paths, allow_nan=False))
    else:
        from gatework.cli.forecast.output import show

        show(forecaster.result_)
        click.echo(paths["report"])


def read(options: dict[str, Any]) -> Series:
    """Return the series that the options name."""
    if options["demo"]:
        return series.demo_series(options["system"] or series.SYSTEM)
    if options["events"]:
        return count_events(
            options["file"], date_column=options["events"], period=options["period"]
        )
    return read_series(
        options["file"],
        column=options["column"],
        time_column=options["time_column"],
        missing=options["missing"] or "error",
        allow_negative=options["allow_negative"],
    )


def limits(options: dict[str, Any]) -> tuple[int | None, float | None]:
    """Return the number of trials and the seconds that the search may take."""
    trials, budget = options["trials"], options["budget"]
    if trials is None and budget is None and not options["exhaustive"]:
        return (series.TRIALS, None) if options["demo"] else (None, 120.0)
    return trials, budget


def write(
    forecaster: Forecaster, folder: OutputFolder, table_format: str, language: str
) -> dict[str, str]:
    """Write model, tables and report, and return their paths for the JSON object."""
    from gatework.files import save
    from gatework.look import forecast_report

    result = forecaster.result_
    save(forecaster, folder.file(MODEL), overwrite=True)
    forecast = folder.file(f"forecast.{table_format}")
    text = forecast_csv(result) if table_format == "csv" else json.dumps(result.to_json())
    atomic_write(forecast, text.encode())
    atomic_write(folder.file(SCORES), scores_csv(result).encode())
    report = forecast_report(result, forecaster.examine(), language=language)
    atomic_write(folder.file(REPORT), report.encode())
    return {
        "report": str(folder.file(REPORT)),
        "model": str(folder.file(MODEL)),
        "forecast_file": str(forecast),
        "ledger": str(folder.file(LEDGER)),
    }


def forecast_csv(result: ForecastResult) -> str:
    """Return the forecast as CSV: period, value, lower, upper."""
    rows = [(p.period, repr(p.value), repr(p.lower), repr(p.upper)) for p in result.forecast]
    return _csv([("period", "value", "lower", "upper"), *rows])


def scores_csv(result: ForecastResult) -> str:
    """Return the scores as CSV: model, steps ahead, RMSE, MAE."""
    rows = [
        (model, steps, repr(score.rmse), repr(score.mae))
        for model, by_steps in result.scores.items()
        for steps, score in by_steps.items()
    ]
    return _csv([("model", "steps", "rmse", "mae"), *rows])


def _csv(rows: list[tuple[Any, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _resume_command(folder: OutputFolder) -> str:
    words = [word for word in sys.argv[1:] if word not in ("--resume", "--overwrite")]
    if not any(word == "--out" or word.startswith("--out=") for word in words):
        words += ["--out", str(folder.path)]
    return shlex.join([Path(sys.argv[0]).name, *words, "--resume"])
