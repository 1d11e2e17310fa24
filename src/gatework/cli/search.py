"""``gatework search``: what the ledger of a search holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from gatework.search import Trial


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Read the ledger of a search, also while it runs or after it was cut off.

    \b
    gatework search table gatework-faults/search.sqlite --best 10
    gatework search best gatework-faults/search.sqlite
    gatework search plot gatework-faults/search.sqlite --out search.html

    A search that was cut off goes on with the command that began it, and --resume.
    """  # noqa: D301


@command.command()
@click.argument("ledger")
@click.option("--best", type=click.IntRange(1), metavar="N", help="Only the N best.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
def table(ledger: str, best: int | None, as_json: bool) -> None:
    """Print all trials in LEDGER, as they were tried, or the best ones."""
    trials = _trials(ledger)
    if best is not None:
        trials = _ranked(trials)[:best]
    if as_json:
        click.echo(json.dumps([_row(trial) for trial in trials]))
        return
    from rich.markup import escape
    from rich.table import Table

    from gatework.cli.tables import console

    names = list(dict.fromkeys(name for trial in trials for name in trial.parameters))
    shown = Table(title=f"{len(trials)} trials of {escape(Path(ledger).name)}")
    for name in ("trial", "layer", "error", *names, "seconds"):
        shown.add_column(escape(name), justify="right")
    for trial in trials:
        error = escape(trial.message[:40]) if trial.error is None else f"{trial.error:.5g}"
        values = [escape(_told(trial.parameters.get(name))) for name in names]
        cells = (str(trial.index), str(trial.layer), error, *values, f"{trial.seconds:.2f}")
        shown.add_row(*cells)
    console().print(shown)


@command.command()
@click.argument("ledger")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def best(ledger: str, as_json: bool) -> None:
    """Print the best trial in LEDGER; exit code 1 where none has succeeded."""
    ranked = _ranked(_trials(ledger))
    if not ranked:
        click.echo("no trial has succeeded yet", err=True)
        raise SystemExit(1)
    first = ranked[0]
    if as_json:
        click.echo(json.dumps(_row(first)))
        return
    click.echo(f"trial {first.index}, error {first.error:.6g}")
    for name, value in first.parameters.items():
        click.echo(f"{name}: {_told(value)}")


@command.command()
@click.argument("ledger")
@click.option("--out", required=True, metavar="FILE", help="Where to write the page.")
@click.option("--overwrite", is_flag=True, help="Replace it where it is there.")
def plot(ledger: str, out: str, overwrite: bool) -> None:
    """Write a page with pictures of the trials in LEDGER."""
    from gatework.look.report.search import search_report
    from gatework.storage import atomic_write

    trials = _trials(ledger)
    page = search_report(trials, Path(ledger).name)
    atomic_write(out, page.encode(), overwrite=overwrite)
    click.echo(out)


def _trials(ledger: str) -> list[Trial]:
    from gatework.search import read_ledger

    return read_ledger(ledger)


def _ranked(trials: list[Trial]) -> list[Trial]:
    """Return the trials that succeeded, the best first; of equal ones the earliest."""
    done = [(trial.error, trial.index, trial) for trial in trials if trial.error is not None]
    return [trial for _, _, trial in sorted(done, key=lambda each: each[:2])]


def _row(trial: Trial) -> dict[str, Any]:
    return {
        "trial": trial.index,
        "layer": trial.layer,
        "status": trial.status,
        "error": trial.error,
        "seconds": trial.seconds,
        "parameters": trial.parameters,
        "message": trial.message,
    }


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
