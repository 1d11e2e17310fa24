"""``gatework search``: what the ledger of a search holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gatework.cli.budget import Span

if TYPE_CHECKING:
    from gatework.search import Candidate, Trial


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Read the ledger of a search, also while it runs or after it was cut off; go on with it.

    \b
    gatework search table gatework-faults/search.sqlite --best 10
    gatework search best gatework-faults/search.sqlite
    gatework search plot gatework-faults/search.sqlite --out search.html
    gatework search resume gatework-faults/search.sqlite --trials 60
    """  # noqa: D301


@command.command()
@click.argument("ledger", type=click.Path(path_type=Path))
@click.option(
    "--trials",
    type=click.IntRange(1),
    metavar="N",
    help="As many trials in all, instead of before.",
)
@click.option(
    "--budget", type=Span(), metavar="TIME", help="As much time in all, instead of before."
)
@click.option("--workers", type=click.IntRange(1), metavar="N", help="Processes to search with.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def resume(ledger: Path, **changes: Any) -> None:
    """Go on with the search in LEDGER, which `gatework forecast` began, to its results.

    Several of these may run at a time on one ledger: each trial is then done by one of them.
    """
    from gatework.cli.search.resume import run

    run(ledger, changes)


@command.command()
@click.argument("ledger")
@click.option("--out", required=True, metavar="FILE", help="The new ledger.")
def rescue(ledger: str, out: str) -> None:
    """Write what can be read of a damaged LEDGER into a new one, to go on with."""
    from gatework.search import rescue_ledger

    found = rescue_ledger(ledger, out)
    click.echo(f"{out}: {len(found)} finished trials")


@command.command()
@click.argument("ledger")
@click.option("--best", type=click.IntRange(1), metavar="N", help="Only the N best.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def table(ledger: str, best: int | None, as_json: bool) -> None:
    """Print all trials in LEDGER, as they were tried, or the best parameters.

    The best are told with the mean over all seeds that they were tried with, and its standard
    error.
    """
    trials = _trials(ledger)
    if best is None:
        _print([_row(trial) for trial in trials], f"{len(trials)} trials of", ledger, as_json)
        return
    candidates = _ranked(trials)[:best]
    rows = [_candidate_row(one) for one in candidates]
    _print(rows, f"the best {len(candidates)} of {len(trials)} trials of", ledger, as_json)


def _print(rows: list[dict[str, Any]], title: str, ledger: str, as_json: bool) -> None:
    """Print rows as JSON, or as a table with a column for each parameter."""
    if as_json:
        click.echo(json.dumps(rows))
        return
    from rich.markup import escape
    from rich.table import Table

    from gatework.cli.tables import console

    names = list(dict.fromkeys(name for row in rows for name in row["parameters"]))
    stopped = any(row.get("status") == "stopped" for row in rows)
    caption = "a > b: stopped with an error of a, beside others where b was the most to go on"
    shown = Table(
        title=f"{title} {escape(Path(ledger).name)}", caption=caption if stopped else None
    )
    before = [key for key in ("trial", "layer", "seed") if any(key in row for row in rows)]
    after = [key for key in ("seeds", "seconds") if any(key in row for row in rows)]
    for name in (*before, "error", *names, *after):
        shown.add_column(escape(name), justify="right")
    for row in rows:
        values = [escape(_told(row["parameters"].get(name))) for name in names]
        last = [_told(row[key]) for key in after]
        shown.add_row(*(str(row[key]) for key in before), escape(_error(row)), *values, *last)
    console().print(shown)


@command.command()
@click.argument("ledger")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def best(ledger: str, as_json: bool) -> None:
    """Print the best parameters in LEDGER; exit code 1 where no trial has succeeded."""
    ranked = _ranked(_trials(ledger))
    if not ranked:
        click.echo("no trial has succeeded yet", err=True)
        raise SystemExit(1)
    row = _candidate_row(ranked[0])
    if as_json:
        click.echo(json.dumps(row))
        return
    seeds = f", mean of {row['seeds']} seeds" if row["seeds"] > 1 else ""
    click.echo(f"trial {row['trial']}, error {_error(row)}{seeds}")
    for name, value in row["parameters"].items():
        click.echo(f"{name}: {_told(value)}")


@command.command()
@click.argument("ledger")
@click.option("--out", required=True, metavar="FILE", help="Where to write the page.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True)
@click.option("--overwrite", is_flag=True, help="Replace it where it is there.")
def plot(ledger: str, out: str, language: str, overwrite: bool) -> None:
    """Write a page with pictures of the trials in LEDGER."""
    from gatework.look.report.search import search_report
    from gatework.storage import atomic_write

    trials = _trials(ledger)
    page = search_report(trials, Path(ledger).name, language=language)
    atomic_write(out, page.encode(), overwrite=overwrite)
    click.echo(out)


def _trials(ledger: str) -> list[Trial]:
    from gatework.search import read_ledger

    return read_ledger(ledger)


def _ranked(trials: list[Trial]) -> list[Candidate]:
    """Return the parameters that were tried with success, the best first."""
    from gatework.search import ranking

    return ranking(trials)


def _row(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial.index,
        "layer": trial.layer,
        "status": trial.status,
        "error": trial.error,
        "seconds": trial.seconds,
        "seed": trial.seed,
        "parameters": trial.parameters,
        "message": trial.message,
        "rungs": [vars(rung) for rung in trial.rungs],
    }


def _candidate_row(one: Candidate) -> dict[str, Any]:
    return {
        "trial": one.trial.index,
        "layer": one.trial.layer,
        "error": one.mean,
        "standard_error": one.standard_error,
        "seeds": len(one.errors),
        "errors": list(one.errors),
        "parameters": one.trial.parameters,
    }


def _error(row: dict[str, Any]) -> str:
    """Return the error with its standard error, or what happened instead."""
    if row["error"] is None:
        if row["status"] == "stopped" and row["rungs"]:
            last = row["rungs"][-1]
            return f"{last['error']:.5g} > {last['threshold']:.5g}"
        return str(row["message"])[:40]
    noise = row.get("standard_error")
    return f"{row['error']:.5g} ± {noise:.2g}" if noise else f"{row['error']:.5g}"


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
