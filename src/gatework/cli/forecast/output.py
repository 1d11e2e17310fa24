"""The tables that ``gatework forecast`` prints."""

from __future__ import annotations

import os
import sys

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gatework.forecast import ForecastResult


def show(result: ForecastResult) -> None:
    """Print forecast, scores and verdict to the standard output."""
    # Wide enough for the tables where the output is a file and not a terminal.
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "100"))
    console = Console(width=width, highlight=False)
    console.print(forecast_table(result))
    console.print(scores_table(result))
    for line in verdict(result):
        click.echo(line)
    for note in result.notes:
        click.echo(f"note: {note}")
    click.echo(
        f"best parameters of {len(result.trials)} trials: "
        + ", ".join(f"{name} {_short(value)}" for name, value in result.best_parameters.items())
        + f"; {result.seconds:.0f} s"
    )


def forecast_table(result: ForecastResult) -> Table:
    """Return the forecast as a table."""
    # A column called "faults [1/h]" must not be read as markup.
    table = Table(title=f"{escape(result.series.name)}: the next {result.horizon} periods")
    table.add_column("period")
    for name in ("forecast", f"lower {result.level:.0%}", f"upper {result.level:.0%}"):
        table.add_column(name, justify="right")
    for point in result.forecast:
        values = (point.value, point.lower, point.upper)
        table.add_row(point.period, *(f"{value:.4g}" for value in values))
    return table


def scores_table(result: ForecastResult) -> Table:
    """Return RMSE and MAE of every model by steps ahead as a table, the best in bold."""
    steps = sorted({step for by_steps in result.scores.values() for step in by_steps})
    table = Table(title=f"RMSE / MAE on the last {result.origins} periods, by steps ahead")
    table.add_column("model")
    for step in steps:
        table.add_column(str(step), justify="right")
    for model, by_steps in result.scores.items():
        cells = []
        for step in steps:
            score = by_steps.get(step)
            text = "" if score is None else f"{score.rmse:.4g} / {score.mae:.4g}"
            cells.append(f"[bold]{text}[/bold]" if result.winners.get(step) == model else text)
        table.add_row(model, *cells)
    return table


def verdict(result: ForecastResult) -> list[str]:
    """Return in words at which steps ahead the LSTM won, and what was better where it lost."""
    lines = []
    for step, winner in sorted(result.winners.items()):
        ours = result.scores["LSTM"][step].rmse
        best = result.scores[winner][step].rmse
        ahead = f"{step} step{'s' if step > 1 else ''} ahead"
        if winner == "LSTM":
            lines.append(f"{ahead}: the LSTM won (RMSE {ours:.4g})")
        else:
            more = f", {ours / best - 1:.0%} more" if best > 0 else ""
            lines.append(
                f"{ahead}: {winner} was better (RMSE {best:.4g}; the LSTM's is {ours:.4g}{more})"
            )
    return lines


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
