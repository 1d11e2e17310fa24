"""The report of predicted lives: a table of all units, and a chart for each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gatework.look.canvas.numerals import percent, show, show_all
from gatework.look.charts.life import life_chart
from gatework.look.language import Words, words_in
from gatework.look.report.parts import figure, paragraph, report_page, section, table

if TYPE_CHECKING:
    from gatework.life import HeldOut, LifePoint


def life_report(
    curves: Mapping[str, Sequence[LifePoint]],
    *,
    cap: float,
    level: float,
    truth: Sequence[float] | None = None,
    held_out: HeldOut | None = None,
    language: str = "en",
) -> str:
    """Return a page with a table of all units and a chart for each, the shortest life first.

    Args:
        curves: predicted lives of each unit.
        cap: as of the estimator.
        level: as of the estimator.
        truth: lives left, in the order of the units.
        held_out: how far off predictions were on units that networks had not seen.
        language: of all that is said.

    Raises:
        OptionError: a language without a catalogue.
    """
    words, share = words_in(language), percent(level)
    order = sorted(curves, key=lambda unit: curves[unit][-1].value)
    real = dict(zip(curves, truth, strict=True)) if truth is not None else {}
    last = [curves[unit][-1] for unit in order]
    rows = _rows(last, words)
    said = words(
        "The line is the predicted number of cycles left, by cycle, at most {cap}; the band shall "
        "hold {share} of the outcomes.",
        cap=f"{cap:g}",
        share=share,
    )
    if real:
        said = words.told(said, words("The thin line is what was true."))
    how = {"cap": cap, "language": language}
    charts = [figure("", life_chart, curves[unit], truth=real.get(unit), **how) for unit in order]
    head = [words("unit"), words("cycle"), words("cycles left")]
    head += [words("{share} interval", share=share), *([words("true")] if real else [])]
    true = show_all(real[unit] for unit in order) if real else [None] * len(order)
    cells = [[*row, *filter(None, [end])] for row, end in zip(rows, true, strict=True)]
    listed = table("", head, cells, tall=True)
    content = [
        paragraph(_shortest(rows, share, words), "lead"),
        paragraph(_scored(last, [real[unit] for unit in order], cap, words)) if real else None,
        None if held_out is None else paragraph(_judged(held_out, words)),
        section(words("All units, the shortest life first"), listed, name="units"),
        section(words("Unit by unit"), paragraph(said, "muted"), *charts, name="curves"),
    ]
    return report_page(words("Remaining useful life"), content, words)


def _rows(last: Sequence[LifePoint], words: Words) -> list[list[str]]:
    """Return the unit, the cycle, the cycles left and their interval, of each unit."""
    left, low, high = (show_all(getattr(p, of) for p in last) for of in ("value", "lower", "upper"))
    spans = [words("{first} to {last}", first=a, last=b) for a, b in zip(low, high, strict=True)]
    cells = zip(last, left, spans, strict=True)
    return [[point.unit, f"{point.cycle:g}", value, span] for point, value, span in cells]


def _shortest(rows: Sequence[Sequence[str]], share: str, words: Words) -> str:
    """Return how many units there are, and which of them has the shortest life left."""
    unit, cycle, left, span = rows[0]
    told = {"unit": unit, "cycle": cycle, "left": left, "share": share, "span": span}
    shortest = words(
        "Unit {unit} has the shortest life left: about {left} cycles after cycle {cycle} "
        "({share} interval {span}).",
        **told,
    )
    return words.told(words.many(len(rows), "1 unit", "{count} units") + words("."), shortest)


def _scored(last: Sequence[LifePoint], truth: Sequence[float], cap: float, words: Words) -> str:
    """Return how far the predictions are from what was true, where the cap holds that, too."""
    actual = [min(true, cap) for true in truth]
    apart = [point.value - true for point, true in zip(last, actual, strict=True)]
    said = words(
        "RMSE {error} cycles; {held} of {count} true lives lie within their interval.",
        error=show(math.sqrt(math.fsum(one * one for one in apart) / len(apart))),
        held=sum(p.lower <= true <= p.upper for p, true in zip(last, actual, strict=True)),
        count=len(truth),
    )
    if max(truth) > cap:
        said = words.told(
            said, words("Lives over the cap count as the cap, {cap}.", cap=f"{cap:g}")
        )
    return said


def _judged(held_out: HeldOut, words: Words) -> str:
    """Return how far off the networks were on units held out, beside a simple model."""
    name, other = held_out.simple
    told = {"error": show(held_out.rmse), "name": words(name), "other": show(other)}
    said = words.many(
        held_out.units,
        "On 1 unit that the networks had not seen, the RMSE after all its cycles was {error} "
        "cycles; {name} came to {other}.",
        "On {count} units that the networks had not seen, the RMSE after all their cycles was "
        "{error} cycles; {name} came to {other}.",
        **told,
    )
    if held_out.winner == "alike":
        return words.told(said, words("It is about as good as the network here."))
    if held_out.winner == "simple":
        return words.told(said, words("It is better than the network here."))
    return said
