"""How often intervals held what came, by steps ahead, beside how often they should."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gatework.forecast.metrics import Held
from gatework.look.canvas.numerals import percent
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import Frame, bottom_axis, fitting_ticks, value_axis
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.shapes import circle, polyline, rect, segment, text
from gatework.look.canvas.svg import Element
from gatework.look.language import Words, words_in

_CHANCE = 1.96
"""Standard deviations of a share within which it lies in 95 of 100 cases."""


def coverage_chart(
    by_level: Mapping[float, Mapping[int, Held]],
    *,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw how often intervals held, a line for each level, with the level itself dashed.

    The band around a level is what chance allows where outcomes say nothing of each other.

    Args:
        by_level: what intervals held, by level and steps ahead.
        width: of the picture, in pixels.
        language: "en" or "zh".
    """
    words = words_in(language)
    low = min([*(held.share for by in by_level.values() for held in by.values()), *by_level]) - 0.05
    frame = Frame(52, 28, width - 66, 190)
    y = Linear(max(0.0, low), 1.0, frame.bottom, frame.top)
    steps = max(step for by_steps in by_level.values() for step in by_steps)
    x = Linear(0.5, steps + 0.5, frame.left, frame.right)
    ticks = [(value, percent(value)) for value, _ in y.ticks(5) if value <= 1]
    content = [
        text(words("share of outcomes within their interval"), 0, 12, "muted"),
        value_axis(frame, y, ticks),
        bottom_axis(frame, fitting_ticks(x, whole=True), words("steps ahead")),
    ]
    told = []
    for level, by_steps in by_level.items():
        content += _level(level, by_steps, (x, y), frame, words)
        said = words.listed(percent(held.share) for held in by_steps.values())
        told.append(words("{level}: {shares}", level=percent(level), shares=said))
    title = words("How often the intervals held")
    return Picture(
        title, "; ".join(told), width, frame.bottom + 46, tuple(content), language=words.tag
    )


def _level(
    level: float,
    by_steps: Mapping[int, Held],
    scales: tuple[Linear, Linear],
    frame: Frame,
    words: Words,
) -> list[Element]:
    x, y = scales
    parts: list[Element] = []
    for step, held in by_steps.items():
        apart = _CHANCE * math.sqrt(level * (1 - level) / held.outcomes)
        top, bottom = y(min(1.0, level + apart)), min(y(level - apart), frame.bottom)
        left, right = x(step - 0.5), x(step + 0.5)
        parts.append(rect(left, top, right - left, bottom - top, "shade"))
    parts.append(segment(frame.left, y(level), frame.right, y(level), "cut"))
    parts.append(text(percent(level), frame.right + 8, y(level) + 4, "strong"))
    points = {step: (x(step), y(held.share)) for step, held in by_steps.items()}
    parts.append(polyline(list(points.values()), "lstm thick"))
    for step, held in by_steps.items():
        said = words(
            "step {step}: {share} of {count} outcomes held, {level} wanted",
            step=step,
            share=percent(held.share),
            count=held.outcomes,
            level=percent(level),
        )
        parts.append(circle(*points[step], 4, "lstm mark", told=said))
    return parts
