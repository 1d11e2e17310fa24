"""The section of forecasts of the past: what was said so many steps before, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.look.charts import series_chart
from gatework.look.numerals import show
from gatework.look.report.choice import chosen, scroll_figure
from gatework.look.report.page import paragraph, section
from gatework.look.report.verdict import MODEL
from gatework.look.report.words import label_text, name_of
from gatework.look.svg import Element

if TYPE_CHECKING:
    from gatework.forecast.result import ForecastResult

_BEFORE = 12
"""Periods before the test part that are drawn with it."""


def past_section(result: ForecastResult) -> Element | None:
    """Return the forecasts over the test part at a horizon that the reader chooses; None if none.

    Horizons are those of the scores, as far as a forecast's period lies within the series.
    """
    origins = len(result.test_forecasts)
    scored = sorted(result.scores.get(MODEL, {}))
    steps = [step for step in scored if step <= min(origins, result.horizon)]
    if not steps:
        return None
    names = ["1 step ahead" if step == 1 else f"{step} steps ahead" for step in steps]
    parts = [_drawn(result, step) for step in steps]
    return section(
        "Forecasts of the past",
        paragraph(
            f"What the {MODEL} forecast for the test part, so many steps before each period and "
            "without knowing what came, beside what did.",
            "muted",
        ),
        *chosen("horizon", names, parts, "horizon"),
    )


def _drawn(result: ForecastResult, step: int) -> Element:
    series, cut = result.series, result.split
    picture = series_chart(
        series.values,
        [label_text(label) for label in series.labels],
        name=f"{name_of(series)}, {step} ahead",
        train_end=cut.train_end,
        test_start=cut.test_start,
        test_forecast=result.test_forecasts[:, step - 1],
        ahead=step,
        dated=series.frequency is not None,
        whole=series.counts,
        start=max(0, cut.test_start - _BEFORE),
    )
    said = [
        f"{name} {show(by_steps[step].rmse)}"
        for name, by_steps in result.scores.items()
        if step in by_steps
    ]
    return scroll_figure(picture, f"RMSE at this horizon: {', '.join(said)}.")
