"""The table of a forecast: its periods, and the interval of each."""

from __future__ import annotations

from collections.abc import Sequence

from gatework.forecast.digits import digits_within
from gatework.forecast.result import ForecastPoint
from gatework.look.canvas.numerals import percent, show_all
from gatework.look.canvas.periods import period_word
from gatework.look.canvas.svg import Element
from gatework.look.language import Words
from gatework.look.report.parts import paragraph, table
from gatework.look.report.words import label_text


def forecast_table(
    points: Sequence[ForecastPoint],
    level: float,
    words: Words,
    *,
    frequency: str | None,
    counts: bool,
) -> list[Element]:
    """Return a table of some periods at least, and below it what is said of the ends of ``counts``.

    The intervals of counts, which files tell otherwise, are given as they are to be told.
    """
    first = points[0]
    digits = digits_within((first.value, first.lower, first.upper), 3)
    columns = [
        show_all((getattr(p, of) for p in points), digits) for of in ("value", "lower", "upper")
    ]
    rows = zip([label_text(point.period) for point in points], *columns, strict=True)
    head = [
        words.of("heading", period_word(frequency)),
        words("forecast"),
        words("lower"),
        words("upper"),
    ]
    caption = words("The forecast with its {share} interval", share=percent(level))
    drawn = table(caption, head, rows, tall=len(points) > 24)
    if not counts:
        return [drawn]
    said = words(
        "Of counts these are the least and the greatest within the interval, whose ends are in the "
        "file of the forecast."
    )
    return [drawn, paragraph(said, "muted")]
