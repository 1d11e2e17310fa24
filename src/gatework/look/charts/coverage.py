"""How often intervals held what came, by steps ahead, beside how often they should."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

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
    held: Mapping[float, Sequence[float]],
    *,
    counts: Sequence[int],
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw how often intervals held, a line for each level, with the level itself dashed.

    The band around a level is what chance allows where outcomes say nothing of each other.

    Args:
        held: by level, the share of outcomes within their interval at 1, 2, ... steps ahead.
        counts: the outcomes at each number of steps ahead.
        width: of the picture, in pixels.
        language: "en" or "zh".
    """
    words = words_in(language)
    shown = [share for shares in held.values() for share in shares if math.isfinite(share)]
    low = min([*shown, *held]) - 0.05
    frame = Frame(52, 28, width - 66, 190)
    y = Linear(max(0.0, low), 1.0, frame.bottom, frame.top)
    steps = max(map(len, held.values()))
    x = Linear(0.5, steps + 0.5, frame.left, frame.right)
    ticks = [(value, percent(value)) for value, _ in y.ticks(5) if value <= 1]
    content = [
        text(words("share of outcomes within their interval"), 0, 12, "muted"),
        value_axis(frame, y, ticks),
        bottom_axis(frame, fitting_ticks(x, whole=True), words("steps ahead")),
    ]
    told = []
    for level, shares in held.items():
        content += _level(level, shares, counts, (x, y), frame, words)
        said = words.listed(percent(share) for share in shares if math.isfinite(share))
        told.append(words("{level}: {shares}", level=percent(level), shares=said))
    title = words("How often the intervals held")
    return Picture(
        title, "; ".join(told), width, frame.bottom + 46, tuple(content), language=words.tag
    )


def _level(
    level: float,
    shares: Sequence[float],
    counts: Sequence[int],
    scales: tuple[Linear, Linear],
    frame: Frame,
    words: Words,
) -> list[Element]:
    x, y = scales
    known = [(n + 1, share) for n, share in enumerate(shares) if math.isfinite(share)]
    parts: list[Element] = []
    for step, _ in known:
        apart = _CHANCE * math.sqrt(level * (1 - level) / max(counts[step - 1], 1))
        top, bottom = y(min(1.0, level + apart)), min(y(level - apart), frame.bottom)
        left, right = x(step - 0.5), x(step + 0.5)
        parts.append(rect(left, top, right - left, bottom - top, "shade"))
    parts.append(segment(frame.left, y(level), frame.right, y(level), "cut"))
    parts.append(text(percent(level), frame.right + 8, y(level) + 4, "strong"))
    parts.append(polyline([(x(step), y(share)) for step, share in known], "lstm thick"))
    for step, share in known:
        said = words(
            "step {step}: {share} of {count} outcomes held, {level} wanted",
            step=step,
            share=percent(share),
            count=counts[step - 1],
            level=percent(level),
        )
        parts.append(circle(x(step), y(share), 4, "lstm mark", told=said))
    return parts
