"""The report of the forecasts of many series: one page, of which the reader chooses a series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from gatework import __version__
from gatework.forecast.result import ForecastPoint
from gatework.look.charts import errors_chart, series_chart
from gatework.look.numerals import percent, show
from gatework.look.periods import period_word
from gatework.look.report.choice import chosen, scroll_figure
from gatework.look.report.page import bullets, card, figure, page, paragraph, section, table
from gatework.look.report.verdict import MODEL
from gatework.look.report.words import cell_text, label_text
from gatework.look.svg import Element

if TYPE_CHECKING:
    from gatework.forecast import Panel, PanelForecast
    from gatework.forecast.panel.backtest import Backtest

MOST_DRAWN = 24
"""Series that are drawn; the tables beside the report hold all of them."""
_MOST_PERIODS = 200
_MOST_NOTES = 40


def panel_report(
    panel: Panel, found: PanelForecast, scores: Mapping[str, Backtest], *, level: float
) -> str:
    """Return the report of a forecast of many series as one HTML page.

    The reader chooses the series, and sees its end with the forecast and its interval. The page
    makes no request; whatever came from the user's data is shown as text. Of more than MOST_DRAWN
    series the first are drawn, and the page says so.

    Args:
        panel: what was forecast.
        found: the forecasts, of the same series in the same order.
        scores: backtests by model, ours as "LSTM".
        level: which of the intervals is drawn.
    """
    horizon = found.values.shape[1]
    periods = period_word(panel.frequency, horizon)
    title = f"{len(panel):,} series: the next {horizon} {periods}"
    content = [
        paragraph("Gatework forecast", "kicker"),
        Element("h1", title),
        _cards(panel, scores, level),
        _forecasts(panel, found, level),
        _accuracy(scores),
        _network(panel, level),
        Element("footer", f"Written by Gatework {__version__}."),
    ]
    return page(title, content, live=True)


def _cards(panel: Panel, scores: Mapping[str, Backtest], level: float) -> Element:
    cards = Element("div", class_="cards")
    cards.add(card("series", f"{len(panel):,}", f"{int(panel.lengths.sum()):,} periods in all"))
    errors = _rmse(scores)
    steps = sorted(errors.get(MODEL, {}))
    if steps:
        best = [min(errors, key=lambda name, s=s: errors[name].get(s, np.inf)) for s in steps]
        won = sum(name == MODEL for name in best)
        cards.add(card("against the others", f"{won} of {len(steps)}", "horizons won, by RMSE"))
    cards.add(card("interval", percent(level), "of values are expected within"))
    return cards


def _forecasts(panel: Panel, found: PanelForecast, level: float) -> Element:
    drawn = list(found.ids[:MOST_DRAWN])
    names = [cell_text(name) for name in drawn]
    parts = [_series(panel, found, row, level) for row in range(len(drawn))]
    content = chosen("series", names, parts, "series")
    if len(found.ids) > len(drawn):
        left = len(found.ids) - len(drawn)
        content.append(paragraph(f"{left:,} more series are in forecast.csv.", "muted"))
    return section("The forecasts", *content)


def _series(panel: Panel, found: PanelForecast, row: int, level: float) -> Element:
    n = int(panel.lengths[row])
    values, labels = panel.values[row, :n], [label_text(label) for label in panel.labels(row)]
    low, high = found.lower[level][row], found.upper[level][row]
    points = [
        ForecastPoint(label_text(label), float(value), float(a), float(b))
        for label, value, a, b in zip(found.periods[row], found.values[row], low, high, strict=True)
    ]
    picture = series_chart(
        values,
        labels,
        name=cell_text(found.ids[row]),
        train_end=n,
        test_start=n,
        forecast=points,
        level=level,
        dated=panel.frequency is not None,
        whole=bool(panel.counts[row]),
        start=max(0, n - _MOST_PERIODS),
    )
    rows = [[p.period, show(p.value), show(p.lower), show(p.upper)] for p in points]
    return Element(
        "div",
        Element("h3", cell_text(found.ids[row])),
        scroll_figure(picture),
        table(
            f"The forecast with its {percent(level)} interval",
            ["period", "forecast", "lower", "upper"],
            rows[:_MOST_PERIODS],
            tall=len(rows) > 24,
        ),
    )


def _accuracy(scores: Mapping[str, Backtest]) -> Element:
    errors = _rmse(scores)
    if not any(errors.values()):
        return section("How good it is", paragraph("No model could be scored."))
    steps = sorted({step for by in errors.values() for step in by})
    rows = [
        [name, *(show(by[s]) if s in by else "–" for s in steps)] for name, by in errors.items()
    ]
    return section(
        "How good it is",
        paragraph(
            "Errors on the last fifth of every series, by networks that were trained without it.",
            "muted",
        ),
        figure(
            lambda width: errors_chart(errors, emphasis=MODEL, width=width),
            "Over all series and origins, by steps ahead.",
        ),
        table("RMSE by steps ahead", ["model", *map(str, steps)], rows, emphasis=MODEL),
    )


def _rmse(scores: Mapping[str, Backtest]) -> dict[str, dict[int, float]]:
    return {
        name: {step: measures["rmse"] for step, measures in one.scores().items()}
        for name, one in scores.items()
    }


def _network(panel: Panel, level: float) -> Element:
    items: Sequence[str] = [
        f"One network for all series, over a season of {panel.season}."
        if panel.season > 1
        else "One network for all series.",
        "A bank of exponential smoothers forecasts each series after every value; the network "
        "reads how far off each of them has been, and weighs their forecasts.",
        f"Intervals of {percent(level)} come from held-out errors.",
        *list(dict.fromkeys(panel.notes))[:_MOST_NOTES],
    ]
    return section("How it was done", bullets(map(cell_text, items)))
