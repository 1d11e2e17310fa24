"""Tables of many series for the terminal."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gatework.forecast import PanelForecast

MOST_SERIES = 10
"""Series of which the forecast is printed; all of them are in the file."""


def console() -> Console:
    """Return the standard output, wide enough for tables where it is no terminal."""
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "100"))
    return Console(width=width, highlight=False)


def panel_table(found: PanelForecast, level: float) -> Table:
    """Return the next period's forecast of the first series, and their last period's."""
    many = len(found.ids)
    less = f"; the first {MOST_SERIES}" if many > MOST_SERIES else ""
    table = Table(title=f"{many} series, {found.values.shape[1]} periods ahead{less}")
    table.add_column("series")
    for name in ("period", "forecast", f"lower {level:.0%}", f"upper {level:.0%}"):
        table.add_column(name, justify="right")
    for row, name in enumerate(found.ids[:MOST_SERIES]):
        for step in sorted({0, found.values.shape[1] - 1}):
            numbers = (found.values, found.lower[level], found.upper[level])
            cells = [f"{part[row, step]:.4g}" for part in numbers]
            table.add_row("" if step else escape(name), found.periods[row][step], *cells)
    return table


def measures_table(scores: Mapping[str, Mapping[int, Mapping[str, float]]], title: str) -> Table:
    """Return RMSE and MASE of every model by steps ahead, the least of each column in bold."""
    steps = sorted({step for found in scores.values() for step in found})
    table = Table(title=f"RMSE / MASE: {title}")
    table.add_column("model")
    for step in steps:
        table.add_column(str(step), justify="right")
    for name, found in scores.items():
        cells = []
        for step in steps:
            measures = found.get(step)
            least = min(other[step]["rmse"] for other in scores.values() if step in other)
            text = "" if measures is None else _pair(measures)
            best = measures is not None and measures["rmse"] == least
            cells.append(f"[bold]{text}[/bold]" if best else text)
        table.add_row(escape(name), *cells)
    return table


def coverage_table(scores: Mapping[int, Mapping[str, float]], level: float) -> Table:
    """Return how often the intervals held, by steps ahead."""
    table = Table(title=f"inside {level:.0%}")
    for step in scores:
        table.add_column(str(step), justify="right")
    table.add_row(*(f"{found[f'coverage {level:g}']:.0%}" for found in scores.values()))
    return table


def _pair(measures: Mapping[str, float]) -> str:
    scaled = measures["mase"]
    return f"{measures['rmse']:.4g} / " + ("-" if math.isnan(scaled) else f"{scaled:.3g}")
