"""The section of intervals: how often they held, beside how often they should."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gatework.forecast.metrics import Held
from gatework.look.canvas.svg import Element
from gatework.look.charts import coverage_chart
from gatework.look.language import Words
from gatework.look.report.parts import figure, section

_MOST_STEPS = 120
"""Steps ahead that are drawn: of more, each second or third."""


def coverage_section(by_level: Mapping[float, Mapping[int, Held]], words: Words) -> Element | None:
    """Return the section of what intervals held, by level and steps ahead; None without any."""
    if not any(by_level.values()):
        return None
    said = words(
        "The line is what held, dashed what should; the band is what chance allows, were outcomes "
        "independent of each other."
    )
    thinned = {
        level: dict(list(by_steps.items())[:: math.ceil(len(by_steps) / _MOST_STEPS) or 1])
        for level, by_steps in by_level.items()
    }
    drawn = figure(said, coverage_chart, thinned, language=words.language)
    return section(words("How often the intervals held"), drawn, name="coverage")
