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
from gatework.forecast.digits import column_texts, digits_within
from gatework.forecast.intervals import held_counts
from gatework.forecast.scores import Scores, times_best, verdict, winners_of
from gatework.look.canvas.numerals import chance
from gatework.look.canvas.periods import period_word
from gatework.look.report.words import span
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
    frequency = result.series.frequency
    numbers = _columns([(p.value, p.lower, p.upper) for p in result.told])
    rows = [(p.period, *told) for p, told in zip(result.told, numbers, strict=True)]
    title = f"{result.series.title}: the next {span(frequency, result.horizon)}"
    caption = COUNTED if result.series.counts else None
    heads = (period_word(frequency), *_heads(result.level))
    show_table(table_of(title, heads, rows, caption=caption))
    if total is not None:
        show_table(total_table(total, result.level, result.horizon))
    if result.scores:
        title = f"on the last {span(frequency, result.origins)}, by steps ahead"
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
    rows = []
    for row, name in enumerate(found.ids[:MOST_SERIES]):
        numbers = _columns([tuple(part[row, step] for part in parts) for step in shown])
        rows += [
            (*([] if many == 1 else ["" if step else name]), found.periods[row][step], *told)
            for step, told in zip(shown, numbers, strict=True)
        ]
    period, ahead = period_word(found.frequency), span(found.frequency, horizon)
    heads, title = ("series", period), f"{many} series, {ahead} ahead{less}"
    if many == 1:
        heads, title = (period,), f"{found.ids[0]}: the next {ahead}"
    caption = COUNTED if np.any(counts) else None
    return table_of(title, (*heads, *_heads(level)), rows, caption=caption)


def total_table(found: TotalForecast, level: float, horizon: int) -> Table:
    """Return what the periods to come of the first series come to together."""
    low, high = found.lower[level], found.upper[level]
    rows = [
        (
            name,
            *_columns([(found.values[row], low[row], high[row])])[0],
            *(chance(float(of[row])) for of in found.chances.values()),
        )
        for row, name in enumerate(found.ids[:MOST_SERIES])
    ]
    heads = ("series", "total", *_heads(level)[1:], *(f"at least {k:g}" for k in found.chances))
    return table_of(f"the next {span(found.frequency, horizon)} together", heads, rows)


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

    columns = [_score_cells(scores, step, beside, winners.get(step)) for step in steps]
    rows = [(model, *(column.get(model, "") for column in columns)) for model in scores]
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


def _score_cells(scores: Scores, step: int, beside: str, winner: str | None) -> dict[str, str]:
    """Return the two measures of each model at so many steps ahead, the best one's in bold."""
    found = {model: by[step] for model, by in scores.items() if step in by}
    errors = column_texts(one.rmse for one in found.values())
    others = column_texts(getattr(one, beside) for one in found.values())
    told = {}
    for model, error, other in zip(found, errors, others, strict=True):
        text = f"{error} / {'-' if other == 'nan' else other}"
        told[model] = f"[bold]{text}[/bold]" if model == winner else text
    return told


def _heads(level: float) -> tuple[str, str, str]:
    return "forecast", f"lower {level:.0%}", f"upper {level:.0%}"


def _columns(rows: Sequence[tuple[float, ...]]) -> list[tuple[str, ...]]:
    """Return the numbers of rows, those of a column with the same decimals."""
    digits = max((digits_within(row, 4) for row in rows), default=4)
    columns = [column_texts(column, digits) for column in zip(*rows, strict=True)]
    return list(zip(*columns, strict=True))
