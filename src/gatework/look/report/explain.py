"""The report on the inside of a network: findings first, then every picture."""

from __future__ import annotations

import numpy as np

from gatework import __version__
from gatework.examine import Diagnosis, Run, diagnose
from gatework.look.canvas.page import page
from gatework.look.canvas.svg import Element
from gatework.look.language import Words, words_in
from gatework.look.network.attribution import attribution_chart
from gatework.look.network.gates import gates_chart
from gatework.look.network.gradients import gradients_chart
from gatework.look.network.memory import memory_chart
from gatework.look.network.saturation import saturation_chart
from gatework.look.network.structure import structure_diagram
from gatework.look.network.text_colours import text_chart
from gatework.look.network.unrolled import unrolled_diagram
from gatework.look.report.choice import chosen, scroll_figure
from gatework.look.report.introspection import cells, findings_list
from gatework.look.report.parts import card, paragraph, section

SHORT = 200
"""Texts of more letters are asked about the likeliest next letter alone: that takes long enough."""


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
        section(words("What stands out"), findings_list(found, words)),
        section(words("The network"), scroll_figure(structure_diagram(run, language=language))),
        section(
            words("The network unrolled in time"),
            scroll_figure(unrolled_diagram(run, first=max(0, len(run) - 5), language=language)),
        ),
        section(words("The cell"), *cells(run, words)),
        section(
            words("Gates over time"),
            *chosen(
                "layer",
                [words("layer {n}", n=n + 1) for n in layers],
                [scroll_figure(gates_chart(run, layer=n, language=language)) for n in layers],
                words("layer"),
            ),
        ),
    ]
    if run.text is not None:
        picture = text_chart(run, layer=run.network.num_layers - 1, language=language)
        content.append(section(words("Text coloured by a unit"), scroll_figure(picture)))
    if run.network.file_kind == "lstm":
        content.append(
            section(words("Memory"), scroll_figure(memory_chart(run, language=language)))
        )
    if not run.network.bidirectional and len(run) > 1:
        content.append(
            section(words("Gradient flow"), scroll_figure(gradients_chart(run, language=language)))
        )
    if run.network.file_kind == "lstm":
        content.append(
            section(words("Saturation"), scroll_figure(saturation_chart(run, language=language)))
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


def _attributions(run: Run, words: Words) -> list[Element]:
    shown = list(range(min(run.output.shape[1], 4)))
    if run.text is not None:  # the letters that are likeliest next
        few = 4 if len(run) <= SHORT else 1
        shown = np.argsort(-run.output[-1], kind="stable")[:few].tolist()
    names = [
        words.name(run.results[n]) if n < len(run.results) else words("result {n}", n=n)
        for n in shown
    ]
    parts = [
        scroll_figure(attribution_chart(run, result=n, language=words.language)) for n in shown
    ]
    return chosen("result", names, parts, words("result"))
