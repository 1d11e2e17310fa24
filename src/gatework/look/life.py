"""Predicted life, cycle by cycle: a chart for each unit, and the page that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import show
from gatework.look.canvas.plot import LINE, Frame, bottom_axis, left_room, text, value_axis
from gatework.look.canvas.scales import Linear
from gatework.look.canvas.svg import Element, Picture, path_data
from gatework.look.report.page import figure, page, paragraph, section, table

if TYPE_CHECKING:
    from gatework.life import LifePoint

HEIGHT = 190.0


def life_chart(
    curve: Sequence[LifePoint], *, cap: float, truth: float | None = None, width: float = 920
) -> Picture:
    """Draw the predicted life of a unit over its cycles, with its interval.

    ``truth`` is the life left after the last cycle; the line of what was true before follows from
    it, capped.
    """
    last = curve[-1]
    first_cycle, last_cycle = curve[0].cycle, last.cycle
    top = 2.0 * LINE
    most = max(cap, *(point.upper for point in curve))
    y = Linear.over([0.0, most], HEIGHT - 26, top, least=0.0)
    ticks = y.ticks(5, whole=True)
    frame = Frame(left_room(ticks), top, width - 6, HEIGHT - 26)
    x = Linear(first_cycle - 0.5, max(last_cycle, first_cycle + 1) + 0.5, frame.left, frame.right)
    upper = [(x(point.cycle), y(point.upper)) for point in curve]
    lower = [(x(point.cycle), y(point.lower)) for point in reversed(curve)]
    content = [
        value_axis(frame, y, ticks),
        bottom_axis(frame, [(x(cycle), label) for cycle, label in x.ticks(6, whole=True)]),
        Element("path", class_="band", d=path_data([*upper, *lower]) + "Z"),
        Element(
            "path",
            class_="lstm thick",
            d=path_data((x(point.cycle), y(point.value)) for point in curve),
        ),
    ]
    if truth is not None:
        real = [(p.cycle, min(cap, truth + last_cycle - p.cycle)) for p in curve]
        content.append(Element("path", class_="series", d=path_data((x(c), y(v)) for c, v in real)))
    said = f"unit {last.unit}: {show(last.value)} cycles left"
    told = "" if truth is None else f", true {show(truth)}"
    content.append(text(said + told, frame.left, 14))
    description = (
        f"{said} after cycle {last_cycle:.0f}, from {show(last.lower)} to {show(last.upper)}{told}"
    )
    return Picture(f"Unit {last.unit}: predicted life", description, width, HEIGHT, tuple(content))


def life_report(
    curves: Mapping[str, Sequence[LifePoint]],
    *,
    cap: float,
    level: float,
    truth: Sequence[float] | None = None,
) -> str:
    """Return a page with a table of all units and a chart for each, the shortest life first."""
    order = sorted(curves, key=lambda unit: curves[unit][-1].value)
    real = dict(zip(curves, truth, strict=True)) if truth is not None else {}
    head = ["unit", "cycle", "cycles left", f"{level:.0%} interval"]
    rows: list[list[str | Element]] = []
    for unit in order:
        last = curves[unit][-1]
        interval = f"{show(last.lower)} to {show(last.upper)}"
        row: list[str | Element] = [unit, f"{last.cycle:.0f}", show(last.value), interval]
        rows.append([*row, show(real[unit])] if real else row)
    if real:
        head.append("true")
    words = (
        f"{len(curves)} units. The line is the predicted number of cycles left, at most {cap:g}; "
        f"the band shall hold {level:.0%} of the outcomes."
    )
    if real:
        words += " The thin line is what was true."
    charts = [
        figure(
            lambda width, unit=unit: life_chart(
                curves[unit], cap=cap, truth=real.get(unit), width=width
            ),
            "cycles left, by cycle",
        )
        for unit in order
    ]
    title = "Remaining useful life"
    return page(
        title,
        [
            Element("h1", title),
            paragraph(words),
            section("All units, the shortest life first", table(title, head, rows, tall=True)),
            section("Unit by unit", *charts),
        ],
    )
