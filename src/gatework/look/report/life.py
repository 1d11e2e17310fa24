"""The report of predicted lives: a table of all units, and a chart for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import percent, show_all
from gatework.look.charts.life import life_chart
from gatework.look.language import words_in
from gatework.look.report.parts import figure, paragraph, report_page, section, table

if TYPE_CHECKING:
    from gatework.life import LifePoint


def life_report(
    curves: Mapping[str, Sequence[LifePoint]],
    *,
    cap: float,
    level: float,
    truth: Sequence[float] | None = None,
    language: str = "en",
) -> str:
    """Return a page with a table of all units and a chart for each, the shortest life first.

    Raises:
        OptionError: a language without a catalogue.
    """
    words, share = words_in(language), percent(level)
    order = sorted(curves, key=lambda unit: curves[unit][-1].value)
    real = dict(zip(curves, truth, strict=True)) if truth is not None else {}
    head = [words("unit"), words("cycle"), words("cycles left")]
    head += [words("{share} interval", share=share), *([words("true")] if real else [])]
    last = [curves[unit][-1] for unit in order]
    left, low, high = (show_all(getattr(p, of) for p in last) for of in ("value", "lower", "upper"))
    spans = [words("{first} to {last}", first=a, last=b) for a, b in zip(low, high, strict=True)]
    columns = [order, [f"{point.cycle:.0f}" for point in last], left, spans]
    columns += [show_all(real[unit] for unit in order)] if real else []
    said = words(
        "The line is the predicted number of cycles left, at most {cap}; the band shall hold "
        "{share} of the outcomes.",
        cap=f"{cap:g}",
        share=share,
    )
    if real:
        said = words.told(said, words("The thin line is what was true."))
    units = words.many(len(curves), "1 unit", "{count} units") + words(".")
    caption, how = words("cycles left, by cycle"), {"cap": cap, "language": language}
    charts = [
        figure(caption, life_chart, curves[unit], truth=real.get(unit), **how) for unit in order
    ]
    listed = table("", head, zip(*columns, strict=True), tall=True)
    content = [
        paragraph(words.told(units, said)),
        section(words("All units, the shortest life first"), listed, name="units"),
        section(words("Unit by unit"), *charts, name="curves"),
    ]
    return report_page(words("Remaining useful life"), content, words)
