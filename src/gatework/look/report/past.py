"""The section of forecasts of the past: what was said so many steps before, and what came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatework.look.canvas.numerals import show_table
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.svg import Element
from gatework.look.charts import series_chart
from gatework.look.language import Words
from gatework.look.report.choice import chosen
from gatework.look.report.parts import figure, paragraph, section
from gatework.look.report.verdict import BLEND, MODEL, steps_ahead
from gatework.look.report.words import label_text, model_text, name_of

if TYPE_CHECKING:
    from gatework.forecast.result import ForecastResult

PRETRAINED = "pretrained"
"""The method whose network has learned nothing from the series."""

_BEFORE = 12
"""Periods before the test part that are drawn with it."""
_MOST = 300
"""Periods that are drawn: of more, lines lie on one another."""


def past_section(result: ForecastResult, words: Words) -> Element | None:
    """Return the forecasts over the test part at a horizon that the reader chooses; None if none.

    Horizons are those of the scores, as far as a forecast's period lies within the series.
    """
    origins = len(result.test_forecasts)
    scored = sorted(result.scores.get(MODEL, {}))
    steps = [step for step in scored if step <= min(origins, result.horizon)]
    if not steps:
        return None
    names = [steps_ahead([step], words) for step in steps]
    parts = [_drawn(result, step, words) for step in steps]
    said = words(
        "What the {model} forecast for the test part, so many steps before each period and "
        "without knowing what came, beside what did.",
        model=MODEL,
    )
    if len(result.series) - _start(result) == _MOST:
        said = words.told(said, words("The last {count} periods are drawn.", count=_MOST))
    return section(
        words("Forecasts of the past"),
        paragraph(said, "muted"),
        *chosen("horizon", names, parts, words("horizon")),
        name="past",
    )


def _drawn(result: ForecastResult, step: int, words: Words) -> Element:
    series = result.series
    steps = sorted(set().union(*result.scores.values()))
    cells = show_table(
        [[by[at].rmse if at in by else None for at in steps] for by in result.scores.values()]
    )
    said = [
        f"{model_text(name, words)} {row[steps.index(step)]}"
        for (name, by), row in zip(result.scores.items(), cells, strict=True)
        if step in by
    ]
    caption = words("RMSE at this horizon: {errors}.", errors=words.listed(said))
    return figure(
        caption,
        result_chart,
        result,
        words,
        name=words("{name}, {step} ahead", name=name_of(series, words), step=step),
        test_forecast=result.test_forecasts[:, step - 1],
        ahead=step,
        start=_start(result),
    )


def _start(result: ForecastResult) -> int:
    """Return the first period that is drawn."""
    return max(0, result.split.test_start - _BEFORE, len(result.series) - _MOST)


def result_chart(
    result: ForecastResult, words: Words, *, name: str | None = None, **options: Any
) -> Picture:
    """Return the chart of a result's series; options as for series_chart."""
    series, cut = result.series, result.split
    return series_chart(
        series.values,
        [label_text(label) for label in series.labels],
        name=name or name_of(series, words),
        train_end=cut.train_end,
        test_start=cut.test_start,
        dated=series.frequency is not None,
        blended=result.model == BLEND,
        whole=series.counts,
        trained=result.method != PRETRAINED,
        language=words.language,
        **options,
    )
