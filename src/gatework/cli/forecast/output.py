"""What ``gatework forecast`` and ``gatework backtest`` tell: their tables, and how far they are."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

import click
import numpy as np
from rich.table import Table

from gatework.cli.output import say_notes, table_of
from gatework.cli.output import show as show_table
from gatework.errors import GateworkError, counted
from gatework.forecast import ForecastResult, PanelForecast, TotalForecast
from gatework.forecast.digits import digits_within, number_text
from gatework.forecast.intervals import held_counts
from gatework.forecast.scores import Scores, times_best, verdict, winners_of
from gatework.look.canvas.numerals import chance
from gatework.search import RichProgress

MOST_SERIES = 10
"""Series of which the forecast is printed; all of them are in the file."""


COUNTED = "of counts: the least and the greatest within the interval, whose ends are in the file"
"""Below a table of counts, whose intervals are told otherwise than in the file."""


class SearchThenFit(RichProgress):
    """The bar of the search, and a word on what takes its time after it."""

    def stop(self) -> None:
        """Leave the bar as it is, and say what follows unless the search was broken off."""
        super().stop()
        if sys.exc_info()[0] is None:
            click.echo("fitting networks with the best parameters, and the baselines", err=True)


@contextmanager
def noted(notes: Iterable[str]) -> Iterator[None]:
    """Print how a table was read where what was read cannot be used: it may be the reason."""
    try:
        yield
    except GateworkError:
        say_notes(notes, err=True)
        raise


def show(result: ForecastResult, total: TotalForecast | None = None) -> None:
    """Print forecast, total, scores and verdict to the standard output."""
    rows = [(p.period, *_numbers(p.value, p.lower, p.upper)) for p in result.told]
    title = f"{result.series.title}: the next {counted(result.horizon, 'period')}"
    caption = COUNTED if result.series.counts else None
    show_table(table_of(title, ("period", *_heads(result.level)), rows, caption=caption))
    if total is not None:
        show_table(total_table(total, result.level, result.horizon))
    if result.scores:
        title = f"on the last {counted(result.origins, 'period')}, by steps ahead"
        show_scores(result.scores, title, beside="mae")
    say_notes(result.notes)
    if not result.trials:
        return
    best = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in result.best_parameters.items()
    )
    click.echo(
        f"best parameters of {counted(len(result.trials), 'trial')}: {best}; {result.seconds:.0f} s"
    )


def panel_table(found: PanelForecast, level: float, counts: Sequence[bool] | np.ndarray) -> Table:
    """Return the next period's forecast of the first series, and their last period's; of one all.

    ``counts`` says which series count things.
    """
    many, horizon = found.values.shape
    shown = range(horizon) if many == 1 else sorted({0, horizon - 1})
    less = f"; the first {MOST_SERIES}" if many > MOST_SERIES else ""
    ends = found.lower[level], found.upper[level]
    whole = np.asarray(counts, bool)[:, None]
    parts = (found.values, *map(partial(np.where, whole), held_counts(*ends), ends))
    rows = [
        (
            *([] if many == 1 else ["" if step else name]),
            found.periods[row][step],
            *_numbers(*(part[row, step] for part in parts)),
        )
        for row, name in enumerate(found.ids[:MOST_SERIES])
        for step in shown
    ]
    heads, title = ("series", "period"), f"{many} series, {counted(horizon, 'period')} ahead{less}"
    if many == 1:
        heads, title = ("period",), f"{found.ids[0]}: the next {counted(horizon, 'period')}"
    caption = COUNTED if np.any(counts) else None
    return table_of(title, (*heads, *_heads(level)), rows, caption=caption)


def total_table(found: TotalForecast, level: float, horizon: int) -> Table:
    """Return what the periods to come of the first series come to together."""
    low, high = found.lower[level], found.upper[level]
    rows = [
        (
            name,
            *_numbers(found.values[row], low[row], high[row]),
            *(chance(float(of[row])) for of in found.chances.values()),
        )
        for row, name in enumerate(found.ids[:MOST_SERIES])
    ]
    heads = ("series", "total", *_heads(level)[1:], *(f"at least {k:g}" for k in found.chances))
    return table_of(f"the next {counted(horizon, 'period')} together", heads, rows)


def best_table(winners: Sequence[Mapping[str, str]]) -> Table | None:
    """Return in how many series each model was best, by steps ahead; None where none is scored.

    ``winners`` is the best model by steps ahead, of each series.
    """
    best = times_best(winners)
    rows = [(name, *(str(count or "") for count in by.values())) for name, by in best.items()]
    title = "in how many series each was best on the test part, by RMSE and steps ahead"
    steps = map(str, next(iter(best.values()), ()))
    return table_of(title, ("model", *steps), rows) if rows else None


def show_scores(scores: Scores, title: str, beside: str = "mase") -> None:
    """Print RMSE and another measure by model and steps ahead, and which model was best where."""
    steps = sorted({step for found in scores.values() for step in found})
    winners = winners_of(scores)

    def cell(model: str, step: int) -> str:
        if step not in scores[model]:
            return ""
        found = scores[model][step]
        other = getattr(found, beside)
        text = f"{number_text(found.rmse)} / " + ("-" if math.isnan(other) else number_text(other))
        return f"[bold]{text}[/bold]" if winners.get(step) == model else text

    rows = [(model, *(cell(model, step) for step in steps)) for model in scores]
    title = f"RMSE / {beside.upper()} {title}"
    show_table(table_of(title, ("model", *map(str, steps)), rows))
    for line in verdict(scores):
        click.echo(line)
    if beside == "mase" and all(
        math.isnan(one.mase) for by in scores.values() for one in by.values()
    ):
        click.echo("MASE is undefined: before this part the values stand still, or are too few")


def coverage_table(scores: Mapping[int, Mapping[str, float]], level: float) -> Table:
    """Return how often the intervals held, by steps ahead."""
    row = [f"{found[f'coverage {level:g}']:.0%}" for found in scores.values()]
    return table_of(f"inside {level:.0%}", [str(step) for step in scores], [row])


def _heads(level: float) -> tuple[str, str, str]:
    return "forecast", f"lower {level:.0%}", f"upper {level:.0%}"


def _numbers(*numbers: float) -> list[str]:
    digits = digits_within(numbers, 4)
    return [number_text(number, digits) for number in numbers]
