"""Predicted life of a unit, cycle by cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import show
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.plot import LINE, Frame, left_room
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.shapes import polyline, text
from gatework.look.charts.zoom import ChartReading, number_axis, part, plot, upward_axis
from gatework.look.language import Words, words_in

if TYPE_CHECKING:
    from gatework.life import LifePoint

HEIGHT = 190.0


def life_chart(
    curve: Sequence[LifePoint],
    *,
    cap: float,
    truth: float | None = None,
    width: float = 920,
    language: str = "en",
) -> Picture:
    """Draw the predicted life of a unit over its cycles, with its interval.

    ``truth`` is the life left after the last cycle; the line of what was true before follows from
    it, capped.
    """
    words, last = words_in(language), curve[-1]
    first_cycle, last_cycle = curve[0].cycle, last.cycle
    top = 2.0 * LINE
    most = max(cap, *(point.upper for point in curve))
    y = Linear.over([0.0, most], HEIGHT - 26, top, least=0.0)
    ticks = y.ticks(5, whole=True)
    frame = Frame(left_room(ticks), top, width - 6, HEIGHT - 26)
    x = Linear(first_cycle - 0.5, max(last_cycle, first_cycle + 1) + 0.5, frame.left, frame.right)
    upper = [(x(point.cycle), y(point.upper)) for point in curve]
    lower = [(x(point.cycle), y(point.lower)) for point in reversed(curve)]
    lines = [
        part("band", polyline([*upper, *lower], "band", closed=True)),
        part("life", polyline(((x(point.cycle), y(point.value)) for point in curve), "lstm thick")),
    ]
    real: dict[float, float] = {}
    if truth is not None:
        real = {p.cycle: min(cap, truth + last_cycle - p.cycle) for p in curve}
        lines.append(part("true", polyline(((x(c), y(v)) for c, v in real.items()), "series")))
    readings = [
        ChartReading(
            x(p.cycle - 0.5), x(p.cycle + 0.5), y(p.value), _told(p, real.get(p.cycle), words)
        )
        for p in curve
    ]
    drawn = plot(
        frame,
        number_axis(frame, x, [(x(c), label) for c, label in x.ticks(6, whole=True)], whole=True),
        upward_axis(frame, y, ticks),
        lines,
        words,
        readings=readings,
    )
    told = {"unit": last.unit, "left": show(last.value)}
    true = "" if truth is None else words(", true {left}", left=show(truth))
    said = words("unit {unit}: {left} cycles left", **told)
    content = (text(said + true, frame.left, 14), drawn)
    description = words(
        "unit {unit}: {left} cycles left after cycle {cycle}, from {low} to {high}",
        cycle=f"{last_cycle:.0f}",
        low=show(last.lower),
        high=show(last.upper),
        **told,
    )
    title = words("Unit {unit}: predicted life", unit=last.unit)
    return Picture(title, description + true, width, HEIGHT, content, language=words.tag)


def _told(point: LifePoint, true: float | None, words: Words) -> str:
    told = words(
        "cycle {cycle}: {left} cycles left, {low} to {high}",
        cycle=f"{point.cycle:g}",
        left=show(point.value),
        low=show(point.lower),
        high=show(point.upper),
    )
    return told if true is None else told + words(", true {left}", left=show(true))
