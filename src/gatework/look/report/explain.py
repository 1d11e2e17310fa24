"""The report on the inside of a network: findings first, then every picture."""

from __future__ import annotations

from collections.abc import Sequence

from gatework import __version__
from gatework.errors import OptionError
from gatework.examine import Diagnosis, Run, diagnose
from gatework.look.attribution import attribution_chart
from gatework.look.cell import cell_diagram
from gatework.look.gates import gates_chart
from gatework.look.gradients import gradients_chart
from gatework.look.language import Words, words_in
from gatework.look.memory import memory_chart
from gatework.look.report.page import card, page, paragraph, section
from gatework.look.saturation import saturation_chart
from gatework.look.structure import structure_diagram
from gatework.look.svg import Element, Picture
from gatework.look.text_colours import text_chart
from gatework.look.unrolled import unrolled_diagram

MOST_CELLS = 8
"""Units whose cell the report can show, for each layer."""


def explain_report(run: Run, *, language: str = "en") -> str:
    """Return a page that explains what a network does over a sequence.

    The page holds everything it shows and makes no request; its one script shows the values under
    the pointer and what is chosen. Everything that came from the user's data is shown as text.
    """
    words = words_in(language)
    found = diagnose(run)
    layers = range(run.network.num_layers)
    content = [
        paragraph("Gatework", "kicker"),
        Element("h1", words("Inside {title}", title=run.title)),
        _opening(run, found, words),
        section(words("What stands out"), *_findings(found, words)),
        section(words("The network"), _figure(structure_diagram(run, language=language))),
        section(
            words("The network unrolled in time"),
            _figure(unrolled_diagram(run, first=max(0, len(run) - 5), language=language)),
        ),
        section(words("The cell"), *_cells(run, words)),
        section(
            words("Gates over time"),
            *_chosen(
                "layer",
                [words("layer {n}", n=n + 1) for n in layers],
                [gates_chart(run, layer=n, language=language) for n in layers],
                words("layer"),
            ),
        ),
    ]
    if run.text is not None:
        picture = text_chart(run, layer=run.network.num_layers - 1, language=language)
        content.append(section(words("Text coloured by a unit"), _figure(picture)))
    if run.network.file_kind == "lstm":
        content.append(section(words("Memory"), _figure(memory_chart(run, language=language))))
    if not run.network.bidirectional and len(run) > 1:
        content.append(
            section(words("Gradient flow"), _figure(gradients_chart(run, language=language)))
        )
    if run.network.file_kind == "lstm":
        content.append(
            section(words("Saturation"), _figure(saturation_chart(run, language=language)))
        )
    content += [
        section(words("What mattered"), *_attributions(run, words)),
        Element("footer", words("Written by Gatework {version}.", version=__version__)),
    ]
    return page(words("Inside {title}", title=run.title), content, language=language, live=True)


def _opening(run: Run, found: Diagnosis, words: Words) -> Element:
    cards = Element("div", class_="cards")
    sizes = ", ".join(map(str, run.network.hidden_sizes))
    kind = run.network.file_kind.upper()
    cards.add(card(words("network"), kind, f"[{sizes}]"))
    parameters = sum(layer.parameters for layer in run.layers)
    cards.add(card(words("parameters"), f"{parameters:,}", words("trainable numbers")))
    ends = f"{run.labels[0]} – {run.labels[-1]}" if run.text is None else ""
    cards.add(card(words("steps"), f"{len(run):,}", ends))
    count = 0 if found.sound else len(found)
    cards.add(card(words("findings"), str(count), words("see below")))
    return cards


def _findings(found: Diagnosis, words: Words) -> list[Element]:
    listed = Element("ul")
    for finding in found:
        # Values are numbers, and words such as "input gate", which are translated, too.
        values = {
            name: words(value) if name in ("gate", "state") else value
            for name, value in finding.values.items()
        }
        told = words(finding.told, **values)
        if finding.layer is not None:
            told = words("layer {n}", n=finding.layer + 1) + ": " + told
        item = Element("li", told)
        if finding.cure:
            cure = words("Try: {cure}.", cure=words(finding.cure, **values))
            item.add(Element("br"), Element("span", cure, class_="muted"))
        listed.add(item)
    return [listed]


def _cells(run: Run, words: Words) -> list[Element]:
    names: list[str] = []
    pictures: list[Picture] = []
    for layer in range(run.network.num_layers):
        units = min(run.network.hidden_sizes[layer], MOST_CELLS)
        for unit in range(units):
            name = words("layer {n}", n=layer + 1) + ", " + words("unit {n}", n=unit)
            names.append(name)
            pictures.append(cell_diagram(run, layer=layer, unit=unit, language=words.language))
    return _chosen("unit", names, pictures, words("unit"))


def _attributions(run: Run, words: Words) -> list[Element]:
    count = min(run.output.shape[1], 4)
    names = [
        run.results[n] if n < len(run.results) else words("result {n}", n=n) for n in range(count)
    ]
    pictures = [attribution_chart(run, result=n, language=words.language) for n in range(count)]
    return _chosen("result", names, pictures, words("result"))


def _chosen(
    group: str, names: Sequence[str], pictures: Sequence[Picture], label: str
) -> list[Element]:
    """Return pictures of which one shows at a time; without a script all of them do."""
    if len(names) != len(pictures) or not names:
        raise OptionError("every picture needs its name")
    figures = [
        Element("div", _figure(picture), data_when=f"{group}:{at}")
        for at, picture in enumerate(pictures)
    ]
    if len(names) == 1:
        return [_figure(pictures[0])]
    options = [Element("option", name, value=str(at)) for at, name in enumerate(names)]
    select = Element("select", *options, data_choose=group)
    return [
        Element("div", Element("label", label + " ", select), class_="choice", hidden=True),
        *figures,
    ]


def _figure(picture: Picture) -> Element:
    return Element("figure", Element("div", picture.element, class_="scroll"))
