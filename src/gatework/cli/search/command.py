"""``gatework search``: what the ledger of a search holds."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import click

from gatework.cli.options import (
    HELP,
    Options,
    argument,
    command_of,
    json_flag,
    option,
    spoken,
    template,
)
from gatework.cli.output import say_json, show, table_of
from gatework.cli.search.origin import resume
from gatework.cli.values import span
from gatework.errors import counted
from gatework.search import Candidate, Trial, ranking, read_ledger, read_start, rescue_ledger
from gatework.storage import atomic_write


class Resume(Options):
    """Go on with the search in LEDGER, which `gatework forecast` began, to its results.

    A ledger may come from anyone: a FILE outside its folder, the engine, and more than a day, than
    an hour of classical models or than 10,000 trials are named here again.
    Several of these may run at a time on one ledger: each trial is then done by one of them.
    """

    ledger: str = argument()
    file: str | None = argument("[FILE]", required=False)
    trials: int | None = option("As many trials in all, instead of before.", least=1, metavar="N")
    budget: float | None = option(
        "As much time in all, instead of before.", type=span, metavar="TIME"
    )
    classics: float | None = option(
        "As much time for classical models, instead of before.", type=span, metavar="TIME"
    )
    workers: int | None = option("Processes to search with.", least=1, metavar="N")
    engine: Literal["local", "ray"] | None = option(
        "Where to search: in processes of this machine, or on a Ray cluster."
    )
    address: str | None = option("Of the Ray cluster.", needs="engine", metavar="HOST:PORT")
    as_json: bool = json_flag("Print one JSON object at the end.")

    def _run(self) -> None:
        from gatework.cli.forecast.command import command as forecast

        changes = self.values(
            *("file", "trials", "budget", "classics", "workers"), *("engine", "address", "as_json")
        )
        resume(forecast, Path(self.ledger), changes)


class Rescue(Options):
    """Write what can be read of a damaged LEDGER into a new one, to go on with."""

    ledger: str = argument()
    out: str = option("The new ledger.", metavar="FILE")

    def _run(self) -> None:
        found = rescue_ledger(self.ledger, self.out)
        click.echo(f"{self.out}: {len(found)} finished trials")


class ListTrials(Options):
    """Print all trials in LEDGER, as they were tried, or the best parameters.

    The best are told with the mean over all seeds that they were tried with, and its standard
    error.
    """

    ledger: str = argument()
    best: int | None = option("Only the N best.", least=1, metavar="N")
    as_json: bool = json_flag("Print a JSON list instead of a table.")

    def _run(self) -> None:
        trials = read_ledger(self.ledger)
        start = read_start(self.ledger)
        rows = [_row(one) for one in ([] if start is None else [start])] + [*map(_row, trials)]
        what = counted(len(trials), "trial")
        if self.best is not None:
            rows = [_candidate_row(one) for one in ranking(trials)[: self.best]]
            what = f"the best {len(rows)} of {what}"
        if self.as_json:
            say_json(rows)
        else:
            _print(rows, f"{what} of {Path(self.ledger).name}")


class Best(Options):
    """Print the best parameters in LEDGER; exit code 1 where no trial has succeeded."""

    ledger: str = argument()
    as_json: bool = json_flag()

    def _run(self) -> bool:
        ranked = ranking(read_ledger(self.ledger))
        if not ranked:
            click.echo("no trial has succeeded yet", err=True)
            return False
        row = _candidate_row(ranked[0])
        if self.as_json:
            say_json(row)
            return True
        start = read_start(self.ledger)
        seeds = f", mean of {row['seeds']} seeds" if row["seeds"] > 1 else ""
        click.echo(f"trial {row['trial']}, error {_error(row)}{seeds}")
        if start is not None:
            click.echo(f"{_begun(start)}, error {start.error:.5g}")
        for name, value in row["parameters"].items():
            click.echo(f"{name}: {_told(value)}")
        return True


class Plot(Options):
    """Write a page with pictures of the trials in LEDGER."""

    ledger: str = argument()
    out: str = option("Where to write the page.", metavar="FILE")
    language: str = spoken()
    template: str | None = template()
    overwrite: bool = option("Replace it where it is there.")

    def _run(self) -> None:
        from gatework.look.report.search import search_report

        trials, name = read_ledger(self.ledger), Path(self.ledger).name
        how = {"start": read_start(self.ledger), "language": self.language}
        page = search_report(trials, name, **how)
        atomic_write(self.out, page.encode(), overwrite=self.overwrite)
        click.echo(self.out)


def _print(rows: list[dict[str, Any]], title: str) -> None:
    """Print rows as a table with a column for each parameter."""
    from rich.markup import escape

    names = list(dict.fromkeys(name for row in rows for name in row["parameters"]))
    captions = [str(row["message"]) for row in rows if row.get("status") == "start"]
    if any(row.get("status") == "stopped" for row in rows):
        captions.append(
            "a > b: stopped with an error of a, beside others where b was the most to go on"
        )
    before = [key for key in ("trial", "layer", "seed") if any(key in row for row in rows)]
    after = [key for key in ("seeds", "seconds") if any(key in row for row in rows)]
    cells = [
        [
            *(_number(row, key) for key in before),
            *map(
                escape, [_error(row), *(_told(row["parameters"].get(name, "")) for name in names)]
            ),
            *(_told(row[key]) for key in after),
        ]
        for row in rows
    ]
    heads = (*before, "error", *names, *after)
    show(table_of(title, heads, cells, words=0, caption="; ".join(captions) or None))


def _row(trial: Trial) -> dict[str, Any]:
    """Return a trial, or what a search began with, as JSON values; that has no number."""
    names = ("layer", "status", "error", "seconds", "seed", "parameters", "message")
    row = {"trial": trial.index} | {name: getattr(trial, name) for name in names}
    if trial.status == "start":
        row |= {"trial": None, "layer": None, "seed": None, "message": _begun(trial)}
    return row | {"rungs": [vars(rung) for rung in trial.rungs]}


def _begun(start: Trial) -> str:
    """Return what a search began with, in words."""
    from gatework.look.charts.trials import start_text

    return f"the search began with the {start_text(start)}"


def _number(row: dict[str, Any], key: str) -> str:
    """Return the number of a trial, of its layer or seed; what a search began with has none."""
    if row[key] is not None:
        return str(row[key])
    return "start" if key == "trial" else ""


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
        return str(row["message"])[: 40 if sys.stdout.isatty() else None]
    noise = row.get("standard_error")
    return f"{row['error']:.5g} ± {noise:.2g}" if noise else f"{row['error']:.5g}"


def _told(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


COMMANDS = {"best": Best, "plot": Plot, "rescue": Rescue, "resume": Resume, "table": ListTrials}


@click.group(context_settings=HELP, commands={n: command_of(m) for n, m in COMMANDS.items()})
def command() -> None:
    """Read the ledger of a search, also while it runs or after it was cut off; go on with it.

    \b
    gatework search table gatework-faults/search.sqlite --best 10
    gatework search best gatework-faults/search.sqlite
    gatework search plot gatework-faults/search.sqlite --out search.html
    gatework search resume gatework-faults/search.sqlite faults.csv --trials 60
    """  # noqa: D301
