"""What the periods to come come to together, as a table of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import chance, percent, show
from gatework.look.canvas.svg import Element
from gatework.look.language import Words
from gatework.look.report.parts import table
from gatework.look.report.words import span

if TYPE_CHECKING:
    from gatework.forecast import TotalForecast


def total_table(
    total: TotalForecast | None, row: int, level: float, horizon: int, words: Words
) -> list[Element]:
    """Return the table of one series' total, its interval and its chances; none without one."""
    if total is None:
        return []
    share = percent(level)
    low, high = show(total.lower[level][row]), show(total.upper[level][row])
    rows = [
        [words("expected in all"), show(total.values[row])],
        [words("{share} interval", share=share), words("{first} to {last}", first=low, last=high)],
        *(
            [words("chance of {count} or more", count=show(least)), chance(float(of[row]))]
            for least, of in total.chances.items()
        ),
    ]
    caption = words("The next {span} together", span=span(total.frequency, horizon, words))
    return [table(caption, ["", ""], rows)]
