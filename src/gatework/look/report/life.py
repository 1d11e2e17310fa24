"""The report of predicted lives: a table of all units, and a chart for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import show
from gatework.look.canvas.svg import Element
from gatework.look.charts.life import life_chart
from gatework.look.language import ENGLISH
from gatework.look.report.parts import figure, paragraph, report_page, section, table

if TYPE_CHECKING:
    from gatework.life import LifePoint


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
    head = ["unit", "cycle", "cycles left", f"{level:.0%} interval", *(["true"] if real else [])]
    rows: list[list[str | Element]] = []
    for unit in order:
        last = curves[unit][-1]
        interval = f"{show(last.lower)} to {show(last.upper)}"
        rows.append([unit, f"{last.cycle:.0f}", show(last.value), interval])
        rows[-1] += [show(real[unit])] if real else []
    words = (
        f"{len(curves)} units. The line is the predicted number of cycles left, at most {cap:g}; "
        f"the band shall hold {level:.0%} of the outcomes."
    )
    if real:
        words += " The thin line is what was true."
    charts = [
        figure("cycles left, by cycle", life_chart, curves[unit], cap=cap, truth=real.get(unit))
        for unit in order
    ]
    content = [
        paragraph(words),
        section(
            "All units, the shortest life first", table("", head, rows, tall=True), name="units"
        ),
        section("Unit by unit", *charts, name="curves"),
    ]
    return report_page("Remaining useful life", content, ENGLISH)
