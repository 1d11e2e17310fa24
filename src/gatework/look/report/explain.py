"""The report on the inside of a network: findings first, then every picture."""

from __future__ import annotations

import numpy as np

from gatework.examine import Diagnosis, Run, diagnose
from gatework.look.canvas.svg import Element
from gatework.look.language import Words, words_in
from gatework.look.network.attribution import attribution_chart
from gatework.look.network.gradients import gradients_chart
from gatework.look.network.memory import memory_chart
from gatework.look.network.saturation import saturation_chart
from gatework.look.network.structure import structure_diagram
from gatework.look.network.text_colours import text_chart
from gatework.look.network.unrolled import unrolled_diagram
from gatework.look.report.choice import chosen
from gatework.look.report.introspection import cells, drawn, findings_list, gates_by_layer
from gatework.look.report.parts import cards, report_page, section

SHORT = 200
"""Texts of more letters are asked about the likeliest next letter alone: that takes long enough."""


def explain_report(run: Run, *, language: str = "en") -> str:
    """Return a page that explains what a network does over a sequence.

    The page holds everything it shows and makes no request; its one script shows the values under
    the pointer and what is chosen. Everything that came from the user's data is shown as text.
    """
    words = words_in(language)
    found = diagnose(run)
    content = [
        _opening(run, found, words),
        section(words("What stands out"), findings_list(found, words), name="findings"),
        section(
            words("The network"),
            drawn(structure_diagram, run, words),
            name="network",
        ),
        section(
            words("Unrolled in time"),
            drawn(unrolled_diagram, run, words, first=-1),
            name="unrolled",
        ),
        section(words("The cell"), *cells(run, words), name="cell"),
        section(words("Gates over time"), *gates_by_layer(run, words), name="gates"),
    ]
    if run.text is not None:
        picture = drawn(text_chart, run, words, layer=len(run.sizes) - 1)
        content.append(section(words("Text coloured by a unit"), picture, name="text"))
    if run.kind == "lstm":
        content.append(section(words("Memory"), drawn(memory_chart, run, words), name="memory"))
    if not run.bidirectional and len(run) > 1:
        content.append(
            section(words("Gradient flow"), drawn(gradients_chart, run, words), name="gradients")
        )
    if run.kind == "lstm":
        content.append(
            section(words("Saturation"), drawn(saturation_chart, run, words), name="saturation")
        )
    content.append(section(words("Attribution"), *_attributions(run, words), name="attribution"))
    return report_page(words("Inside {title}", title=words.name(run.title)), content, words)


def _opening(run: Run, found: Diagnosis, words: Words) -> Element:
    sizes = ", ".join(map(str, run.sizes))
    parameters = sum(layer.parameters for layer in run.layers)
    ends = f"{run.labels[0]} – {run.labels[-1]}" if run.text is None else ""
    count = 0 if found.sound else len(found)
    return cards(
        (words("network"), run.kind.upper(), f"[{sizes}]"),
        (words("parameters"), f"{parameters:,}", words("trainable numbers")),
        (words("steps"), f"{len(run):,}", ends),
        (words("findings"), str(count), words("see below")),
    )


def _attributions(run: Run, words: Words) -> list[Element]:
    shown = list(range(min(run.output.shape[1], 4)))
    if run.text is not None:  # the letters that are likeliest next
        few = 4 if len(run) <= SHORT else 1
        shown = np.argsort(-run.output[-1], kind="stable")[:few].tolist()
    names = [
        words.name(run.results[n]) if n < len(run.results) else words("result {n}", n=n)
        for n in shown
    ]
    parts = [drawn(attribution_chart, run, words, result=n) for n in shown]
    return chosen("result", names, parts, words("result"))
