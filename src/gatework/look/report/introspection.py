"""The sections of a report on the inside of a network: findings, gates, cells, memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gatework.examine import order_units
from gatework.look.canvas.picture import Picture
from gatework.look.canvas.svg import Element
from gatework.look.canvas.thinning import evenly
from gatework.look.language import Words, layer_name
from gatework.look.network.cell import cell_diagram
from gatework.look.network.gates import gates_chart
from gatework.look.network.memory import memory_chart
from gatework.look.report.choice import chosen
from gatework.look.report.parts import figure, paragraph, section

if TYPE_CHECKING:
    from gatework.examine import Diagnosis, Finding, Run

MOST_CELLS, _ALL_CELLS = 8, 12
"""Units whose cell a report can show, for each layer and in all."""
_MOST_UNITS = 96
_MOST_EXACT, _MOST_VALUES = 30_000, 60_000
"""Values of all gates that a page holds as they are, and in two bytes each."""
_LEAST_STEPS, _STEPS = 60, 400


def inside_sections(run: Run, words: Words, *, trained: bool = True) -> list[Element]:
    """Return what a forecast report shows of its network over the series.

    What stands out is told of networks that are ``trained`` on it: it comes with what to try.

    The reader chooses the layer whose gates, and the unit whose cell is shown. The gates are shown
    over the last 400 steps.
    """
    first = max(0, len(run) - _STEPS)
    sections = [
        *([_standing_out(run, words)] if trained else []),
        section(words("Gates over time"), *gates_by_layer(run, words, first), name="gates"),
        section(words("The cell, at the last period"), *cells(run, words), name="cell"),
    ]
    if run.kind == "lstm":
        sections.append(section(words("Memory"), drawn(memory_chart, run, words), name="memory"))
    return sections


def _standing_out(run: Run, words: Words) -> Element:
    from gatework.examine import diagnose

    said = words("What stands out in the network as it reads the series:")
    found = findings_list(diagnose(run), words)
    return section(words("Inside the network"), paragraph(said, "muted"), found, name="findings")


def drawn(chart: Callable[..., Picture], run: Run, words: Words, **options: Any) -> Element:
    """Return a picture of a run, drawn for wide screens and for narrow ones."""
    return figure("", chart, run, language=words.language, **options)


def gates_by_layer(run: Run, words: Words, first: int = 0) -> list[Element]:
    """Return the gates of every layer from step ``first`` on; the reader chooses the layer."""
    places = _places(run)
    gates = [_gates(run, *place, first, words) for place in places]
    return chosen("layer", [_called(run, *place, words) for place in places], gates, words("layer"))


def _places(run: Run) -> list[tuple[int, str]]:
    """Return every layer in every direction that it reads in."""
    return [(layer, way) for layer in range(len(run.sizes)) for way in run.directions]


def _called(run: Run, layer: int, direction: str, words: Words) -> str:
    return layer_name(words, layer, direction if run.bidirectional else None)


def _gates(run: Run, layer: int, direction: str, first: int, words: Words) -> Element:
    """Return the gates of a layer, of large ones some units, so that the page stays small."""
    a_step = 6 * sum(min(run.sizes[at], _MOST_UNITS) for at, _ in _places(run))
    values = a_step * (len(run) - first)
    how: dict[str, Any] = {"most": max(_LEAST_STEPS, _MOST_VALUES // a_step)}
    how["exact"] = values <= _MOST_EXACT
    caption = ""
    if (size := run.sizes[layer]) > _MOST_UNITS:
        ordered = order_units(run.signal(layer, "hidden", direction))
        how["units"] = ordered[evenly(len(ordered), _MOST_UNITS)].tolist()
        caption = words(
            "{shown} of {count} units; those that act alike lie together.",
            shown=_MOST_UNITS,
            count=size,
        )
    how |= {"layer": layer, "direction": direction, "first": first, "language": words.language}
    return figure(caption, gates_chart, run, **how)


def findings_list(found: Diagnosis, words: Words) -> Element:
    """Return findings as a list, each with what to try."""
    listed = Element("ul")
    for finding in found:
        told, cure = finding_text(finding, words)
        item = Element("li", told[:1].upper() + told[1:] + words("."))
        if cure:
            said = words("Try: {cure}.", cure=cure)
            item.add(Element("br"), Element("span", said, class_="muted"))
        listed.add(item)
    return listed


def finding_text(finding: Finding, words: Words) -> tuple[str, str]:
    """Return what stands out, and what to try, or "", in the language."""
    # Values are numbers, and words such as "input gate", which are translated, too.
    values = {
        name: words(value) if name in ("gate", "state", "what") else value
        for name, value in finding.values.items()
    }
    if "shown" in values:  # numbers of units, one after another
        values["shown"] = words.listed(str(values["shown"]).split(", "))
    told = words(finding.told, **values)
    if finding.layer is not None:
        told = words.labelled(layer_name(words, finding.layer, finding.direction), told)
    return told, words(finding.cure, **values) if finding.cure else ""


def cells(run: Run, words: Words) -> list[Element]:
    """Return the cell of the first units of every layer, of which the reader chooses one."""
    names: list[str] = []
    parts: list[Element] = []
    places = _places(run)
    for layer, direction in places:
        most = min(run.sizes[layer], MOST_CELLS, max(1, _ALL_CELLS // len(places)))
        for unit in range(most):
            name = _called(run, layer, direction, words)
            names.append(words("{one}, {other}", one=name, other=words("unit {n}", n=unit)))
            where = {"layer": layer, "direction": direction, "unit": unit}
            parts.append(drawn(cell_diagram, run, words, **where))
    return chosen("unit", names, parts, words("unit"))
